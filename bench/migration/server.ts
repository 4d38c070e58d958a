/**
 * The server of the bench: the app's files by http, and a socket that gives all rows to a client that has none, then what it
 * is told to. A greeting with `protocol` is of our client, and is answered in its words; any other gets the plan's. Rows are
 * the same bytes for all. Who names a window in its greeting has no more in flight, and says what it has kept.
 */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {extname} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {type WebSocket, WebSocketServer} from 'ws';
import {PACE, type SyncFeed} from './feed.js';

const CONTENT: Readonly<Record<string, string>> = {'.js': 'text/javascript', '': 'text/html'};
const LIMITS = {operation: 1024 * 1024, frame: 1024 * 1024, operations: 500};

/** What is heard from a client that matters here. */
interface Heard {
  type: string;
  protocol?: number;
  lastLSN?: string;
  /** Bytes. */
  window?: number;
  n?: number;
  t?: number;
}

export class BenchServer {
  readonly url: string;
  readonly #http;
  readonly #sockets: WebSocketServer;

  private constructor(http: ReturnType<typeof createServer>) {
    this.#http = http;
    this.#sockets = new WebSocketServer({server: http, perMessageDeflate: false});
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  }

  static async start(files: ReadonlyMap<string, string>): Promise<BenchServer> {
    const http = createServer(({url = '/'}, response) => {
      const text = files.get(url);
      response.writeHead(text === undefined ? 404 : 200, {
        'content-type': CONTENT[extname(url)] ?? 'application/octet-stream',
        // Isolated from other origins: only then may a page ask how much memory it uses.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      });
      response.end(text);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new BenchServer(http);
  }

  /** The line of the next client that connects. */
  async next(feed: SyncFeed): Promise<Line> {
    const [socket] = (await once(this.#sockets, 'connection')) as [WebSocket];
    return new Line(socket, feed);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise(resolve => this.#http.close(resolve));
  }
}

export class Line {
  readonly #socket: WebSocket;
  readonly #feed: SyncFeed;
  #failure: Error | undefined;
  /** The last frame that is said to be kept. */
  #kept = 0;
  /** When the first frame of rows was sent, by this process's clock; NaN before. */
  sendingSince = Number.NaN;
  #wake = () => {};

  constructor(socket: WebSocket, feed: SyncFeed) {
    this.#socket = socket;
    this.#feed = feed;
    socket.on('message', data => this.#hear(JSON.parse(String(data)) as Heard));
    socket.on('close', (code, reason) => this.#fail(new Error(`The client closed its socket: ${code} ${reason}`)));
  }

  /** Sends transactions at their pace, whether or not the client keeps up; resolves when the last one is kept. */
  async live(frames: readonly string[]): Promise<void> {
    const started = performance.now();
    for (const [at, frame] of frames.entries()) {
      const ahead = started + (at * 1000) / PACE.frames - performance.now();
      if (ahead > 0) await sleep(ahead);
      this.#socket.send(frame);
    }
    await this.#until(this.#feed.frames.length + frames.length);
  }

  #hear(heard: Heard): void {
    if (heard.type === 'received') this.#kept = heard.n ?? 0;
    if (heard.type === 'ping') this.#say({type: 'pong', t: heard.t});
    if (heard.type === 'sync') this.#greet(heard).catch(error => this.#fail(error));
    this.#wake();
  }

  async #greet({protocol, lastLSN, window}: Heard): Promise<void> {
    const {lsn, rows} = this.#feed;
    const history = {stream: 1, generation: 'bench', lsn};
    const isFresh = lastLSN === undefined || lastLSN === '0/0';
    if (protocol !== undefined) {
      const head = {headLSN: lsn, serverTime: Date.now(), heartbeat: 15_000, limits: LIMITS};
      this.#say({type: 'welcome', protocol: 1, subject: 'bench', generation: 'bench', ...head});
    }
    this.#say({type: 'sync_start', mode: isFresh ? 'snapshot' : 'live', mark: 'mark-0', total: rows, ...history});
    if (!isFresh) return;
    this.sendingSince = performance.now();
    if (window === undefined) for (const frame of this.#feed.frames) this.#socket.send(frame);
    else await this.#sendAll(window);
    this.#say({type: 'sync_complete', ...history});
  }

  async #sendAll(window: number): Promise<void> {
    const {frames} = this.#feed;
    let kept = 0;
    let flying = 0;
    for (const [sent, frame] of frames.entries()) {
      flying += frame.length;
      while (flying > window && kept < sent) {
        await this.#until(kept + 1);
        for (; kept < this.#kept; kept++) flying -= frames[kept]?.length ?? 0;
      }
      this.#socket.send(frame);
    }
    await this.#until(frames.length);
  }

  /** Resolves when so many frames are kept. */
  async #until(count: number): Promise<void> {
    while (this.#kept < count) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  #say(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
