/**
 * The server as a host holds it: sockets in, sessions on them, one source behind all. It owns what sessions share and
 * the only timer; what a session does is in session/, what an operation does in operations/, where rows live in source/.
 */
import {createServer, type IncomingMessage, type Server} from 'node:http';
import type {Duplex} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import type {WebSocket, WebSocketServer} from 'ws';
import {CLOSE, SyncError} from '../src/protocol/protocol.js';
import {originAllowed} from './http/origin.js';
import {type Health, requestHandler} from './http/routes.js';
import {LogTail} from './log-tail.js';
import {loadPeer} from './optional-peer.js';
import {type Settings, type SyncServerOptions, settle} from './options.js';
import {Counters, type CounterValues} from './session/counters.js';
import {Instances} from './session/instances.js';
import {Session, type Shared} from './session/session.js';
import {Socket} from './session/socket.js';
import {returnAfter, Turnstile} from './session/turnstile.js';
import {normalisePublish} from './source/publication.js';

export interface ServerStats extends CounterValues {
  /** Open sockets, greeted or not. */
  connections: number;
  /** Accepted (greeted) sockets by instance: never more than one each. */
  instances: Record<string, number>;
}

export interface SyncServer {
  /** Opens the source and the port. @throws SyncError of the source, or the system's error for the port */
  listen(): Promise<{port: number; url: string}>;
  /**
   * Takes no more connections, finishes the operations in hand and sends the clients away over `spread` milliseconds
   * (default 3,000), then closes. `retryAfter` spreads their return.
   */
  drain(options?: {spread?: number}): Promise<void>;
  /** Closes at once, operations in hand excepted. */
  close(): Promise<void>;
  stats(): ServerStats;
}

export function createSyncServer(options: SyncServerOptions): SyncServer {
  return new NodeSyncServer(settle(options));
}

/** Milliseconds between two steps of trimming the log when there is nothing to trim, and when there is more. */
const TRIM_IDLE = 60_000;
const TRIM_BUSY = 250;

