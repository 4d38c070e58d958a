/** The databases of docs/database.md, held to the kit: a reader may copy them. */
import type {PGlite as PGliteType} from '@electric-sql/pglite';
import type {IDBPDatabase} from 'idb';
import {idbDatabase} from '../../../test/examples/idb-database.js';
import {pgliteDatabase} from '../../../test/examples/pglite-database.js';
import {freshName} from '../../../test/helpers/storage.js';
import {databaseConformance} from '../../../testing/database-conformance.js';

describe('idb, as in the docs', () => {
  const opened: IDBPDatabase[] = [];
  afterEach(() => {
    for (const db of opened.splice(0)) {
      db.close();
      indexedDB.deleteDatabase(db.name);
    }
  });
  const make = async () => {
    const database = await idbDatabase(freshName('idb'));
    opened.push(database.db);
    return database;
  };
  for (const {name, run} of databaseConformance('it', make)) it(name, run);
});

describe('PGlite in the page, as in the docs', function () {
  this.timeout(60_000);
  // It fetches its WebAssembly from where it lies.
  const address = '/node_modules/@electric-sql/pglite/dist/index.js';
  let pg: PGliteType;
  before(async () => {
    const {PGlite} = (await import(address)) as typeof import('@electric-sql/pglite');
    pg = await PGlite.create();
  });
  after(() => pg.close());
  const make = async () => {
    await pg.exec('DROP TABLE IF EXISTS task, note, sync_checkpoint');
    return pgliteDatabase(pg);
  };
  for (const {name, run} of databaseConformance('it', make)) it(name, run);
});
