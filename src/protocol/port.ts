/**
 * What page and engine say to each other: a request has an id and one answer; the rest are announcements. Written by hand
 * as a union, so that a worker of another version, or a hostile message, is recognised at the door.
 */
import type {DatabaseRequest} from './checkpoint.js';
import type {ErrorRecord} from './errors.js';
import type {Want} from './frames.js';
import type {JsonObject} from './json.js';
import type {ChangesDetail, Limits, Operation, OperationStage, Query, Settlement, SyncState} from './model.js';
import type {Stretch} from './stretches.js';

/** Raised with each change of this file's meaning: page and worker of two deploys must not talk. */
export const PORT_FORMAT = 4;

/** What an engine needs to know to begin. Everything in it can be cloned. */
export interface EngineConfig {
  /** Absolute. */
  url: string;
  /** Of the embedded replica, or of what is kept beside a database of the user's own. */
  database: string;
  /** The rows are in a database of the user's own, which the page has; `tab`: in each page another one. */
  own?: {scope: 'origin' | 'tab'; clears: boolean};
  user?: string;
  clientId?: string;
  types?: Want[];
  /** Columns to keep in order, by type. */
  indexes?: Record<string, string[]>;
  limits: Limits;
  mode: 'worker' | 'page';
  /**
   * Whether the page last knew the line to be wanted: for an engine that takes another's place. A hint, which counts only
   * where no other tab has said anything.
   */
  line?: boolean;
  /** Address of the module of another vocabulary on the wire. */
  dialect?: string;
  /** Whether the page can be asked for a token. */
  hasToken: boolean;
  /** What the engine should log. */
  log: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export type EngineRequest =
  | {do: 'init'; format: number; config: EngineConfig}
  | {do: 'connect'}
  | {do: 'disconnect'; graceful: boolean}
  | {do: 'forceConnect'}
  | {do: 'get'; type: string; entityId: string}
  | {do: 'list'; type: string; query: Query}
  | {do: 'count'; type: string; query: Query}
  | {do: 'enqueue'; operation: Operation & {id: string}}
  | {do: 'settled'; operation: string; until: 'sent' | 'applied' | 'echoed'}
  | {do: 'operations'; stage: OperationStage | null}
  | {do: 'retry'; operation: string | null}
  | {do: 'discard'; operation: string | null}
  | {do: 'replace'; operation: string; by: Operation & {id: string}}
  | {do: 'clearQueue'}
  | {do: 'flush'}
  | {do: 'resync'}
  | {do: 'logout'; unsent: 'flush' | 'keep' | 'discard'; wipe: boolean; timeout: number}
  | {do: 'diagnostics'}
  | {do: 'ping'}
  | {do: 'cleanup'};

/** For a database of the user's own, which lives in the page. */
export interface DatabaseAsk {
  kind: 'database';
  ask: number;
  request: DatabaseRequest;
}

/** `progress`: it is still at it, and has got something done. The others are the last word. */
export type DatabaseAnswer = {kind: 'database'; ask: number} & (
  | {progress: true}
  | {answer: unknown; progress?: never}
  | {error: ErrorRecord; progress?: never}
);

export type PageMessage =
  | {kind: 'request'; id: number; request: EngineRequest}
  /** Nobody waits for it any more. */
  | {kind: 'cancel'; id: number}
  | {kind: 'watch'; live: number; type: string; query: Query}
  | {kind: 'unwatch'; live: number}
  /** The answer to `token`; without one where the page has none. */
  | {kind: 'token'; ask: number; token?: string}
  | DatabaseAnswer
  /** Whether nobody listens to the event `changes`, of which a busy server makes many. Until it is said somebody does. */
  | {kind: 'quiet'; quiet: boolean}
  | {kind: 'visible'};

export type EngineEvent =
  | {name: 'connected'; detail: {clientId: string}}
  | {name: 'disconnected'; detail: {code: number; reason: string}}
  | {name: 'reconnecting'; detail: {attempt: number; nextRetryAt: number}}
  | {name: 'error'; detail: ErrorRecord}
  | {name: 'sync_started'; detail: {mode: string}}
  | {name: 'sync_completed'; detail: {lsn: string}}
  | {name: 'operation_complete'; detail: Settlement}
  | {name: 'operation_error'; detail: {id: string; error: ErrorRecord}}
  | {name: 'changes'; detail: ChangesDetail}
  | {name: 'message'; detail: Record<string, unknown>};

export type EngineMessage =
  /** The engine stands and waits for `init`. */
  | {kind: 'ready'; format: number}
  | {kind: 'answer'; id: number; value: unknown}
  | {kind: 'refusal'; id: number; error: ErrorRecord}
  | {kind: 'state'; state: SyncState}
  | {kind: 'event'; event: EngineEvent}
  /** Against what was told last of this query, by this engine. */
  | {kind: 'live'; live: number; value: Stretch<JsonObject>[]}
  | {kind: 'live-error'; live: number; error: ErrorRecord}
  | {kind: 'token'; ask: number}
  | DatabaseAsk
  /** Whether the line to the server is wanted, whichever tab asked. */
  | {kind: 'line'; wanted: boolean}
  /** This engine can't go on, nor could another of its version. Nothing follows. */
  | {kind: 'over'; error: ErrorRecord}
  | {kind: 'log'; level: 'error' | 'warn' | 'info' | 'debug'; message: string};

/** Whether a message can be one of the other side's: an object with a `kind`. The sides are of one package otherwise. */
export function isPortMessage(value: unknown): value is {kind: string} {
  return typeof value === 'object' && value !== null && typeof (value as {kind?: unknown}).kind === 'string';
}
