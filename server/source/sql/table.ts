/** A published table: what the catalog says of it, and the SQL expressions for its rows and keys made from that. */
import {SyncError} from '../../../src/protocol/protocol.js';
import type {SourceTable} from '../change-source.js';
import type {Publication, TablePublication} from '../publication.js';
import {ident, type Queryable} from './sql.js';

interface CatalogColumn {
  name: string;
  /** As it is declared, for casts: `numeric(10,2)`. */
  type: string;
  /** The type under any domains, by its internal name: `int8`, `_numeric` for an array. */
  base: string;
  /** The database makes the value itself. */
  generated: boolean;
  /** Of an extension's type: where it and its operators are. */
  schema: string | null;
}

export interface PgTable extends SourceTable {
  readonly oid: string;
  /** Schema-qualified and quoted. */
  readonly sql: string;
  readonly keyTypes: readonly string[];
  /** Schemas in which the key's types have to be looked for, besides the catalog. */
  readonly keySchemas: readonly string[];
  /** Published columns in table order. */
  readonly published: readonly CatalogColumn[];
  readonly types: ReadonlyMap<string, string>;
  /** May hold free-form JSON: its rows are looked through before they travel. */
  readonly freeForm: boolean;
  /** What, when it changes, makes older checkpoints worthless. */
  readonly shape: string;
}

/** Types whose JSON never holds a number too large or a nesting too deep; arrays and everything else may. */
const PLAIN = new Set(
  'int2 int4 int8 numeric float4 float8 bool text varchar bpchar char name citext uuid date time timetz timestamp timestamptz interval bytea inet cidr macaddr money bit varbit oid _int8 _numeric _text _varchar _int4 _int2 _bool _uuid'.split(
    ' ',
  ),
);

const COLUMNS = `
WITH RECURSIVE base AS (
  SELECT oid AS type, oid AS base, typbasetype FROM pg_type
  UNION ALL SELECT base.type, t.oid, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.typbasetype
)
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typname AS base,
  (a.attgenerated <> '' OR a.attidentity = 'a') AS generated,
  (SELECT n.nspname FROM pg_namespace n WHERE n.oid = t.typnamespace AND t.typtype = 'b' AND n.nspname <> 'pg_catalog') AS schema
FROM pg_attribute a
JOIN base ON base.type = a.atttypid AND base.typbasetype = 0
JOIN pg_type t ON t.oid = base.base
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`;

/** @throws SyncError `unknown-table`, `unsupported-table`, `no-primary-key`, `unknown-column` */
export async function describeTables(sql: Queryable, publication: Publication): Promise<Map<string, PgTable>> {
  const tables = new Map<string, PgTable>();
  for (const [name, published] of publication) {
    tables.set(name, await describeTable(sql, name, published));
  }
  return tables;
}

async function describeTable(sql: Queryable, name: string, published: Required<TablePublication>): Promise<PgTable> {
  const found = await sql.query<{oid: string; kind: string; heirs: boolean; hidden: boolean}>(
    `SELECT c.oid::text AS oid, c.relkind::text AS kind, (c.relhassubclass OR c.relispartition) AS heirs,
       row_security_active(c.oid) AS hidden
     FROM pg_class c WHERE c.relname = $1 AND c.relnamespace = 'public'::regnamespace`,
    [name],
  );
  const table = found.rows[0];
  if (!table) throw new SyncError('unknown-table', `There is no table '${name}' in the schema 'public'`);
  // Statement triggers of a parent don't see what is written to its children directly: rows would go missing silently.
  if (table.kind !== 'r' || table.heirs) {
    throw new SyncError('unsupported-table', `'${name}' is not an ordinary table (a view, or it has partitions)`);
  }
  if (table.hidden) {
    throw new SyncError('unsupported-table', `Row security hides rows of '${name}' from this server's own role`);
  }
  const key = await sql.query<{name: string}>(
    `SELECT a.attname AS name FROM pg_index i
     JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k(num, place) ON true
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
     WHERE i.indrelid = $1::oid AND i.indisprimary ORDER BY k.place`,
    [table.oid],
  );
  const keys = key.rows.map(row => row.name);
  if (keys.length === 0) {
    throw new SyncError('no-primary-key', `'${name}' has no primary key: its rows can't be told apart`);
  }
  const all = (await sql.query<CatalogColumn>(COLUMNS, [table.oid])).rows;
  const {columns, writable, deletable} = published;
  for (const column of [...(columns === 'all' ? [] : columns), ...(Array.isArray(writable) ? writable : [])]) {
    if (!all.some(known => known.name === column)) {
      throw new SyncError('unknown-column', `'${name}' has no column '${column}'`);
    }
  }
  const visible = all.filter(
    ({name: column}) => columns === 'all' || columns.includes(column) || keys.includes(column),
  );
  const types = new Map(all.map(column => [column.name, column.type]));
  return {
    name,
    oid: table.oid,
    sql: `public.${ident(name)}`,
    key: keys,
    keyTypes: keys.map(column => types.get(column) ?? 'text'),
    keySchemas: [...new Set(visible.flatMap(({name: column, schema}) => (keys.includes(column) && schema) || []))],
    columns: new Set(visible.map(column => column.name)),
    published: visible,
    writable: new Set(
      visible
        .filter(column => !column.generated && (writable === 'all' || (writable || undefined)?.includes(column.name)))
        .map(column => column.name),
    ),
    deletable,
    types,
    freeForm: visible.some(column => !PLAIN.has(column.base)),
    shape: JSON.stringify([table.oid, name, keys, visible.map(column => [column.name, column.type])]),
  };
}

/** SQL for one column as the JSON value that travels: int8 and numeric as strings, bytea as base64 on one line. */
export function columnSql(column: CatalogColumn, record: string): string {
  const value = `${record}.${ident(column.name)}`;
  switch (column.base) {
    case 'int8':
    case 'numeric':
      return `${value}::text`;
    case '_int8':
    case '_numeric':
      return `${value}::text[]`;
    case 'bytea':
      return `translate(encode(${value}, 'base64'), E'\\n', '')`;
    default:
      return value;
  }
}

/** SQL for a row as JSON text, compact and in column order. */
export function rowSql(table: PgTable, record: string): string {
  const columns = table.published.map(column => `${columnSql(column, record)} AS ${ident(column.name)}`);
  return `(SELECT row_to_json(sync_row)::text FROM (SELECT ${columns.join(', ')}) AS sync_row)`;
}

/** SQL for a row's entity id, spelled exactly as `encodeKey` spells it. */
export function idSql(table: PgTable, record: string): string {
  const parts = table.key.map(column => `${record}.${ident(column)}::text`);
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  return `'[' || ${parts.map(part => `to_json(${part})::text`).join(` || ',' || `)} || ']'`;
}

/** SQL that compares a row's key with parameters, given as text, from `$first` on. */
export function keyEqualsSql(table: PgTable, record: string, first: number): string {
  return table.key
    .map((column, index) => `${record}.${ident(column)} = ${keyParameter(table, index, first + index)}`)
    .join(' AND ');
}

/** A key column's parameter: text on the way in, so that no digit is lost, then what the column is. */
export function keyParameter(table: PgTable, index: number, parameter: number): string {
  return `CAST($${parameter}::text AS ${table.keyTypes[index] ?? 'text'})`;
}
