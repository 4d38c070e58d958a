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
import type {Compaction} from '../database/compaction.js';
import type {Checkpoint, CommittedRecord, Rows} from '../database/database.js';
import type {Instance} from '../database/directory.js';
import type {AskDatabase} from '../database/own-journal.js';
import type {Logger} from '../platform/logger.js';
import type {Platform} from '../platform/platform.js';
import type {
  ChangesDetail,
  EngineConfig,
  EngineEvent,
  ErrorRecord,
  ServerFrame,
  SyncError,
  SyncErrorFrame,
  SyncFrame,
  Want,
  WelcomeFrame,
} from '../protocol/protocol.js';
import type {OperationQueue} from '../queue/operation-queue.js';
import type {Announcement} from '../tracker/tracker.js';
import type {TokenAnswer} from './credentials.js';

export interface ConnectionOptions {
  platform: Platform;
  logger: Logger;
  url: string;
  /** Characters of one frame. */
  frameChars: number;
  /** Whether the page can be asked for a token. */
  hasToken: boolean;
  /** Address of a module: what the server speaks, where that is another vocabulary. */
  dialect?: string | undefined;
}

export interface ConnectionHooks {
  /** A token from the page. */
  token(): Promise<TokenAnswer>;
  /** The first frame, but for its token. */
  greeting(): Promise<SyncFrame>;
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
  /** This tab's page does not answer: another one may do better. */
  barren(): void;
  /** Any of the facts may have changed. */
  changed(): void;
}

/** What the connection knows of itself. */
export interface LineFacts {
  phase: 'stopped' | 'waiting' | 'connecting' | 'open';
  attempts: number;
  unreachable: boolean;
  needsAuth: boolean;
  shown: string | null;
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
  /** What the page says when asked for a token. */
  token(): Promise<TokenAnswer>;
  /** Asks the page's own database. */
  database: AskDatabase;
  /** The server verified this subject. Resolves to false where this database is not theirs: another will be opened. */
  claim(subject: string): Promise<boolean>;
  /** Another tab, whose line is open, has shown a token with this name; null: this tab leads. */
  shown(name: string | null): void;
  /** Another tab found that another database is the right one. @param left because this one's user was logged out */
  moved(left: boolean): void;
  asked(what: 'connect' | 'disconnect' | 'forceConnect'): void;
  /** The database can't be used any more: deleted, or taken over by a newer version. */
  lost(reason: SyncError): void;
  /** A newer version of this package is at work in another tab. */
  outdated(): void;
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
  replica: Rows;
  /** Resolves when all is read that other tabs wrote before this one led: nothing may be sent or applied before. */
  caughtUp: Promise<void>;
  /** A greeting goes out now. */
  greets(): void;
  /** Where what is written here can be made smaller. */
  compaction: Compaction | undefined;
  changed(): void;
  /** What all open tabs want, as of now; undefined: everything. */
  wants(): Promise<Want[] | undefined>;
  resign(): void;
  /** Resigns if another tab may do better. */
  yield(): void;
  committed(checkpoint: Checkpoint, detail: ChangesDetail, records: readonly CommittedRecord[] | null): Promise<void>;
  announce(announcement: Announcement): void;
}
