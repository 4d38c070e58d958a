/** Leaders of a database of the user's own, each with a page's desk, on one database and one storage. */
import type {ClientStore, Commits} from '../../src/database/database.js';
import {Journal} from '../../src/database/journal.js';
import type {Database} from '../../src/database/own.js';
import {OwnDesk} from '../../src/database/own-desk.js';
import {type AskDatabase, OwnJournal} from '../../src/database/own-journal.js';
import {OwnRows} from '../../src/database/own-rows.js';
import {browserLocks} from '../../src/platform/browser-locks.js';
import type {StorageDatabase} from '../../src/platform/storage.js';
import {type DatabaseAnswer, SyncError} from '../../src/protocol/protocol.js';

export interface OwnTab {
  journal: Commits;
  rows: OwnRows;
  /** Its engine is over. A page does this when it is told that it will be frozen, and not when it stands still. */
  close(): void;
  progress: number;
}

/** Of each database, the client that has filled it. */
const holders = new WeakMap<StorageDatabase<ClientStore>, string>();

/** Of what is kept beside a database. */
export function place(storage: StorageDatabase<ClientStore>): string {
  const known = places.get(storage) ?? crypto.randomUUID();
  places.set(storage, known);
  return known;
}

const places = new WeakMap<StorageDatabase<ClientStore>, string>();

/** @param held characters of a transaction in parts that the desk holds back */
export function ownTab(
  database: Database,
  storage: StorageDatabase<ClientStore>,
  instance: string,
  held?: number,
): OwnTab {
  let asks = 0;
  const waiting = new Map<number, (answer: DatabaseAnswer) => void>();
  const post = (answer: DatabaseAnswer) => waiting.get(answer.ask)?.(structuredClone(answer));
  const desk = new OwnDesk(database, browserLocks, post, held);
  const ask: AskDatabase = (request, progressed) => {
    const number = ++asks;
    return new Promise((resolve, reject) => {
      waiting.set(number, answer => {
        if (answer.progress) return progressed?.();
        if ('error' in answer) reject(SyncError.fromRecord(answer.error));
        else resolve(answer.answer);
      });
      void desk.hear({kind: 'database', ask: number, request: structuredClone(request)});
    });
  };
  const holding = {
    place: place(storage),
    isOurs: async () => holders.get(storage) === instance,
    take: async () => void holders.set(storage, instance),
  };
  const journal = new OwnJournal(new Journal(storage), instance, ask, holding);
  const tab: OwnTab = {journal, rows: new OwnRows(storage, instance, ask), close: () => desk.close(), progress: 0};
  journal.progressed = () => tab.progress++;
  return tab;
}

/** What a database is asked for, one by one: `before` may throw, or never return. */
export function watched(database: Database, before: (what: string) => Promise<void> | void): Database {
  return {
    ...(database.name === undefined ? {} : {name: database.name}),
    clear: async () => {
      await before('clear');
      await database.clear?.();
      await before('cleared');
    },
    get: async (type, id) => database.get?.(type, id),
    list: async (type, query) => database.list?.(type, query) ?? [],
    transaction: async run => {
      await before('begin');
      const result = await database.transaction(async tx => {
        const result = await run({
          async upsertEntity(...given) {
            await before('apply');
            await tx.upsertEntity(...given);
          },
          deleteEntity: (...given) => tx.deleteEntity(...given),
          async applyChanges(changes) {
            await before('apply');
            await tx.applyChanges?.(changes);
          },
          readCheckpoint: async () => tx.readCheckpoint?.(),
          writeCheckpoint: async checkpoint => tx.writeCheckpoint?.(checkpoint),
        });
        await before('commit');
        return result;
      });
      await before('committed');
      return result;
    },
  };
}

/** Only what every database must have. */
export function withoutCheckpoint(database: Database): Database {
  return {
    clear: async () => database.clear?.(),
    transaction: run =>
      database.transaction(tx =>
        run({
          upsertEntity: (...given) => tx.upsertEntity(...given),
          deleteEntity: (...given) => tx.deleteEntity(...given),
        }),
      ),
  };
}

export async function rowsIn(database: Database, type = 'task'): Promise<Record<string, object>> {
  const rows = (await database.list?.(type, {})) ?? [];
  return Object.fromEntries(
    rows.map(({id, data}): [string, object] => [id, data]).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
