/**
 * The narrow waist of the server: what it asks of the place the rows live in. `PostgresSource`, `PGliteSource` and
 * `MemorySource` stand behind it. Everything above (sessions, streams, operations) knows only this file; one conformance
 * suite (server/testing/conformance.ts) holds all sources to it.
 *
 * A source gives every transaction that touches a published table (and every accepted operation, even one that
 * changes nothing) a *position*: an LSN, rising in commit order, and a *mark*, random, which proves that it is this
 * transaction and not another one that got the same LSN after an older copy of the data was put back.
 */
import type {JsonObject, Lsn} from '../../src/protocol/protocol.js';
import type {Publication} from './publication.js';

export interface Position {
  readonly lsn: Lsn;
  readonly mark: string;
}

/** Where a reader of the log stands: behind change number `seq` of the transaction at `lsn`, or behind all of it. */
export interface LogPosition {
  readonly lsn: Lsn;
  readonly seq: number;
}

/** `seq` of a reader that has the whole transaction. */
export const WHOLE = Number.MAX_SAFE_INTEGER;

/** One row's change. Images are JSON texts of the published columns, ready to be spliced into a frame. */
export interface LogChange {
  readonly table: string;
  readonly id: string;
  readonly seq: number;
  /** The row before: null where there was none, '' where that is not known (then it counts as visible to everyone). */
  readonly old: string | null;
  /** The row after, or null: deleted. */
  readonly row: string | null;
  /** The change as a frame carries it to a client that sees the whole table. */
  readonly text: string;
}

/** A transaction, or a piece of one too large to read at once. */
export interface LogChunk extends Position {
  readonly changes: readonly LogChange[];
  /** False: more of the same transaction follows behind `end`. */
  readonly complete: boolean;
  readonly end: LogPosition;
}

/** Column and value, all of which a row must equal; compared as text, as int8 and numeric travel as strings. */
export type Filter = readonly (readonly [column: string, value: string | number | boolean | null])[];

export interface PageRequest {
  readonly table: string;
  /** The last entity id of the page before. */
  readonly after?: string | undefined;
  /** Rows that pass any one of these; none means all rows. */
  readonly filters: readonly Filter[];
  /** Rows at the most. */
  readonly limit: number;
}

export interface PageRow {
  readonly id: string;
  readonly row: string;
}

export interface Page {
  readonly rows: readonly PageRow[];
  readonly done: boolean;
}

/** A published table as the rest of the server needs to know it. */
export interface SourceTable {
  readonly name: string;
  readonly key: readonly string[];
  /** Published columns that a filter may name; undefined: any. */
  readonly columns: ReadonlySet<string> | undefined;
  /** Columns that clients may write; undefined: any. Empty: none, the table is read-only. */
  readonly writable: ReadonlySet<string> | undefined;
  readonly deletable: boolean;
}

/**
 * What is remembered of an accepted operation, so that sending it again does nothing: until its client has settled it, and
 * until the log no longer reaches back to it, since a copy of that client may still hold it.
 */
export interface OperationRecord {
  readonly id: string;
  readonly hash: string;
  readonly lsn: Lsn;
  readonly generation: string;
  readonly instance: string;
  readonly seq: number;
}

/** What is remembered of a client's local database. */
export interface InstanceState {
  /** The highest fencing token seen. */
  readonly epoch: number;
  /** Operations below this `seq` are settled. */
  readonly settled: number;
}

/** What an operation's code may do inside its transaction. */
export interface OperationTransaction {
  /** The row's published columns, or undefined. */
  read(table: string, id: string): Promise<JsonObject | undefined>;
  /** Merges columns into the row; inserts where there is none, unless `mode` is 'update'. False: there was none. */
  write(table: string, id: string, columns: JsonObject, mode: 'merge' | 'update'): Promise<boolean>;
  /** False: there was none. */
  remove(table: string, id: string): Promise<boolean>;
  /** SQL in this transaction, with `$1` … for parameters. @throws SyncError `unsupported` where the source has no SQL */
  query(sql: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

export interface SourceTransaction extends OperationTransaction {
  /** The LSN of this transaction, which has one from now on whether it changes rows or not. */
  position(): Promise<Lsn>;
  findRecord(subject: string, id: string): Promise<OperationRecord | undefined>;
  saveRecord(subject: string, record: OperationRecord): Promise<void>;
}

export type Verdict = 'ok' | 'ahead' | 'unknown-mark' | 'trimmed';

/**
 * 'commit': there is a new head. 'history': what was told until now may be of another one, as after an older copy was put
 * back under a running server, so that everyone has to greet anew.
 */
export type News = 'commit' | 'history';

export interface ChangeSource {
  /** Known from `start` on. */
  readonly generation: string;
  readonly head: Position;
  readonly tables: ReadonlyMap<string, SourceTable>;

  /** Opens, and begins to record changes of the published tables. @throws SyncError `unknown-table`, `no-primary-key` … */
  start(publication: Publication): Promise<void>;
  stop(): Promise<void>;
  /** Calls after each commit with a new head; now and then also without one, after a failure. Returns the remover. */
  subscribe(listener: (news: News) => void): () => void;

  /** Whether a checkpoint of this generation can be trusted and continued from. */
  verify(lsn: Lsn, mark: string | undefined): Promise<Verdict>;
  /**
   * What was committed behind `after`, in commit order: about `maxBytes` of it, at least one change, [] at the head.
   * @throws SyncError `log-trimmed` where the log no longer reaches back that far
   */
  read(after: LogPosition, maxBytes: number): Promise<LogChunk[]>;
  /** Rows in key order, as they are now. @throws SyncError `invalid-cursor` where `after` is no key of this table */
  page(request: PageRequest): Promise<Page>;
  count(table: string, filters: readonly Filter[]): Promise<number>;

  /** Runs code in a transaction, which is rolled back when it throws. */
  transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T>;
  loadInstance(subject: string, instance: string): Promise<InstanceState | undefined>;
  /** Saves, and forgets the operation records of this instance below `settled` to which the log no longer reaches back. */
  saveInstance(subject: string, instance: string, state: InstanceState): Promise<void>;

  /** Drops the oldest transactions beyond these bounds, and what was settled there, a small step at a time. True: there is more. */
  trim(keep: {rows: number; milliseconds: number}): Promise<boolean>;
}
