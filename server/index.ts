/**
 * The reference server, `sync-elements/server`: Postgres in, WebSocket out. Needs the optional peers `ws` and, for
 * `PostgresSource`, `pg`, or for `PGliteSource`, `@electric-sql/pglite`; they are loaded when they are first used.
 */
export {OperationRefused, type RefusalOptions} from './operations/refusal.js';
export type {
  AuthenticateRequest,
  Identity,
  Limits,
  OperationContext,
  OperationHandler,
  RowRule,
  ServerLogger,
  SyncServerOptions,
} from './options.js';
export type {CounterValues} from './session/counters.js';
export type * from './source/change-source.js';
export {
  MemorySource,
  type MemorySourceOptions,
  type MemoryTableOptions,
} from './source/memory/memory-source.js';
export type {MemoryState} from './source/memory/memory-state.js';
export {type PGliteLike, PGliteSource, type PGliteSourceOptions} from './source/pglite/pglite-source.js';
export type {PostgresConnection} from './source/postgres/driver.js';
export {PostgresSource, type PostgresSourceOptions} from './source/postgres/postgres-source.js';
export {
  normalisePublish,
  type Publication,
  type Publish,
  type TablePublication,
} from './source/publication.js';
export type {Queryable, SqlDatabase} from './source/sql/sql.js';
export type {SqlSource} from './source/sql/sql-source.js';
export {createSyncServer, type ServerStats, type SyncServer} from './sync-server.js';
