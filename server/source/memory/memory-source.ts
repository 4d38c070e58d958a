/**
 * Rows and log in memory, with the semantics of the real sources: for tests, simulations and quick starts.
 * `save()` and the `state` option copy the whole of it, to stand in for a backup that is put back.
 */
import {randomUUID} from 'node:crypto';
import {formatLsn, type Lsn, parseLsn, SyncError} from '../../../src/protocol/protocol.js';
import type {
  ChangeSource,
  Filter,
  InstanceState,
  LogChunk,
  LogPosition,
  News,
  Page,
  PageRequest,
  Position,
  SourceTable,
  SourceTransaction,
  Verdict,
} from '../change-source.js';
import {decodeKey, matches} from '../encode.js';
import type {Publication} from '../publication.js';
import {readChunks} from './memory-log.js';
import {emptyState, type MemoryState} from './memory-state.js';
import {type MemoryTable, makeTable, project, rowText} from './memory-table.js';
import {MemoryTransaction} from './memory-transaction.js';

export interface MemoryTableOptions {
  /** Key columns; default 'id'. */
  key?: string | readonly string[];
  /** Columns it has; default: whatever is written. */
  columns?: readonly string[];
}

export interface MemorySourceOptions {
  tables: Readonly<Record<string, MemoryTableOptions>>;
  /** What `save()` of an earlier source gave. */
  state?: MemoryState;
}

export class MemorySource implements ChangeSource {
  readonly #options: MemorySourceOptions;
  readonly #listeners = new Set<(news: News) => void>();
  #state: MemoryState;
  #tables: ReadonlyMap<string, MemoryTable> = new Map();
  /** One transaction at a time, as in PGlite. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MemorySourceOptions) {
    this.#options = options;
    this.#state = options.state ? structuredClone(options.state) : emptyState();
  }

  get generation(): string {
    return this.#state.generation;
  }

  get head(): Position {
    const {lsn, mark} = this.#state.log.at(-1) ?? this.#state.floor;
    return {lsn: formatLsn(lsn), mark};
  }

  get tables(): ReadonlyMap<string, SourceTable> {
    return this.#tables;
  }

  /** A copy of everything, for the `state` of another source. */
  save(): MemoryState {
    return structuredClone(this.#state);
  }

  async start(publication: Publication): Promise<void> {
    const tables = new Map<string, MemoryTable>();
    for (const [name, published] of publication) {
      const options = Object.hasOwn(this.#options.tables, name) ? this.#options.tables[name] : undefined;
      if (!options) throw new SyncError('unknown-table', `There is no table '${name}'`);
      tables.set(name, makeTable(name, options, published));
    }
    this.#tables = tables;
    const shape = JSON.stringify([...tables.values()].map(table => table.shape).sort());
    if (this.#state.shape !== undefined && this.#state.shape !== shape) this.#rotate();
    this.#state.shape = shape;
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
    await this.#last.catch(() => {});
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async verify(lsn: Lsn, mark: string | undefined): Promise<Verdict> {
    const {floor, log} = this.#state;
    const number = parseLsn(lsn) ?? 0n;
    const head = log.at(-1)?.lsn ?? floor.lsn;
    if (number > head) return 'ahead';
    if (number < floor.lsn) return 'trimmed';
    const found = number === floor.lsn ? floor : log[Number(number - floor.lsn) - 1];
    return found && (mark === undefined || found.mark === mark) ? 'ok' : 'unknown-mark';
  }

  async read(after: LogPosition, maxBytes: number): Promise<LogChunk[]> {
    return readChunks(this.#state, this.#tables, after, maxBytes);
  }

  async page(request: PageRequest): Promise<Page> {
    const table = this.#table(request.table);
    if (request.after !== undefined && !decodeKey(request.after, table.key.length)) {
      throw new SyncError('invalid-cursor', 'Not a key of this table');
    }
    // What a running transaction has written is nobody's to see yet.
    await this.#last;
    const {after} = request;
    const ids = [...this.#rows(table, request.filters)].filter(id => after === undefined || id > after).sort();
    const all = this.#state.rows.get(table.name);
    const rows = ids.slice(0, request.limit).map(id => ({id, row: rowText(table, all?.get(id) ?? {})}));
    return {rows, done: rows.length < request.limit};
  }

  async count(name: string, filters: readonly Filter[]): Promise<number> {
    await this.#last;
    return this.#rows(this.#table(name), filters).length;
  }

  transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const tx = new MemoryTransaction(this.#state, this.#tables);
      try {
        const value = await run(tx);
        if (tx.commit()) queueMicrotask(() => this.#announce());
        return value;
      } catch (cause) {
        tx.rollback();
        throw cause;
      }
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async loadInstance(subject: string, instance: string): Promise<InstanceState | undefined> {
    return this.#state.instances.get(JSON.stringify([subject, instance]));
  }

  async saveInstance(subject: string, instance: string, state: InstanceState): Promise<void> {
    this.#state.instances.set(JSON.stringify([subject, instance]), state);
    this.#forgetSettled();
  }

  async trim(keep: {rows: number; milliseconds: number}): Promise<boolean> {
    const {log} = this.#state;
    let rows = log.reduce((sum, entry) => sum + entry.changes.length, 0);
    const oldest = Date.now() - keep.milliseconds;
    for (let entry = log[0]; entry && (rows > keep.rows || entry.at < oldest); entry = log[0]) {
      rows -= entry.changes.length;
      this.#state.floor = {lsn: entry.lsn, mark: entry.mark};
      log.shift();
    }
    this.#forgetSettled();
    return false;
  }

  #forgetSettled(): void {
    const {records, instances, floor} = this.#state;
    for (const [key, {subject, instance, seq, lsn}] of records) {
      const settled = instances.get(JSON.stringify([subject, instance]))?.settled ?? 0;
      if (seq < settled && (parseLsn(lsn) ?? 0n) <= floor.lsn) records.delete(key);
    }
  }

  #rows(table: MemoryTable, filters: readonly Filter[]): string[] {
    const rows = this.#state.rows.get(table.name) ?? new Map();
    if (filters.length === 0) return [...rows.keys()];
    return [...rows].filter(([, row]) => filters.some(f => matches(project(table, row), f))).map(([id]) => id);
  }

  #table(name: string): MemoryTable {
    const table = this.#tables.get(name);
    if (!table) throw new SyncError('unknown-table', `'${name}' is not published`);
    return table;
  }

  #rotate(): void {
    const head = parseLsn(this.head.lsn) ?? 0n;
    this.#state.generation = randomUUID();
    this.#state.floor = {lsn: head + 1n, mark: randomUUID()};
    this.#state.log.length = 0;
  }

  #announce(): void {
    for (const listener of [...this.#listeners]) listener('commit');
  }
}
