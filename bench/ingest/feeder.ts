/**
 * The server of the bench, in the bench's own process: pages and scripts by http, and a socket that sends prebuilt frames as
 * fast as they are taken. To our client it is a proper server (docs/protocol.md): it greets it with an empty snapshot, and
 * the frames follow live. A contender that is not ours says that it is ready, and gets the very same frames.
 *
 * The clock is here, one for all: from the first frame sent until the last one is said to be kept.
 */
import {once} from 'node:events';
import {createReadStream} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {extname} from 'node:path';
import {type WebSocket, WebSocketServer} from 'ws';
import type {ServerFrame} from '../../src/protocol/frames.js';
import type {Feed} from './frames.js';

/** Bytes that may be unacknowledged: what our client asks for. */
export const WINDOW = 1024 * 1024;

const CONTENT: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What is served, by path: the text itself or where it lies. */
export type Files = ReadonlyMap<string, {text: string} | {file: string}>;

/** What is heard from a client that matters here. */
type Heard =
  | {type: 'ready'}
  | {type: 'sync'; stream: number}
  | {type: 'received'; n: number}
  | {type: 'ping'; t: number}
  | {type: 'pong'};

export class Feeder {
  readonly url: string;
  readonly #http;
  readonly #sockets: WebSocketServer;

  private constructor(http: ReturnType<typeof createServer>) {
    this.#http = http;
    this.#sockets = new WebSocketServer({server: http, perMessageDeflate: false});
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  }

  static async start(files: Files): Promise<Feeder> {
    const http = createServer(({url = '/'}, response) => serve(files, url, response)).listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new Feeder(http);
  }

  /** The next client, once it is ready for these frames. */
  async next(feed: Feed): Promise<Line> {
    const [socket] = (await once(this.#sockets, 'connection')) as [WebSocket];
    const line = new Line(socket, feed);
    await line.ready;
    return line;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise(resolve => this.#http.close(resolve));
  }
}

/** Isolated from other origins, so that a page may ask how much memory its workers use. */
function serve(files: Files, path: string, response: ServerResponse): void {
  const found = files.get(path);
  response.writeHead(found ? 200 : 404, {
    'content-type': CONTENT[extname(path) || '.html'] ?? 'application/octet-stream',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  if (found && 'file' in found) createReadStream(found.file).pipe(response);
  else response.end(found?.text);
}

export class Line {
  readonly ready: Promise<void>;
  readonly #socket: WebSocket;
  readonly #feed: Feed;
  /** Frames that are kept: the first of the feed has number 2. */
  #kept = 0;
  #closed: Error | undefined;
  #heard: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor(socket: WebSocket, feed: Feed) {
    this.#socket = socket;
    this.#feed = feed;
    this.ready = new Promise((resolve, reject) => {
      this.#heard = resolve;
      this.#failed = reject;
    });
    socket.on('message', data => this.#hear(JSON.parse(String(data)) as Heard));
    socket.on('close', (code, reason) => {
      this.#closed = new Error(`The client closed its socket: ${code} ${reason}`);
      this.#failed(this.#closed);
    });
  }

  /**
   * Sends all frames; resolves with the milliseconds until the last one is kept.
   * @param window bytes unacknowledged at the most
   */
  async send(window = WINDOW): Promise<number> {
    const {frames} = this.#feed;
    const started = performance.now();
    let sent = 0;
    let kept = 0;
    let under = 0;
    while (kept < frames.length) {
      let flushed: Promise<unknown> | undefined;
      for (let frame = frames[sent]; frame && under + frame.length <= window && !flushed; frame = frames[sent]) {
        sent++;
        under += frame.length;
        const written = new Promise(resolve => this.#socket.send(frame, {binary: false}, resolve));
        if (this.#socket.bufferedAmount > 4 * WINDOW) flushed = written;
      }
      await (flushed ?? this.#more(kept));
      for (; kept < this.#kept; kept++) under -= frames[kept]?.length ?? 0;
    }
    return performance.now() - started;
  }

  /** Resolves when more than `kept` frames are kept. */
  #more(kept: number): Promise<void> | undefined {
    if (this.#kept > kept) return undefined;
    if (this.#closed) throw this.#closed;
    return new Promise((resolve, reject) => {
      this.#heard = resolve;
      this.#failed = reject;
    });
  }

  #hear(heard: Heard): void {
    switch (heard.type) {
      case 'sync':
        return this.#greet(heard.stream);
      case 'received':
        this.#kept = Math.max(0, heard.n - 1);
        return this.#heard();
      case 'ready':
        return this.#heard();
      case 'ping':
        return this.#say({type: 'pong', t: heard.t});
      case 'pong':
        return;
    }
  }

  /** An empty snapshot: it is there at once, and what follows is live. Its one frame is number 1. */
  #greet(stream: number): void {
    if (stream !== 1) return this.#failed(new Error('Our client asked for the stream again: the frames did not fit'));
    const lsn = this.#feed.start;
    const history = {stream, generation: 'bench', lsn};
    this.#say({
      type: 'welcome',
      protocol: 1,
      subject: 'bench',
      generation: 'bench',
      headLSN: lsn,
      serverTime: Date.now(),
      heartbeat: 15_000,
      limits: {operation: 1024 * 1024, frame: 1024 * 1024, operations: 500},
    });
    this.#say({type: 'sync_start', mode: 'snapshot', mark: 'mark-0', total: 0, ...history});
    this.#say({type: 'sync_data', stream, n: 1, changes: [], cursor: 'end'});
    this.#say({type: 'sync_complete', ...history});
  }

  #say(frame: ServerFrame): void {
    this.#socket.send(JSON.stringify(frame));
  }
}
