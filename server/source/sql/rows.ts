/** Reading published rows: one page of a snapshot, a count, one row. Every query is short: an open one stops PGlite. */
import {type JsonObject, SyncError} from '../../../src/protocol/protocol.js';
import type {Filter, Page, PageRequest} from '../change-source.js';
import {decodeKey, wireSafe} from '../encode.js';
import {ident, type Queryable} from './sql.js';
import {columnSql, idSql, keyEqualsSql, keyParameter, type PgTable, rowSql} from './table.js';

export async function readPage(sql: Queryable, table: PgTable, request: PageRequest): Promise<Page> {
  const params: unknown[] = [];
  const conditions: string[] = [];
  if (request.after !== undefined) {
    const parts = decodeKey(request.after, table.key.length);
    if (!parts) throw new SyncError('invalid-cursor', 'Not a key of this table');
    const columns = table.key.map(column => `t.${ident(column)}`);
    const values = parts.map((part, index) => keyParameter(table, index, params.push(part)));
    conditions.push(`(${columns.join(', ')}) > (${values.join(', ')})`);
  }
  conditions.push(...filterSql(table, request.filters, params));
  const order = table.key.map(column => `t.${ident(column)}`).join(', ');
  const {rows} = await sql.query<[page: string | null]>(
    `SELECT string_agg(to_json(id)::text || E'\\x1f' || row, E'\\x1e') FROM (
       SELECT ${idSql(table, 't')} AS id, ${rowSql(table, 't')} AS row FROM ${table.sql} t ${where(conditions)}
       ORDER BY ${order} LIMIT ${Math.max(1, Math.trunc(request.limit))}) AS page`,
    params,
    {rowMode: 'array'},
  );
  const found = splitPage(rows[0]?.[0] ?? '');
  return {
    rows: table.freeForm ? found.map(({id, row}) => ({id, row: wireSafe(row)})) : found,
    done: found.length < request.limit,
  };
}

/**
 * A page comes as one text, a line a row: taking 171,075 rows apart in PGlite's protocol parser cost half of all the
 * time. JSON text holds no control characters but white space, so two of the others part ids, rows and lines.
 */
function splitPage(page: string): {id: string; row: string}[] {
  if (page === '') return [];
  return page.split('\x1e').map(line => {
    const tab = line.indexOf('\x1f');
    const id = line.slice(0, tab);
    return {id: id.includes('\\') ? String(JSON.parse(id)) : id.slice(1, -1), row: line.slice(tab + 1)};
  });
}

export async function countRows(sql: Queryable, table: PgTable, filters: readonly Filter[]): Promise<number> {
  const params: unknown[] = [];
  const conditions = filterSql(table, filters, params);
  const {rows} = await sql.query<{count: string}>(
    `SELECT count(*)::text AS count FROM ${table.sql} t ${where(conditions)}`,
    params,
  );
  return Number(rows[0]?.count ?? 0);
}

export async function readRow(sql: Queryable, table: PgTable, id: string): Promise<JsonObject | undefined> {
  const parts = decodeKey(id, table.key.length);
  if (!parts) return undefined;
  const {rows} = await sql.query<{row: string}>(
    `SELECT ${rowSql(table, 't')} AS row FROM ${table.sql} t WHERE ${keyEqualsSql(table, 't', 1)}`,
    parts,
  );
  const [found] = rows;
  return found && (JSON.parse(table.freeForm ? wireSafe(found.row) : found.row) as JsonObject);
}

/** Any of the filters, each all of its columns; compared as `matches` in encode.ts compares. */
function filterSql(table: PgTable, filters: readonly Filter[], params: unknown[]): string[] {
  if (filters.length === 0) return [];
  const any = filters.map(filter => {
    const all = filter.map(([name, value]) => {
      const column = table.published.find(candidate => candidate.name === name);
      if (!column) return 'false';
      const json = columnSql(column, 't');
      return value === null ? `${json} IS NULL` : `to_json(${json}) #>> '{}' = $${params.push(String(value))}::text`;
    });
    return all.length ? `(${all.join(' AND ')})` : 'true';
  });
  return [`(${any.join(' OR ')})`];
}

function where(conditions: readonly string[]): string {
  return conditions.length ? `WHERE ${conditions.join(' AND ')}` : '';
}