class NodeSyncServer implements SyncServer, Shared {
  readonly settings: Settings;
  readonly tail: LogTail;
  instances: Instances;
  readonly turnstile: Turnstile;
  readonly counters = new Counters();
  readonly #sessions = new Map<Session, Socket>();
  /** Sessions that have not been let in yet. */
  readonly #silent = new Set<Session>();
  readonly #subjects = new Map<string, Set<Session>>();
  readonly #http: Server;
  #sockets: WebSocketServer | undefined;
  #draining = false;
  #timer: NodeJS.Timeout | undefined;
  #trimAt = 0;
  #trimming: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
    this.tail = new LogTail(settings.source, error => settings.logger.error('Reading the log failed', error));
    this.instances = new Instances(settings.source);
    this.turnstile = new Turnstile(settings.limits.greetingsPerSecond);
    this.#http = createServer(requestHandler(settings, () => this.#health()));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(): Promise<{port: number; url: string}> {
    const {source, publish, port = 0, host = '127.0.0.1', path = '/api/sync', limits} = this.settings;
    const {WebSocketServer} = await loadPeer('ws', () => import('ws'));
    this.#sockets = new WebSocketServer({noServer: true, maxPayload: limits.frame, perMessageDeflate: false});
    await source.start(normalisePublish(publish));
    this.tail.start();
    source.subscribe(news => {
      if (news === 'history') this.#startOver();
    });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#http.once('error', reject);
        this.#http.listen(port, host, () => {
          this.#http.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      await this.tail.stop();
      await source.stop();
      throw error;
    }
    this.#timer = setInterval(
      () => this.#tick(),
      Math.max(20, Math.min(1000, limits.heartbeat / 4, limits.greeting / 4)),
    );
    const address = this.#http.address();
    if (!address || typeof address === 'string') throw new SyncError('internal', 'No port was opened');
    const name = host.includes(':') ? `[${host}]` : host;
    return {port: address.port, url: `ws://${name}:${address.port}${path}`};
  }

  stats(): ServerStats {
    const instances = new Map<string, number>();
    for (const session of this.#sessions.keys()) {
      const {instance} = session;
      if (instance !== undefined) instances.set(instance, (instances.get(instance) ?? 0) + 1);
    }
    return {
      ...this.counters.values(),
      connections: this.#sessions.size,
      instances: Object.fromEntries(instances),
    };
  }

  admit(session: Session, subject: string): boolean {
    const sessions = this.#subjects.get(subject) ?? new Set();
    if (sessions.size >= this.settings.limits.socketsPerSubject) return false;
    this.#subjects.set(subject, sessions.add(session));
    this.#silent.delete(session);
    return true;
  }

  async drain({spread = 3000}: {spread?: number} = {}): Promise<void> {
    if (this.#closing) return this.#closing;
    this.#draining = true;
    const sessions = [...this.#sessions.keys()];
    await Promise.all(sessions.map(session => session.finishOperations()));
    const pause = spread / Math.max(1, sessions.length);
    let debt = 0;
    for (const session of sessions) {
      session.close('draining', 'The server is restarting', CLOSE.draining, {
        retryAfter: returnAfter(sessions.length),
      });
      debt += pause;
      // Timers are no finer than a millisecond or so: small pauses are saved up.
      if (debt < 20) continue;
      await sleep(debt);
      debt = 0;
    }
    await this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#draining = true;
    clearInterval(this.#timer);
    const ended = [...this.#sessions.keys()].map(session => {
      return session.close('draining', 'The server is closing', CLOSE.draining, {retryAfter: 1000});
    });
    await Promise.all(ended);
    await this.#leave();
    await this.#trimming;
    await this.tail.stop();
    await this.settings.source.stop();
  }

  /** Gives close frames a moment to go out, then ends whatever is still connected. */
  async #leave(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#http.close(() => resolve()));
    this.#http.closeIdleConnections();
    if (!this.#http.listening && this.#sessions.size === 0) return;
    const late = setTimeout(() => {
      for (const socket of this.#sessions.values()) socket.terminate();
      this.#http.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(late);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal) this.#reject(socket, refusal);
    else this.#sockets?.handleUpgrade(request, socket, head, ws => this.#accept(ws, request));
  }

  /** The http status under which an upgrade is refused, or undefined: welcome. */
  #refusal(request: IncomingMessage): string | undefined {
    const {limits, path = '/api/sync', origins, allowNoOrigin = true} = this.settings;
    const [target] = (request.url ?? '/').split('?', 1);
    if (target !== path) return '404 Not Found';
    if (this.#draining) return '503 Service Unavailable';
    const {origin, host} = request.headers;
    if (!originAllowed(origin, host, {origins, allowNoOrigin})) return '403 Forbidden';
    const full = this.#sessions.size >= limits.sockets || this.#silent.size >= limits.socketsBeforeGreeting;
    return full ? '503 Service Unavailable' : undefined;
  }

  #reject(socket: Duplex, status: string): void {
    this.counters.refused++;
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #accept(ws: WebSocket, request: IncomingMessage): void {
    const socket = new Socket(ws, request.socket);
    const session = new Session(this, socket, request);
    this.counters.accepted++;
    this.#sessions.set(session, socket);
    this.#silent.add(session);
    ws.on('message', (data: Buffer, binary: boolean) => {
      socket.seen();
      if (binary) session.binary();
      else session.receive(data.toString('utf8'), data.length);
    });
    ws.on('ping', () => session.countPing());
    ws.on('error', error => this.settings.logger.debug('A socket failed', error));
    ws.on('close', () => {
      this.#forget(session);
      socket.gone();
      void session.closed();
    });
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    this.#silent.delete(session);
    for (const [subject, sessions] of this.#subjects) {
      if (sessions.delete(session) && sessions.size === 0) this.#subjects.delete(subject);
    }
  }

  #tick(): void {
    const now = Date.now();
    const {heartbeat, deadAfter} = this.settings.limits;
    for (const [session, socket] of this.#sessions) {
      if (socket.alive(now, heartbeat, deadAfter)) session.tick(now);
      else socket.terminate();
    }
    this.instances.sweep();
    if (now >= this.#trimAt && !this.#trimming) {
      this.#trimming = this.#trim().finally(() => {
        this.#trimming = undefined;
      });
    }
  }

  async #trim(): Promise<void> {
    try {
      const more = await this.settings.source.trim(this.settings.keep);
      this.#trimAt = Date.now() + (more ? TRIM_BUSY : TRIM_IDLE);
    } catch (error) {
      this.#trimAt = Date.now() + TRIM_IDLE;
      this.settings.logger.error('Trimming the log failed', error);
    }
  }

  /** Everyone greets anew, and is checked against the history that is there now; what was known of them may be of another. */
  #startOver(): void {
    this.instances = new Instances(this.settings.source);
    const retryAfter = returnAfter(this.#sessions.size);
    for (const session of this.#sessions.keys()) {
      session.close('draining', 'The database was put back', CLOSE.draining, {retryAfter});
    }
  }

  #health(): Health {
    const {generation, head} = this.settings.source;
    const status = this.#draining ? 'draining' : 'ok';
    return {status, generation, headLSN: head.lsn, connections: this.#sessions.size};
  }
}
