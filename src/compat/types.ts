/** The plan's type names, as far as the core has none of its own for them. */
export type {Database, DatabaseTransaction} from '../database/own.js';

import type {Operation, SyncState} from '../protocol/protocol.js';
import type {SyncEvents, SyncOptions} from '../service/types.js';

export type ConnectionStatus = Pick<
  SyncState,
  'status' | 'clientId' | 'lastLSN' | 'isConnected' | 'isConnecting' | 'reconnectAttempts'
>;

export type SyncServiceEvent = keyof SyncEvents;
export type SyncServiceEventListener<K extends SyncServiceEvent = SyncServiceEvent> = (detail: SyncEvents[K]) => void;

/** The frames of the plan: what SyncMessageHandler takes. */
export type SyncMessageType =
  | 'sync_start'
  | 'sync_data'
  | 'sync_complete'
  | 'sync_error'
  | 'entity_update'
  | 'entity_delete'
  | 'batch_update'
  | 'sync_request'
  | 'changes';

/** An operation as the plan's worker took it. */
export interface WorkerSyncOperation extends Operation {
  id: string;
}

/** What of an operation could only ever live in the page. */
export interface PageOperation {
  /** Runs in the page once the line is live. Never sent, and lost with the page. */
  execute(): unknown;
  /** Higher goes first. Default 0. */
  priority?: number;
}

/** An operation as the old client took it, with what it calls once the outcome is known. */
export type SyncOperation = (PageOperation | Operation | {type: string; payload: PageOperation}) & {
  resolve?: (() => void) | undefined;
  reject?: ((error: unknown) => void) | undefined;
};

/** `url` may be left out: then it is the page's own host. */
export type SyncConfig = Partial<SyncOptions>;
