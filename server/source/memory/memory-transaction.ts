/** A transaction on the memory source: it writes in place and keeps what it overwrote, to take it back. */
import {randomUUID} from 'node:crypto';
import {formatLsn, type JsonObject, type Lsn, SyncError} from '../../../src/protocol/protocol.js';
import {OperationRefused} from '../../operations/refusal.js';
import type {OperationRecord, SourceTransaction} from '../change-source.js';
import {decodeKey} from '../encode.js';
import type {MemoryChange, MemoryState} from './memory-state.js';
import {type MemoryTable, project} from './memory-table.js';

export class MemoryTransaction implements SourceTransaction {
  readonly #state: MemoryState;
  readonly #tables: ReadonlyMap<string, MemoryTable>;
  readonly #changes: MemoryChange[] = [];
  readonly #records: (OperationRecord & {subject: string})[] = [];
  readonly #lsn: bigint;
  #taken = false;

  constructor(state: MemoryState, tables: ReadonlyMap<string, MemoryTable>) {
    this.#state = state;
    this.#tables = tables;
    this.#lsn = (state.log.at(-1)?.lsn ?? state.floor.lsn) + 1n;
  }

  async position(): Promise<Lsn> {
    this.#taken = true;
    return formatLsn(this.#lsn);
  }

  async read(name: string, id: string): Promise<JsonObject | undefined> {
    const table = this.#table(name);
    const row = this.#rows(table).get(id);
    return row && structuredClone(project(table, row));
  }

  async write(name: string, id: string, columns: JsonObject, mode: 'merge' | 'update'): Promise<boolean> {
    const table = this.#table(name);
    const key = this.#key(table, id);
    const old = this.#rows(table).get(id) ?? null;
    if (!old && mode === 'update') return false;
    const keyColumns = old ? {} : Object.fromEntries(table.key.map((column, index) => [column, key[index] ?? '']));
    // Entries, not spread into a literal: a column may be called anything.
    const row = Object.fromEntries(
      Object.entries({...keyColumns, ...old}).concat(Object.entries(structuredClone(columns))),
    );
    this.#put({table: name, id, old, row});
    return true;
  }

  async remove(name: string, id: string): Promise<boolean> {
    const table = this.#table(name);
    this.#key(table, id);
    const old = this.#rows(table).get(id) ?? null;
    if (old) this.#put({table: name, id, old, row: null});
    return old !== null;
  }

  async query(): Promise<Record<string, unknown>[]> {
    throw new SyncError('unsupported', 'The memory source has no SQL');
  }

  async findRecord(subject: string, id: string): Promise<OperationRecord | undefined> {
    return this.#state.records.get(JSON.stringify([subject, id]));
  }

  async saveRecord(subject: string, record: OperationRecord): Promise<void> {
    this.#records.push({...record, subject});
  }

  /** True: there is a new head. */
  commit(): boolean {
    for (const record of this.#records) {
      this.#state.records.set(JSON.stringify([record.subject, record.id]), record);
    }
    if (!this.#taken && this.#changes.length === 0) return false;
    this.#state.log.push({lsn: this.#lsn, mark: randomUUID(), at: Date.now(), changes: this.#changes});
    return true;
  }

  rollback(): void {
    for (const change of this.#changes.reverse()) {
      const rows = this.#rows(this.#table(change.table));
      if (change.old) rows.set(change.id, change.old);
      else rows.delete(change.id);
    }
  }

  #put(change: MemoryChange): void {
    const rows = this.#rows(this.#table(change.table));
    if (change.row) rows.set(change.id, change.row);
    else rows.delete(change.id);
    this.#changes.push(change);
  }

  #rows(table: MemoryTable): Map<string, JsonObject> {
    let rows = this.#state.rows.get(table.name);
    if (!rows) {
      rows = new Map();
      this.#state.rows.set(table.name, rows);
    }
    return rows;
  }

  #table(name: string): MemoryTable {
    const table = this.#tables.get(name);
    if (!table) throw new SyncError('unknown-table', `'${name}' is not published`);
    return table;
  }

  #key(table: MemoryTable, id: string): string[] {
    const key = decodeKey(id, table.key.length);
    if (!key) throw new OperationRefused('invalid-value', `A key of '${table.name}' has ${table.key.length} columns`);
    return key;
  }
}
