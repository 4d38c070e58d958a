/** The shapes of the public surface: options, operations, queries, events. docs/api.md tells them as a story. */
import type {Database} from '../database/own.js';
import type {Logger, LogLevel} from '../platform/logger.js';
import type {
  ChangesDetail,
  Json,
  JsonObject,
  Limits,
  Lsn,
  Settlement,
  SyncError,
  SyncState,
} from '../protocol/protocol.js';

/**
 * Your types, by name. Merge them in and `get`, `list` and `live` are typed:
 * `declare module 'sync-elements' { interface Entities { task: Task } }`
 */
// biome-ignore lint/suspicious/noEmptyInterface: users merge their types into it
export interface Entities {}

/** The row of a type: what was merged into `Entities`, else any JSON object. */
export type Row<E extends object, T extends string> = T extends keyof E ? E[T] : JsonObject;
export type TypeName<E extends object> = keyof E extends never ? string : keyof E & string;

/** A result that follows the data. Calls its listeners at once with what it has: undefined while loading. */
export interface Live<T> {
  readonly value: T | undefined;
  readonly error: SyncError | undefined;
  subscribe(listener: (value: T | undefined) => void): () => void;
}

export interface SyncOptions {
  /** `ws:` or `wss:`, absolute or relative to the page; `http(s):` is read as its socket twin. The path defaults to `/api/sync`. */
  url: string | URL;
  /** Name of the embedded replica (default `sync`), or a database of your own: the same one in every tab, for one user's rows. */
  database?: string | Database;
  /** Whose data. Default: whoever the server last verified. */
  user?: string;
  /** The label people see. Default: the id of the local database. */
  clientId?: string;
  /**
   * Default: all that the server publishes. What any tab of the database wants is synced, and can be read in all. Columns in `indexes` are kept in order in memory, about 100 bytes a row each, so
   * that queries that select or sort by them need not look at every row; the server is not told of them.
   */
  types?: readonly (string | {type: string; where?: Record<string, Json>; indexes?: readonly string[]})[];
  getToken?: () => string | undefined | Promise<string | undefined>;
  /** `auto` tries a worker and falls back to the page. Default `auto`. */
  mode?: 'auto' | 'worker' | 'page';
  /** Where the worker file is, or how to make one, where the bundler can't find it by itself. */
  worker?: string | URL | (() => Worker);
  /** Address of a module whose default export is a `MakeDialect`, for a server with another vocabulary. */
  dialect?: string | URL;
  /** Default `error`. */
  logger?: Logger | LogLevel;
  limits?: Partial<Limits>;
  /** Has the browser ask before the page is closed while work would be lost with it. Default false. */
  warnBeforeLeaving?: boolean;
  /**
   * Asks the browser, once somebody has used the page, to keep its data when space runs short; some ask the person in turn.
   * Default true.
   */
  persist?: boolean;
}

export interface SyncEvents {
  connected: {clientId: string};
  disconnected: {code: number; reason: string};
  reconnecting: {attempt: number; nextRetryAt: number};
  error: SyncError;
  sync_started: {mode: string};
  sync_completed: {lsn: Lsn};
  operation_complete: Settlement;
  operation_error: {id: string; error: SyncError};
  changes: ChangesDetail;
  /** A frame of the server's that is none of ours. */
  message: Record<string, unknown>;
  state: SyncState;
}
