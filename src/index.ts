/** sync-elements, headless: what an application imports when it wants the core without any element. Runs nothing. */
export type {Database, DatabaseRow, DatabaseTransaction} from './database/own.js';
export type {Logger, LogLevel} from './platform/logger.js';
export type {Change} from './protocol/frames.js';
export {
  type ChangesDetail,
  type Condition,
  type DatabaseCheckpoint,
  type Dialect,
  type DialectLine,
  type ErrorAction,
  type ErrorRecord,
  type Json,
  type JsonObject,
  type Limits,
  type Lsn,
  type MakeDialect,
  type Operation,
  type OperationStage,
  type Query,
  type QueuedOperation,
  type Settlement,
  SyncError,
  type SyncState,
  type SyncStatus,
} from './protocol/protocol.js';
export type {Entities, Live, Row, SyncEvents, SyncOptions, TypeName} from './service/types.js';
export {WorkerSyncService} from './service/worker-sync-service.js';
export {IDLE_STATE} from './state/snapshot.js';
