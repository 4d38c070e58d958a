/** A client for tests: real frames over a real socket, read one by one. It waits for events, never for time. */
import {WebSocket} from 'ws';
import type {PingFrame, ServerFrame, SyncFrame, WireOperation} from '../../src/protocol/protocol.js';

export type Frame<T extends ServerFrame['type']> = T extends 'ping' | 'pong'
  ? PingFrame
  : Extract<ServerFrame, {type: T}>;

export interface Closed {
  code: number;
  reason: string;
}

/** Longer than anything a test waits for takes; a test that reaches it has failed. */
const PATIENCE = 15_000;

export class TestClient {
  readonly ws: WebSocket;
  readonly closed: Promise<Closed>;
  /** Everything that came, in order. */
  readonly frames: ServerFrame[] = [];
  /** Data frames are acknowledged as they come. */
  acknowledge = true;
  #read = 0;
  #wake: () => void = () => {};
  #over: Closed | undefined;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    this.closed = new Promise(resolve => {
      ws.on('close', (code, reason) => {
        this.#over = {code, reason: reason.toString()};
        resolve(this.#over);
        this.#wake();
      });
    });
    ws.on('error', () => {});
    ws.on('message', (data: Buffer) => this.#take(data));
  }

  static async connect(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
    const ws = new WebSocket(url, {headers});
    const client = new TestClient(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return client;
  }

  /** Connects, greets, and waits for the welcome. */
  static async greet(url: string, greeting: Partial<SyncFrame> = {}): Promise<TestClient> {
    const client = await TestClient.connect(url);
    client.sync(greeting);
    await client.next('welcome');
    return client;
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  sync(greeting: Partial<SyncFrame> = {}): void {
    this.send({...GREETING, instance: greeting.instance ?? `instance-${Math.random()}`, ...greeting});
  }

  operations(ops: (Partial<WireOperation> & {id: string})[], settled = 0): void {
    const full = ops.map((op, index) => ({seq: index + 1, type: 'upsert', timestamp: 0, payload: {}, ...op}));
    this.send({type: 'operations', ops: full, settled});
  }

  /** The next frame of this type that was not read yet; those before it are passed over. */
  async next<T extends ServerFrame['type']>(
    type: T,
    wanted: (frame: Frame<T>) => boolean = () => true,
  ): Promise<Frame<T>> {
    const found = await this.#until(frame => frame.type === type && wanted(frame as Frame<T>), `'${type}'`);
    return found as Frame<T>;
  }

  /** The answer to an operation. */
  async answer(id: string): Promise<Frame<'operation_ack'> | Frame<'operation_nack'>> {
    const found = await this.#until(
      frame => (frame.type === 'operation_ack' || frame.type === 'operation_nack') && frame.id === id,
      `an answer to ${id}`,
      0,
    );
    return found as Frame<'operation_ack'> | Frame<'operation_nack'>;
  }

  /** Drops the connection as a crash would. */
  async end(): Promise<void> {
    this.ws.terminate();
    await this.closed;
  }

  async #until(wanted: (frame: ServerFrame) => boolean, what: string, from?: number): Promise<ServerFrame> {
    const limit = Date.now() + PATIENCE;
    let place = from ?? this.#read;
    for (;;) {
      for (; place < this.frames.length; place++) {
        const frame = this.frames[place];
        if (!frame || !wanted(frame)) continue;
        if (from === undefined) this.#read = place + 1;
        return frame;
      }
      if (this.#over || Date.now() >= limit) {
        const seen = this.frames.map(frame => JSON.stringify(frame).slice(0, 200)).slice(-5);
        throw new Error(`No ${what}; closed: ${JSON.stringify(this.#over)}; the last frames: ${seen.join('\n')}`);
      }
      await new Promise<void>(resolve => {
        const before = this.#wake;
        const timer = setTimeout(resolve, limit - Date.now());
        this.#wake = () => {
          before();
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #take(data: Buffer): void {
    const frame = JSON.parse(data.toString()) as ServerFrame;
    this.frames.push(frame);
    if (frame.type === 'ping') this.send({type: 'pong', t: frame.t});
    if ('n' in frame && this.acknowledge) this.send({type: 'received', stream: frame.stream, n: frame.n});
    const wake = this.#wake;
    this.#wake = () => {};
    wake();
  }
}

export const GREETING: SyncFrame = {
  type: 'sync',
  protocol: 1,
  clientId: 'test',
  instance: 'instance',
  epoch: 1,
  stream: 1,
  settled: 0,
  window: 1024 * 1024,
};
