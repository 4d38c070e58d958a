/** `sync-elements/database/dexie`: rows in the tables of a Dexie database of your own, one record a row. */
import type {Dexie, Table} from 'dexie';
import {type Change, type DatabaseCheckpoint, type JsonObject, type Query, SyncError} from '../../protocol/protocol.js';
import type {Database, DatabaseRow, DatabaseTransaction} from '../own.js';

export interface DexieOptions {
  /**
   * Tables that hold synced rows, and nothing else: each under the name of its entity type, or a map from type to table. A
   * table's key is outbound (`''`), or a column that holds the entity's id as text.
   */
  tables: readonly string[] | Readonly<Record<string, string>>;
  /** A table with an outbound key (`''`) for the checkpoint. Default `syncCheckpoint`. */
  checkpoint?: string;
}

/** The only key of the checkpoint's table. */
const KEY = 'checkpoint';

/** What a chunk of changes makes of a row: a whole one, columns of one, or nothing. */
type Outcome = {row: object} | {columns: object} | 'gone';

/**
 * @param db a Dexie database with the tables declared; it need not be open yet
 * @throws SyncError `invalid-options` where a table is not declared
 */
export function dexieDatabase(db: Dexie, {tables, checkpoint = 'syncCheckpoint'}: DexieOptions): Database {
  const names = Array.isArray(tables) ? tables.map(name => [name, name]) : Object.entries(tables);
  const declared = new Map(db.tables.map(table => [table.name, table]));
  const tableOf = (name: string): Table => {
    const table = declared.get(name);
    if (table) return table;
    throw new SyncError('invalid-options', `Declare the table '${name}' in the stores of '${db.name}'`);
  };
  const types = new Map<string, Table>(names.map(([type = '', name = '']) => [type, tableOf(name)]));
  const marks = tableOf(checkpoint);
  const all = [...types.values(), marks];
  const of = (type: string): Table => {
    const table = types.get(type);
    if (table) return table;
    throw new SyncError(
      'database-failed',
      `There is no table for rows of the type '${type}'; name it, or do not ask for them`,
    );
  };
  const tx: DatabaseTransaction = {
    upsertEntity: (entityType, entityId, data, _timestamp, partial = false) =>
      write(of(entityType), [{type: 'update', entityType, entityId, data: data as JsonObject, partial}]),
    deleteEntity: (entityType, entityId) => write(of(entityType), [{type: 'delete', entityType, entityId}]),
    async applyChanges(changes) {
      for (const [type, some] of byType(changes)) await write(of(type), some);
    },
    readCheckpoint: () => marks.get(KEY) as PromiseLike<DatabaseCheckpoint | undefined> as Promise<never>,
    writeCheckpoint: async written => void (await marks.put(written, KEY)),
  };
  // With `!` never as a part of a transaction that the caller is in; and the scope must be an async function itself: by
  // that Dexie knows that the transaction is to live through what is awaited in it.
  return {
    name: db.name,
    transaction: async run => await db.transaction('rw!', all, async () => await run(tx)),
    clear: async () => {
      await db.transaction('rw!', all, async () => void (await Promise.all(all.map(table => table.clear()))));
    },
    get: async (type, id) => await db.transaction('r!', of(type), async () => await of(type).get(id)),
    list: async (type, query) => await read(db, of(type), query),
  };
}

function byType(changes: readonly Change[]): Map<string, Change[]> {
  const types = new Map<string, Change[]>();
  for (const change of changes) {
    const some = types.get(change.entityType);
    if (some) some.push(change);
    else types.set(change.entityType, [change]);
  }
  return types;
}

/** Three requests at the most, however many changes there are and however often they are of the same row. */
async function write(table: Table, changes: readonly Change[]): Promise<void> {
  const outcomes = new Map<string, Outcome>();
  for (const {type, entityId, data = {}, partial} of changes) {
    outcomes.set(entityId, type === 'delete' ? 'gone' : partial ? merged(outcomes.get(entityId), data) : {row: data});
  }
  const ids = (test: (outcome: Outcome) => boolean) =>
    [...outcomes].flatMap(([id, outcome]) => (test(outcome) ? [id] : []));
  const torn = ids(outcome => outcome !== 'gone' && 'columns' in outcome);
  const bases = torn.length > 0 ? await table.bulkGet(torn) : [];
  torn.forEach((id, index) => {
    const outcome = outcomes.get(id);
    if (outcome && outcome !== 'gone' && 'columns' in outcome)
      outcomes.set(id, {row: {...bases[index], ...outcome.columns}});
  });
  const kept = [...outcomes].flatMap(([id, outcome]) =>
    outcome !== 'gone' && 'row' in outcome ? [{id, row: outcome.row}] : [],
  );
  await put(table, kept);
  const gone = ids(outcome => outcome === 'gone');
  if (gone.length > 0) await table.bulkDelete(gone);
}

function merged(before: Outcome | undefined, columns: object): Outcome {
  if (before === undefined) return {columns};
  if (before === 'gone') return {row: columns};
  return 'row' in before ? {row: {...before.row, ...columns}} : {columns: {...before.columns, ...columns}};
}

async function put(table: Table, rows: readonly {id: string; row: object}[]): Promise<void> {
  if (rows.length === 0) return;
  const {keyPath} = table.schema.primKey;
  const list = rows.map(({row}) => row);
  if (!keyPath)
    return void (await table.bulkPut(
      list,
      rows.map(({id}) => id),
    ));
  const odd = rows.find(({id, row}) => typeof keyPath !== 'string' || (row as JsonObject)[keyPath] !== id);
  if (odd) {
    const how = "declare it with an outbound key ('')";
    throw new SyncError(
      'database-failed',
      `The key of the table '${table.name}' is not the entity's id as text: ${how}`,
    );
  }
  await table.bulkPut(list);
}

/** By an index where the query names the value of an indexed column; the rest is sorted out by who asked. */
function read(db: Dexie, table: Table, {where = {}}: Pick<Query, 'where'>): PromiseLike<DatabaseRow[]> {
  const indexed = Object.entries(where).find(
    ([column, value]) => (typeof value === 'string' || typeof value === 'number') && table.schema.idxByName[column],
  );
  const [column, value] = indexed ?? [];
  const some = () =>
    column === undefined ? table.toCollection() : table.where(column).equals(value as string | number);
  return db.transaction('r!', table, async () => {
    const ids = await some().primaryKeys();
    const rows = await some().toArray();
    return ids.map((id, index) => ({id: String(id), data: rows[index] as object}));
  });
}
