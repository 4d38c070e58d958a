/** The shipped databases, held to the kit that users hold theirs to. */
import type {Dexie as DexieType} from 'dexie';
import {Dexie} from '../../../test/helpers/dexie.js';
import {freshName} from '../../../test/helpers/storage.js';
import {databaseConformance} from '../../../testing/database-conformance.js';
import {dexieDatabase} from './dexie.js';
import {memoryDatabase} from './memory.js';

const opened: DexieType[] = [];

function dexieWith(stores: Record<string, string>): DexieType {
  const db = new Dexie(freshName('dexie'));
  db.version(1).stores({...stores, syncCheckpoint: ''});
  opened.push(db);
  return db;
}

const KINDS = {
  'the database in memory': () => memoryDatabase(),
  'Dexie with keys outside': () =>
    dexieDatabase(dexieWith({task: ', title, rank', note: ''}), {tables: ['task', 'note']}),
  'Dexie with keys inside': () =>
    dexieDatabase(dexieWith({tasks: 'id, rank', notes: 'id'}), {tables: {task: 'tasks', note: 'notes'}}),
};

for (const [kind, make] of Object.entries(KINDS)) {
  describe(kind, () => {
    afterEach(async () => {
      for (const db of opened.splice(0)) await db.delete();
    });
    for (const {name, run} of databaseConformance('it', make)) it(name, run);
  });
}
