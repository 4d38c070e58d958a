/** The shapes that cross the line between page and worker: operations, queries, the state a person may be told. */
import type {ErrorAction} from './errors.js';
import type {Json, JsonObject} from './json.js';
import type {Lsn} from './lsn.js';

/** What is known of an operation that is queued: enough to show it, payload included. */
export interface Operation {
  /** `upsert`, `delete`, `send_message`, or a custom one that the server runs. */
  type: string;
  entityType?: string;
  entityId?: string;
  /** JSON values only; anything a JSON round trip would change is refused with `invalid-operation`. */
  payload?: Json;
  /** Merges the given columns instead of replacing the row. */
  partial?: boolean;
  /** What the write is based on, for servers that check for conflicts. */
  base?: Json;
  /** Higher goes first, across keys. Default 0. */
  priority?: number;
  /** What order is kept within. Default `entityType/entityId`. */
  key?: string;
  /** Ids of operations that must be settled first. */
  after?: readonly string[];
  /** Default: a new UUID. The same id with the same content is the same operation. */
  id?: string;
}

export type OperationStage = 'queued' | 'sent' | 'applied' | 'failed';

export interface QueuedOperation extends Operation {
  id: string;
  /** `queued` here, `sent` and unanswered, `applied` at the server and not yet seen to come back, or `failed`. */
  stage: OperationStage;
  /** Milliseconds since 1970. */
  createdAt: number;
  attempts: number;
  /** Why it failed. */
  error?: {code: string; message: string};
  /** The server's row, where a conflict brought one. */
  row?: JsonObject;
}

export interface Settlement {
  id: string;
  status: 'sent' | 'applied' | 'duplicate' | 'echoed';
  /** Where the server committed it; undefined while it is only sent. */
  lsn: Lsn | undefined;
}

export type Condition =
  | Json
  | {in: readonly Json[]}
  | {gt?: number | string; gte?: number | string; lt?: number | string; lte?: number | string}
  /** Ignores case and accents. */
  | {prefix: string};

export interface Query {
  where?: Record<string, Condition>;
  /** Column name, `-` before it for descending. Ties are broken by id. Default: by id. */
  orderBy?: string;
  limit?: number;
  /** Id of the row behind which to go on. */
  after?: string;
}

/**
 * `changes`: what a commit touched. `ids` is null where there were more than 1,000; `count` says how many changes it was,
 * and is absent where anything may have changed, and in the word of a tab of an older version.
 */
export interface ChangesDetail {
  lsn: Lsn | undefined;
  types: string[];
  ids: string[] | null;
  count?: number;
}

export interface Limits {
  /** Operations in the outbox. Default 10,000. */
  queueCount: number;
  /** Bytes of the outbox. Default 50 MB. */
  queueBytes: number;
  /** Bytes of one operation. Default 1 MiB. */
  operationBytes: number;
  /** Characters of one frame. Default 8 MiB. */
  frameChars: number;
  /** Bytes of data frames taken unacknowledged. Default 1 MiB. */
  windowBytes: number;
  /** Bytes of rows kept parsed in memory. Default 64 MiB. */
  rowCacheBytes: number;
  /** Superseded changes that stay on disk besides as many as there are rows. Default 1,000. */
  journalSlack: number;
}

export type SyncStatus =
  | 'needs-auth'
  | 'error'
  | 'offline'
  | 'reconnecting'
  | 'connecting'
  | 'syncing'
  | 'pending'
  | 'synced'
  | 'idle';

/** One frozen snapshot. All times are milliseconds since 1970. */
export interface SyncState {
  readonly status: SyncStatus;
  readonly clientId: string;
  /** The last durable checkpoint, empty before the first. */
  readonly lastLSN: Lsn | '';
  readonly isConnected: boolean;
  readonly isConnecting: boolean;
  readonly reconnectAttempts: number;
  readonly role: 'leader' | 'follower';
  readonly mode: 'worker' | 'page';
  /** False where nothing survives a reload. */
  readonly durable: boolean;
  readonly tabs: number;
  /** False where the server answers no operation, so that they end as `sent`. */
  readonly confirms: boolean;
  /** Operations saved here whose commit has not come back. */
  readonly pending: number;
  /** Those of them that were sent and not answered. */
  readonly inFlight: number;
  /** Operations set aside for a person to look at. */
  readonly failed: number;
  readonly oldestPendingAt: number | null;
  readonly progress: {
    readonly received: number;
    readonly total: number | null;
    readonly bytes: number;
  } | null;
  readonly lastSyncedAt: number | null;
  readonly nextRetryAt: number | null;
  readonly online: boolean;
  /** Server's clock minus ours, in milliseconds. */
  readonly clockOffset: number;
  /** Milliseconds of the last round trip, null before the first. */
  readonly latency: number | null;
  readonly storage: {readonly persisted: boolean; readonly usage: number; readonly quota: number} | null;
  readonly error: {readonly code: string; readonly message: string; readonly action: ErrorAction} | null;
}
