/** Sockets whose other end is the test. */
import type {Socket, SocketHandlers, SocketPort} from '../../src/platform/platform.js';

export class FakeSocket implements Socket {
  readonly url: string;
  readonly sent: Record<string, unknown>[] = [];
  closedWith: {code: number | undefined; reason: string | undefined} | undefined;
  bufferedAmount = 0;
  readonly handlers: SocketHandlers;

  constructor(url: string, handlers: SocketHandlers) {
    this.url = url;
    this.handlers = handlers;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  /** A real one says `close` later, or never: the test does. */
  close(code?: number, reason?: string): void {
    this.closedWith ??= {code, reason};
  }

  types(): unknown[] {
    return this.sent.map(frame => frame['type']);
  }

  receive(frame: object): void {
    this.handlers.message(JSON.stringify(frame));
  }
}

export class FakeSockets implements SocketPort {
  readonly all: FakeSocket[] = [];

  connect(url: string, handlers: SocketHandlers): Socket {
    const socket = new FakeSocket(url, handlers);
    this.all.push(socket);
    return socket;
  }

  get last(): FakeSocket {
    const socket = this.all.at(-1);
    if (!socket) throw new Error('No socket was opened');
    return socket;
  }
}
