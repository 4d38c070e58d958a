/** A network that a test can break: all bytes between the browser and a server pass through here. */
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {atEnd, type Scope} from './harness.js';

export class Network {
  readonly port: number;
  /** Bytes a second from the server to the browser. */
  rate = Number.POSITIVE_INFINITY;
  /** How many connections were upgraded to WebSockets so far. */
  sockets = 0;
  /** Bytes that came down through WebSockets so far. */
  bytes = 0;
  readonly #to: number;
  readonly #pairs = new Set<{browser: Socket; server: Socket}>();
  /** New connections are reset at once, as where nobody listens. */
  refusing = false;
  /** Half-open: nothing passes any more, and nobody is told. New connections are as dead. */
  #stalled = false;

  private constructor(port: number, to: number) {
    this.port = port;
    this.#to = to;
  }

  static async start(test: Scope, to: number): Promise<Network> {
    const server = createServer({pauseOnConnect: true});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const network = new Network(typeof address === 'object' && address ? address.port : 0, to);
    server.on('connection', browser => network.#take(browser));
    atEnd(test, () => {
      network.cut();
      server.close();
    });
    return network;
  }

  /** Replaces the port in an address of the server. */
  url(address: string): string {
    return address.replace(/:\d+/, `:${this.port}`);
  }

  stall(): void {
    this.#stalled = true;
    for (const {browser, server} of this.#pairs) {
      browser.pause();
      server.pause();
    }
  }

  /** What was stalled stays dead, as after a change of networks; new connections pass. */
  heal(): void {
    this.#stalled = false;
  }

  /** Resets all connections, in the middle of whatever they were saying. */
  cut(): void {
    for (const {browser, server} of this.#pairs) {
      browser.resetAndDestroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  #take(browser: Socket): void {
    if (this.refusing) return void browser.resetAndDestroy();
    const server = connect(this.#to, '127.0.0.1');
    const pair = {browser, server};
    this.#pairs.add(pair);
    const end = () => {
      browser.destroy();
      server.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of [browser, server]) socket.on('error', end).on('close', end);
    if (this.#stalled) return;
    let first = true;
    let isSocket = false;
    browser.on('data', bytes => {
      isSocket ||= first && /^upgrade: websocket/im.test(bytes.toString('latin1'));
      if (first && isSocket) this.sockets++;
      first = false;
      server.write(bytes);
    });
    server.on('data', bytes => {
      browser.write(bytes);
      if (isSocket) this.bytes += bytes.length;
      if (this.rate === Number.POSITIVE_INFINITY) return;
      server.pause();
      setTimeout(() => this.#stalled || server.resume(), (bytes.length / this.rate) * 1000);
    });
    browser.resume();
  }
}
