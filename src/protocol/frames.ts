/**
 * The frames of the wire, version 1: JSON text over one WebSocket, each an object with a `type`.
 * docs/protocol.md says what they mean; this file says only what they look like.
 */
import type {Json, JsonObject} from './json.js';
import type {Lsn} from './lsn.js';

export const PROTOCOL_VERSION = 1;

/** One change of one entity. `data` is the whole row unless `partial`, which merges columns. */
export interface Change {
  type: 'update' | 'delete';
  entityType: string;
  entityId: string;
  data?: JsonObject;
  timestamp?: number;
  partial?: boolean;
}

/** A type wanted whole, or the part of it whose columns equal `where`. */
export type Want = string | {type: string; where?: JsonObject};

/** An operation as it travels. `seq` is its place in the client's outbox; `id` is what it is known by. */
export interface WireOperation {
  id: string;
  seq: number;
  type: string;
  entityType?: string;
  entityId?: string;
  payload?: Json;
  partial?: boolean;
  base?: Json;
  timestamp: number;
}

// ── client → server ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface SyncFrame {
  type: 'sync';
  protocol: number;
  clientId: string;
  /** The local database: what the server knows this client by. */
  instance: string;
  /** The leader's fencing token: only the highest one of an instance is served. */
  epoch: number;
  /** Number of this greeting on this socket; data frames carry it back. */
  stream: number;
  subject?: string;
  token?: string;
  generation?: string;
  lastLSN?: Lsn;
  mark?: string;
  /** Hash of the subscription the checkpoint belongs to. */
  have?: string;
  /**
   * That subscription, spelled, or `all`: sent where it is not `want`, by a client that can keep the rows of some types
   * while others come. Nothing of it is believed unless its hash is `have`.
   */
  had?: Want[] | 'all';
  want?: Want[];
  /**
   * Where a staged snapshot goes on: the LSN it is to be replayed from and the server's own opaque cursor. `lastLSN` and
   * `mark` are those of the staged rows then.
   */
  snapshot?: {lsn: Lsn; cursor: string};
  /** The lowest unsettled `seq`: the server may forget what lies below. */
  settled: number;
  /** Bytes of data frames the client takes unacknowledged. */
  window: number;
}
export interface ReceivedFrame {
  type: 'received';
  stream: number;
  n: number;
}
export interface OperationsFrame {
  type: 'operations';
  ops: WireOperation[];
  settled: number;
}
export interface TokenFrame {
  type: 'token';
  token: string;
}
export interface PingFrame {
  type: 'ping' | 'pong';
  t: number;
}
export type ClientFrame = SyncFrame | ReceivedFrame | OperationsFrame | TokenFrame | PingFrame;

// ── server → client ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface ServerLimits {
  /** Bytes of one operation, as JSON. */
  operation: number;
  /** Bytes of one frame. */
  frame: number;
  /** Operations of one frame. */
  operations: number;
}
export interface WelcomeFrame {
  type: 'welcome';
  protocol: number;
  subject: string;
  generation: string;
  headLSN: Lsn;
  /** Milliseconds since 1970. */
  serverTime: number;
  /** Milliseconds of silence after which either side pings. */
  heartbeat: number;
  limits: ServerLimits;
  /** Milliseconds since 1970. */
  tokenExpires?: number;
  /** False of a server that answers no operation: they end as `sent`. */
  confirms?: boolean;
}
export interface SyncStartFrame {
  type: 'sync_start';
  stream: number;
  mode: 'snapshot' | 'backfill' | 'catchup' | 'live';
  generation: string;
  lsn: Lsn;
  /** Of the transaction at `lsn`. */
  mark?: string;
  /** Of a backfill: types whose rows do not come, as the client holds them as of `lsn`. */
  keep?: string[];
  /** Rows to come, as far as the server can tell. */
  total?: number;
}
export interface SyncDataFrame {
  type: 'sync_data';
  stream: number;
  n: number;
  changes: Change[];
  cursor: string;
}
export interface ChangesFrame {
  type: 'changes';
  stream: number;
  n: number;
  prevLSN: Lsn;
  lsn: Lsn;
  mark?: string;
  changes: Change[];
  /** 1, 2, 3 … of a transaction that is sent in parts; the last one carries `final`. */
  part?: number;
  final?: boolean;
}
export interface HeadFrame {
  type: 'head';
  stream: number;
  n: number;
  prevLSN: Lsn;
  lsn: Lsn;
  mark?: string;
  serverTime: number;
}
/** Rows without a chain: what `batch_update`, `entity_update` and `entity_delete` of the migration plan are read as. */
export interface BatchUpdateFrame {
  type: 'batch_update';
  changes: Change[];
  lsn?: Lsn;
}
export interface SyncCompleteFrame {
  type: 'sync_complete';
  stream: number;
  generation: string;
  lsn: Lsn;
  /** The number of the last data frame before it. */
  last?: number;
}
export interface SyncErrorFrame {
  type: 'sync_error';
  code: string;
  message: string;
  /** Milliseconds. */
  retryAfter?: number;
  /** With `wrong-subject`: the right one. */
  subject?: string;
}
export interface ResetFrame {
  type: 'reset';
  generation: string;
  reason: string;
}
export interface OperationAckFrame {
  type: 'operation_ack';
  id: string;
  /** `sent`: there will be no other answer (`confirms` of the welcome). */
  status: 'applied' | 'duplicate' | 'sent';
  generation: string;
  lsn: Lsn;
}
export interface OperationNackFrame {
  type: 'operation_nack';
  id: string;
  code: string;
  message: string;
  retryable: boolean;
  /** Milliseconds. */
  retryAfter?: number;
  /** With `conflict`: the row as it stands. */
  row?: JsonObject;
}
/** Of the next frame, which is longer than most: nothing is heard of it before it is whole. */
export interface LargeFrame {
  type: 'large_frame';
  bytes: number;
}
export interface SyncRequestFrame {
  type: 'sync_request';
}
export type DataFrame = SyncDataFrame | ChangesFrame | HeadFrame;
export type ServerFrame =
  | WelcomeFrame
  | SyncRequestFrame
  | SyncStartFrame
  | DataFrame
  | BatchUpdateFrame
  | SyncCompleteFrame
  | SyncErrorFrame
  | ResetFrame
  | OperationAckFrame
  | OperationNackFrame
  | LargeFrame
  | PingFrame;

/** Close codes of our own; the rest are the WebSocket's. */
export const CLOSE = {
  badFrame: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  protocolVersion: 4406,
  noGreeting: 4408,
  fenced: 4409,
  sharedClient: 4410,
  slowDown: 4429,
  draining: 4503,
} as const;
