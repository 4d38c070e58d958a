/**
 * The worker room: the engine behind the port. SyncEngine opens a local database and answers the page; a Client is one open
 * database in this tab; a LeaderSession is one turn as leader, with the Connection to the server, the handler and the pump.
 * It composes the rooms below and decides nothing that one of them can decide.
 *
 *   SyncEngine ─► Client ─► LeaderSession ─► Connection ══ WebSocket
 *      │            ├► Replica, Outbox, OperationQueue, Tracker
 *      └► LiveQueries, answers
 *
 * Here: what a Connection needs from outside, and what it tells.
 */
import type {Logger} from '../platform/logger.js';
import type {Platform} from '../platform/platform.js';
import type {ErrorRecord, ServerFrame, SyncErrorFrame, SyncFrame, WelcomeFrame} from '../protocol/protocol.js';

export interface ConnectionOptions {
  platform: Platform;
  logger: Logger;
  url: string;
  /** Characters of one frame. */
  frameChars: number;
  /** Whether a refused token can be replaced by a new one. */
  canRefresh: boolean;
}

export interface ConnectionHooks {
  /** The first frame. `refresh`: the last token was refused. */
  greeting(refresh: boolean): Promise<SyncFrame | undefined>;
  opened(welcome: WelcomeFrame): void;
  /** A validated frame that is not the connection's own. */
  frame(frame: ServerFrame, text: string): void;
  foreign(body: Record<string, unknown>): void;
  complaint(frame: SyncErrorFrame): void;
  malformed(error: ErrorRecord): void;
  /** An open connection is gone. */
  closed(code: number, reason: string): void;
  retrying(attempt: number, nextRetryAt: number): void;
  /** The server knows of a newer leader. */
  fenced(): void;
  /** Any of the facts may have changed. */
  changed(): void;
}

/** What the connection knows of itself. */
export interface LineFacts {
  phase: 'stopped' | 'waiting' | 'connecting' | 'open';
  attempts: number;
  unreachable: boolean;
  needsAuth: boolean;
  nextRetryAt: number | null;
  latency: number | null;
  clockOffset: number;
  error: ErrorRecord | null;
}
