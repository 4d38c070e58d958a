/**
 * The worker room: the engine behind the port. SyncEngine opens a local database and answers the page; a Client is one open
 * database in this tab; a LeaderSession is one turn as leader, with the Connection to the server, the handler and the pump.
 * It composes the rooms below and decides nothing that one of them can decide.
 *
 *   SyncEngine ─► Client ─► LeaderSession ─► Connection ══ WebSocket
 *      │            ├► Replica, Outbox, OperationQueue, Tracker
 *      └► LiveQueries, answers
 *
 * Here: what a Client and a Connection need from outside, and what they tell.
 */
import type {Checkpoint} from '../database/database.js';
import type {Instance} from '../database/directory.js';
import type {CommittedRecord} from '../handler/handler.js';
import type {Logger} from '../platform/logger.js';
import type {Platform} from '../platform/platform.js';
import type {
  ChangesDetail,
  EngineConfig,
  EngineEvent,
  ErrorRecord,
  ServerFrame,
  SyncErrorFrame,
  SyncFrame,
  WelcomeFrame,
} from '../protocol/protocol.js';
import type {OperationQueue} from '../queue/operation-queue.js';
import type {Announcement} from '../tracker/tracker.js';

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

/** What a client asks of the engine around it. */
export interface ClientHooks {
  /** Any fact may have changed. */
  changed(): void;
  /** Rows of these types may look different; null: of any. */
  touched(types: readonly string[] | null): void;
  event(event: EngineEvent): void;
  /** A token from the page; undefined where it has none. */
  token(): Promise<string | undefined>;
  /** The server verified this subject. Resolves to false where this database is not theirs: another will be opened. */
  claim(subject: string): Promise<boolean>;
  /** Another tab found that another database is the right one. */
  moved(): void;
  asked(what: 'connect' | 'disconnect' | 'forceConnect'): void;
}

export interface ClientContext {
  platform: Platform;
  logger: Logger;
  config: EngineConfig;
  hooks: ClientHooks;
  /** Whether the line should be open, as of now; undefined where nobody has said so in this tab's hearing. */
  wanted(): boolean | undefined;
}

/** What a LeaderSession asks of the Client around it. */
export interface SessionContext extends ClientContext {
  instance: Instance;
  queue: OperationQueue;
  changed(): void;
  resign(): void;
  committed(checkpoint: Checkpoint, detail: ChangesDetail, records: readonly CommittedRecord[] | null): Promise<void>;
  announce(announcement: Announcement): void;
}
