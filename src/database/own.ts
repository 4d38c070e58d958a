/**
 * Databases of the user's own, in place of the embedded replica. The rows lie in the page, where the engine can't reach; what
 * belongs to sync, operations and directory, stays with the engine.
 *
 *   engine                                       page
 *   ┌ handler ─► OwnJournal ┐                    ┌ OwnDesk ─► Database.transaction ┐
 *   │              take ────┼── kind 'database' ─┼─► fence: instance, epoch        │
 *   │              apply ───┼────────────────────┼─► clear? parts? rows, reach     │
 *   └ queries ─► OwnRows ───┼────────────────────┼─► get, list                     ┘
 *
 * Who owns what: the engine which frames go into one batch, and where that leaves the rows (the reach); the database the rows
 * and, where it can, the checkpoint with the reach and the fence; the desk the parts of a transaction that is not whole yet.
 *
 *   nothing ──apply, clear──► stage ──apply──► stage … ──swap──► at ──apply──► at …
 *                               ▲                                 │ history changed, resync: a stage without a cursor,
 *                               └────────── apply, clear ◄────────┘ whose rows stay in sight until the first new ones
 *
 * A batch is wholly in the page before its transaction begins, and only the database is awaited inside. The leader that takes
 * over writes its epoch into the checkpoint; a former one finds it there and its whole transaction fails. In a `clear` nothing
 * can be looked at: a Web Lock is held around it, and around taking over. A database that keeps no checkpoint has it in our own
 * storage, written after the rows (at least once), and is guarded by that lock alone, which the leader's page holds as long as
 * it leads and a commit of it may still land. Whose rows it has, of the clients that use it by turns, stands in the directory.
 * Only the leader's page writes; with `scope: 'tab'` each tab leads a client of its own.
 */
import type {Change, DatabaseCheckpoint, Query} from '../protocol/protocol.js';

/** A database of the application's own. The methods are called one at a time. */
export interface Database {
  /**
   * Runs `run`, and commits all that it did, or, where it rejects, nothing. Others see all of it or nothing, and can't write in
   * between. Nothing but the transaction's own methods is awaited in `run`, so IndexedDB does not commit early.
   */
  transaction<T>(run: (tx: DatabaseTransaction) => Promise<T>): Promise<T>;
  /**
   * Removes the rows of all synced types, and with them the checkpoint, if it keeps one, in one transaction. Without it a
   * snapshot can be taken but once, and a logout that is to wipe is refused: `no-clear`.
   */
  clear?(): Promise<void>;
  /** The row, or undefined. Without it `get` rejects with `no-reader`. */
  get?(entityType: string, entityId: string): Promise<object | undefined>;
  /**
   * The rows of a type, in any order. The query says which are wanted: what comes besides is dropped, so it may be used to read
   * less, or ignored. Without `list`, `list`, `count` and `live` reject with `no-reader`.
   */
  list?(entityType: string, query: Pick<Query, 'where' | 'orderBy'>): Promise<readonly DatabaseRow[]>;
  /**
   * `origin` (the default): all tabs of the site see the same rows, and one of them writes. `tab`: each tab has rows of its own;
   * it is a client of its own then, takes its own snapshot, and keeps nothing over a reload, operations neither.
   */
  readonly scope?: 'origin' | 'tab';
  /** Tells several databases of a site apart. Default: the empty text. */
  readonly name?: string;
}

export interface DatabaseRow {
  id: string;
  data: object;
}

/** What is called in a transaction, in the order in which it is to be done; each call is awaited before the next. */
export interface DatabaseTransaction {
  /**
   * @param data the whole row; with `partial`, columns to be merged into it (the row is made where there is none)
   * @param timestamp milliseconds since 1970, where the server gave one
   */
  upsertEntity(
    entityType: string,
    entityId: string,
    data: object,
    timestamp?: number,
    partial?: boolean,
  ): void | Promise<void>;
  /** Of a row that may not be there. */
  deleteEntity(entityType: string, entityId: string, timestamp?: number): void | Promise<void>;
  /** The bulk path, taken instead of the two above: 500 changes at the most, in order, which may be of the same row. */
  applyChanges?(changes: readonly Change[]): void | Promise<void>;
  /** What `writeCheckpoint` wrote last. With both of them each change is applied exactly once, and former leaders are kept out. */
  readCheckpoint?(): Promise<DatabaseCheckpoint | undefined>;
  writeCheckpoint?(checkpoint: DatabaseCheckpoint): void | Promise<void>;
}
