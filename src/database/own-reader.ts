/** Reads a database of the user's own for the engine, in the page: as much of the rows as a query asks for crosses over. */
import {type DatabaseRequest, type DatabaseRows, type JsonObject, SyncError} from '../protocol/protocol.js';
import type {Database} from './own.js';
import type {RowQuery} from './query.js';
import {Selection} from './selection.js';

type Asked<Do extends DatabaseRequest['do']> = Extract<DatabaseRequest, {do: Do}>;

/** @throws SyncError `no-reader` */
export async function readRow(database: Database, {type, id}: Asked<'get'>): Promise<object | undefined> {
  if (!database.get) throw noReader('get');
  return database.get(type, id);
}

/** @throws SyncError `no-reader`, `invalid-query` */
export async function readRows(database: Database, {type, query, after, also}: Asked<'list'>): Promise<DatabaseRows> {
  if (!database.list) throw noReader('list');
  const {limit: _, ...wanted} = query as RowQuery;
  const selection = new Selection(query, after);
  for (const {id, data} of await database.list(type, wanted as object)) selection.add(id, data as JsonObject);
  return {
    selected: selection.entries().map(({id, row}) => ({id, row})),
    also: also.length === 0 ? [] : await rowsOf(database, type, also),
  };
}

async function rowsOf(database: Database, type: string, ids: readonly string[]): Promise<DatabaseRows['also']> {
  const found: {id: string; data: object | undefined}[] = [];
  if (database.get) for (const id of ids) found.push({id, data: await database.get(type, id)});
  else found.push(...((await database.list?.(type, {})) ?? []));
  const wanted = new Set(ids);
  return found.flatMap(({id, data}) => (data && wanted.has(id) ? [{id, row: data as JsonObject}] : []));
}

export function noClear(): SyncError {
  return new SyncError('no-clear', 'The database holds rows that must go, and has no method `clear` to remove them');
}

function noReader(method: string): SyncError {
  return new SyncError('no-reader', `The database has no method \`${method}\`: ask it for its rows yourself`);
}
