/** What a host can set, and what holds where it doesn't. */
import type {IncomingMessage, ServerResponse} from 'node:http';
import type {SyncFrame, WireOperation} from '../src/protocol/protocol.js';
import type {ChangeSource, OperationTransaction} from './source/change-source.js';
import type {Publish} from './source/publication.js';

/** Who a client is, as verified by the host. */
export interface Identity {
  readonly subject: string;
  /** Milliseconds since 1970; afterwards the connection is closed with 4401. */
  readonly expires?: number;
  /** Whatever the host's own hooks need to know. */
  readonly permissions?: unknown;
}

export interface AuthenticateRequest {
  /** From the greeting or an in-band refresh; absent when the client has none. */
  readonly token: string | undefined;
  /** The upgrade request, for hosts that read cookies. */
  readonly request: IncomingMessage;
  readonly frame: SyncFrame | undefined;
}

export interface OperationContext {
  readonly identity: Identity;
  readonly instance: string;
  readonly clientId: string;
}

/** Code of the host's own for an operation; what it throws rolls the transaction back. */
export type OperationHandler = (
  op: WireOperation,
  tx: OperationTransaction,
  context: OperationContext,
) => unknown | Promise<unknown>;

/** Which rows of a table a client may see and write: all, none, or those whose columns equal these. */
export type RowRule = boolean | Readonly<Record<string, string | number | boolean | null>>;

export interface ServerLogger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
}

export interface Limits {
  /** Bytes of one operation, as JSON. Default 1,000,000. */
  operation: number;
  /** Operations of one frame. Default 500. */
  operations: number;
  /** Bytes of one frame from a client. Default 1 MiB. */
  frame: number;
  /** Bytes of a frame before the greeting is accepted. Default 16 KiB. */
  greetingFrame: number;
  /** Milliseconds in which to greet. Default 5,000. */
  greeting: number;
  /** Milliseconds of silence before a ping. Default 15,000. */
  heartbeat: number;
  /** Milliseconds after that ping until the connection counts as dead. Default 10,000. */
  deadAfter: number;
  /** Milliseconds without an acknowledgement while frames are due. Default 60,000. */
  stalled: number;
  /** Frames a second, as an average with bursts of ten seconds' worth. Default 1,000. */
  framesPerSecond: number;
  /** Bytes a second, likewise. Default 4 MiB. */
  bytesPerSecond: number;
  /** Operations a second, likewise. Default 2,000. */
  operationsPerSecond: number;
  /** Clients let in within any second; the others are told when to come again. Default 100. */
  greetingsPerSecond: number;
  /** Sockets in all. Default 20,000. */
  sockets: number;
  /** Sockets that have not greeted yet. Default 1,000. */
  socketsBeforeGreeting: number;
  /** Sockets of one subject. Default 100; without `authenticate`, where everyone is one subject, no bound but `sockets`. */
  socketsPerSubject: number;
}

export interface SyncServerOptions {
  source: ChangeSource;
  /** Tables that clients may see. Nothing else is readable or writable. */
  publish: Publish;
  /** Default 0: any free port. */
  port?: number;
  /** Default '127.0.0.1'. */
  host?: string;
  /** Path of the WebSocket. Default '/api/sync'. */
  path?: string;
  /**
   * Origins of pages that may connect, such as 'https://app.example'; '*' for any. Default: the same host as the
   * request's. Clients that send no `Origin` are no pages and pass, unless this is a list and `allowNoOrigin` is false.
   */
  origins?: readonly string[] | '*';
  /** Whether a request without `Origin` may connect (it can't come from a web page). Default true. */
  allowNoOrigin?: boolean;
  /** Verifies a client; null refuses it. Default: everyone is the subject 'anonymous'. */
  authenticate?: (request: AuthenticateRequest) => Identity | null | Promise<Identity | null>;
  /** Narrows what a client sees, and what it may write, to rows; asked once a greeting. Default: all published rows. */
  rows?: (table: string, identity: Identity) => RowRule;
  /** The last word on an operation, inside its transaction: true, or false or a refusal in words. Default true. */
  authorize?: (
    op: WireOperation,
    context: OperationContext,
    tx: OperationTransaction,
  ) => boolean | {code: string; message: string} | Promise<boolean | {code: string; message: string}>;
  /** Takes `send_message` operations; without it they are refused. */
  onMessage?: OperationHandler;
  /** Operations of the host's own, by type. */
  operations?: Readonly<Record<string, OperationHandler>>;
  limits?: Partial<Limits>;
  /** How much of the change log is kept for clients that were away. Default 1,000,000 changes and 7 days. */
  retention?: {rows?: number; milliseconds?: number};
  /** Default: warnings and errors to the console. */
  logger?: ServerLogger | 'silent';
  /** A folder of files to serve over plain http, or a handler for requests that are none of ours. */
  static?: string | ((request: IncomingMessage, response: ServerResponse) => void);
}

const DEFAULT_LIMITS: Limits = {
  operation: 1_000_000,
  operations: 500,
  frame: 1024 * 1024,
  greetingFrame: 16 * 1024,
  greeting: 5000,
  heartbeat: 15_000,
  deadAfter: 10_000,
  stalled: 60_000,
  framesPerSecond: 1000,
  bytesPerSecond: 4 * 1024 * 1024,
  operationsPerSecond: 2000,
  greetingsPerSecond: 100,
  sockets: 20_000,
  socketsBeforeGreeting: 1000,
  socketsPerSubject: 100,
};

const DAY = 24 * 60 * 60 * 1000;

/** The options with every default filled in. */
export interface Settings extends SyncServerOptions {
  readonly limits: Limits;
  readonly logger: ServerLogger;
  readonly keep: {rows: number; milliseconds: number};
  readonly handlers: ReadonlyMap<string, OperationHandler>;
}

export function settle(options: SyncServerOptions): Settings {
  const limits = {...DEFAULT_LIMITS, ...options.limits};
  if (!options.authenticate && options.limits?.socketsPerSubject === undefined) {
    limits.socketsPerSubject = limits.sockets;
  }
  const handlers = new Map(Object.entries(options.operations ?? {}));
  if (options.onMessage) handlers.set('send_message', options.onMessage);
  return {
    ...options,
    limits,
    handlers,
    logger: options.logger === 'silent' ? SILENT : (options.logger ?? CONSOLE),
    keep: {
      rows: options.retention?.rows ?? 1_000_000,
      milliseconds: options.retention?.milliseconds ?? 7 * DAY,
    },
  };
}

const ignore = () => {};
const SILENT: ServerLogger = {error: ignore, warn: ignore, info: ignore, debug: ignore};
const CONSOLE: ServerLogger = {
  error: (message, ...details) => console.error(`[sync-elements] ${message}`, ...details),
  warn: (message, ...details) => console.warn(`[sync-elements] ${message}`, ...details),
  info: ignore,
  debug: ignore,
};
