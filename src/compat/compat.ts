/**
 * The compat room: the names of the client that ran in the page, on top of the service. For those who move: they keep
 * their calls, and take them over to WorkerSyncService one by one (docs/migration.md). It keeps no rows and speaks to no
 * server; what it holds itself is old operations that are functions, in page memory (operation-queue.ts). Importing it
 * runs nothing: what was a singleton is made on first use.
 */
export type {SyncState} from '../protocol/protocol.js';
export * from './functions.js';
export {syncClient as default} from './functions.js';
export {type ConnectionAttempt, GlobalConnectionTracker} from './global-connection-tracker.js';
export * from './migrate.js';
export {type MigratedKey, migrateLocalStorage} from './migrate-local-storage.js';
export * from './migrate-operations.js';
export {OperationQueue} from './operation-queue.js';
export {configureSync, planDialect} from './shared.js';
export {SyncClientCompat} from './sync-client-compat.js';
export {SyncMessageHandler} from './sync-message-handler.js';
export {SyncWorkerManager} from './sync-worker-manager.js';
export type * from './types.js';
