/** One operation's transaction: rows by way of `json_populate_record`, which knows every type's input. */
import {type Json, type JsonObject, type Lsn, SyncError} from '../../../src/protocol/protocol.js';
import {OperationRefused} from '../../operations/refusal.js';
import type {OperationRecord, SourceTransaction} from '../change-source.js';
import {decodeKey} from '../encode.js';
import {fromNumber, toNumber} from './log.js';
import {readRow} from './rows.js';
import {ident, type Queryable} from './sql.js';
import {idSql, keyEqualsSql, type PgTable} from './table.js';

export class SqlTransaction implements SourceTransaction {
  readonly #sql: Queryable;
  readonly #tables: ReadonlyMap<string, PgTable>;
  readonly #server: string | undefined;
  #lsn: Lsn | undefined;

  constructor(sql: Queryable, tables: ReadonlyMap<string, PgTable>, server: string | undefined) {
    this.#sql = sql;
    this.#tables = tables;
    this.#server = server;
  }

  async position(): Promise<Lsn> {
    if (this.#lsn === undefined) {
      const {rows} =
        this.#server === undefined
          ? await this.#sql.query<{lsn: string}>('SELECT sync.bump()::text AS lsn')
          : await this.#sql.query<{lsn: string}>('SELECT sync.bump_for($1)::text AS lsn', [this.#server]);
      this.#lsn = fromNumber(rows[0]?.lsn ?? '0');
    }
    return this.#lsn;
  }

  async read(table: string, id: string): Promise<JsonObject | undefined> {
    return readRow(this.#sql, this.#table(table), id);
  }

  async write(name: string, id: string, columns: JsonObject, mode: 'merge' | 'update'): Promise<boolean> {
    const table = this.#table(name);
    const key = this.#key(table, id);
    const names = Object.keys(columns).filter(column => !table.key.includes(column));
    const record = JSON.stringify(asInput(table, columns, key));
    const found = names.length ? await this.#update(table, key, names, record) : await this.#exists(table, key);
    const stored = found ?? (mode === 'merge' ? await this.#insert(table, names, record) : undefined);
    if (stored === undefined) return false;
    if (stored !== id) throw invalidId(`the database spells this key ${JSON.stringify(stored)}`);
    return true;
  }

  async remove(name: string, id: string): Promise<boolean> {
    const table = this.#table(name);
    const key = this.#key(table, id);
    const {rows} = await this.#sql.query(
      `DELETE FROM ${table.sql} t WHERE ${keyEqualsSql(table, 't', 1)} RETURNING 1`,
      key,
    );
    return rows.length > 0;
  }

  async query(sql: string, params: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#sql.query<Record<string, unknown>>(sql, [...params])).rows;
  }

  async findRecord(subject: string, id: string): Promise<OperationRecord | undefined> {
    const {rows} = await this.#sql.query<Omit<OperationRecord, 'seq'> & {seq: string}>(
      `SELECT id, hash, lsn::text AS lsn, generation, instance, seq::text AS seq
       FROM sync.operation WHERE subject = $1 AND id = $2`,
      [subject, id],
    );
    const [found] = rows;
    return found && {...found, lsn: fromNumber(found.lsn), seq: Number(found.seq)};
  }

  async saveRecord(subject: string, record: OperationRecord): Promise<void> {
    const {id, hash, lsn, generation, instance, seq} = record;
    await this.#sql.query(
      `INSERT INTO sync.operation (subject, id, hash, lsn, generation, instance, seq)
       VALUES ($1, $2, $3, $4::int8, $5, $6, $7::int8)`,
      [subject, id, hash, toNumber(lsn), generation, instance, String(seq)],
    );
  }

  async #update(table: PgTable, key: string[], names: string[], record: string): Promise<string | undefined> {
    const sets = names.map(column => `${ident(column)} = given.${ident(column)}`);
    const {rows} = await this.#sql.query<{id: string}>(
      `UPDATE ${table.sql} t SET ${sets.join(', ')}
       FROM json_populate_record(NULL::${table.sql}, $${key.length + 1}::json) AS given
       WHERE ${keyEqualsSql(table, 't', 1)} RETURNING ${idSql(table, 't')} AS id`,
      [...key, record],
    );
    return rows[0]?.id;
  }

  async #insert(table: PgTable, names: string[], record: string): Promise<string | undefined> {
    const columns = [...table.key, ...names].map(ident);
    const {rows} = await this.#sql.query<{id: string}>(
      `INSERT INTO ${table.sql} AS t (${columns.join(', ')})
       SELECT ${columns.map(column => `given.${column}`).join(', ')}
       FROM json_populate_record(NULL::${table.sql}, $1::json) AS given RETURNING ${idSql(table, 't')} AS id`,
      [record],
    );
    return rows[0]?.id;
  }

  async #exists(table: PgTable, key: string[]): Promise<string | undefined> {
    const {rows} = await this.#sql.query<{id: string}>(
      `SELECT ${idSql(table, 't')} AS id FROM ${table.sql} t WHERE ${keyEqualsSql(table, 't', 1)}`,
      key,
    );
    return rows[0]?.id;
  }

  #table(name: string): PgTable {
    const table = this.#tables.get(name);
    if (!table) throw new SyncError('unknown-table', `'${name}' is not published`);
    return table;
  }

  #key(table: PgTable, id: string): string[] {
    const key = decodeKey(id, table.key.length);
    if (!key) throw invalidId(`a key of '${table.name}' has ${table.key.length} columns`);
    return key;
  }
}

/** The columns as `json_populate_record` reads them: the key from the id, bytea from base64 to hexadecimal. */
function asInput(table: PgTable, columns: JsonObject, key: readonly string[]): JsonObject {
  const entries = Object.entries(columns).map(([name, value]): [string, Json] => {
    const bytes = table.published.some(column => column.name === name && column.base === 'bytea');
    return [name, bytes && typeof value === 'string' ? hex(name, value) : value];
  });
  return Object.fromEntries([...entries, ...table.key.map((name, index): [string, Json] => [name, key[index] ?? ''])]);
}

function hex(column: string, base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) {
    throw new OperationRefused('invalid-value', `Column '${column}' takes base64`);
  }
  return `\\x${bytes.toString('hex')}`;
}

function invalidId(why: string): OperationRefused {
  return new OperationRefused('invalid-value', `Not the id of an entity here: ${why}`);
}
