/**
 * The manager room: the page's side of the port. It boots the engine, in a worker or in the page, watches it, replaces one
 * that died, and asks again what was outstanding. It knows requests and answers, not what they mean.
 *
 *                   start                     it runs
 *   at rest ─────────────────► a turn begins ─────────► a turn runs
 *    ▲  ▲                        ▲    │  ▲                 │   │
 *    │  │ no rung is left        │    │  └── it died ──────┘   │ the page goes into the back-forward cache
 *    │  └────────────────────────┼────┤                        ▼
 *    │                           │    │ it never ran: one  no engine
 *    │                           │    ▼ rung down              │
 *    │                           └── the ladder                │ the page is back: a turn begins
 *    └── refused: an older version, no storage                 └─►
 *
 * A turn (engine-turn.ts) is one engine; the ladder (ladder.ts) says where the next one runs; requests (requests.ts)
 * outlive them all.
 */
import type {
  DatabaseAsk,
  EngineEvent,
  ErrorRecord,
  JsonObject,
  Query,
  SyncError,
  SyncState,
} from '../protocol/protocol.js';
import type {Stretch} from '../protocol/stretches.js';

/** What comes up from the engine. */
export interface ManagerHooks {
  state(state: SyncState): void;
  event(event: EngineEvent): void;
  /** There is no engine, or it can't begin. The state says so until an engine says better. */
  trouble(error: SyncError): void;
  token(): Promise<string | undefined>;
  log(level: 'error' | 'warn' | 'info' | 'debug', message: string): void;
}

/** The page's end of one engine's line to the database. */
export interface Desk {
  hear(ask: DatabaseAsk): void;
  close(): void;
}

/** A query that is watched. */
export interface Watch {
  type: string;
  query: Query;
  value(value: readonly Stretch<JsonObject>[]): void;
  error(error: ErrorRecord): void;
}
