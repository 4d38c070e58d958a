/**
 * The manager room: the page's side of the port. It boots the engine, in a worker or in the page, watches it, replaces one
 * that died, and asks again what was outstanding. It knows requests and answers, not what they mean.
 *
 *   stopped ─► booting ──ready, init──► running ──error, silence──► booting (the worker is terminated first)
 *                 │ no worker can run                                  │ again and again
 *                 └──────────► booting in the page ◄───────────────────┘
 */
import type {EngineEvent, ErrorRecord, Query, SyncState} from '../protocol/protocol.js';

/** What comes up from the engine. */
export interface ManagerHooks {
  state(state: SyncState): void;
  event(event: EngineEvent): void;
  token(): Promise<string | undefined>;
  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void;
}

/** A query that is watched. */
export interface Watch {
  type: string;
  query: Query;
  value(value: unknown): void;
  error(error: ErrorRecord): void;
}
