/** One socket, from dialling to the end. Once it is left, what it still says is not heard, whether or not it will close. */
import type {Socket, SocketHandlers, SocketPort} from '../platform/platform.js';
import type {ClientFrame, Dialect, MakeDialect} from '../protocol/protocol.js';

/** Bytes that may wait in the socket. */
const SEND_LIMIT = 16 * 1024 * 1024;

/** Of a frame that was sent: how long it was, and what it was. */
export interface Sent {
  chars: number;
  type: ClientFrame['type'];
  /** How many operations it held. */
  operations: number;
}

export class Line {
  /** The longest one of those sent here. */
  longest: Sent | undefined;
  #socket: Socket | undefined;
  #dialect: Dialect | undefined;
  #left = false;

  /** @throws what the platform throws at an address it can't use */
  static dial(port: SocketPort, url: string, handlers: SocketHandlers, translate?: MakeDialect): Line {
    const line = new Line();
    const hear = (text: string) => {
      if (!line.#left) handlers.message(text);
    };
    line.#dialect = translate?.({send: text => line.#socket?.send(text), hear});
    line.#socket = port.connect(url, {
      open: () => line.#left || handlers.open(),
      message: text => line.#receive(text, hear),
      binary: () => line.#left || handlers.binary(),
      close: (code, reason) => line.#left || handlers.close(code, reason),
    });
    return line;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** @throws where the other side does not read, whatever it says; and what the platform throws */
  send(frame: ClientFrame): void {
    if (this.#left) return;
    if (this.bufferedAmount > SEND_LIMIT) throw new Error('the send buffer is full');
    if (this.#dialect) return this.#dialect.send(frame);
    const text = JSON.stringify(frame);
    const operations = frame.type === 'operations' ? frame.ops.length : 0;
    if (text.length > (this.longest?.chars ?? 0)) this.longest = {chars: text.length, type: frame.type, operations};
    this.#socket?.send(text);
  }

  #receive(text: string, hear: (text: string) => void): void {
    if (!this.#dialect || this.#left) return hear(text);
    try {
      this.#dialect.receive(text);
    } catch {
      // What a dialect can't read is malformed, and no reason to fall over.
      hear('');
    }
  }

  leave(code: number, reason: string): void {
    if (this.#left) return;
    this.#left = true;
    try {
      // A reason may have 123 bytes at most.
      this.#socket?.close(code, reason.slice(0, 40));
    } catch {
      // It was never opened, or is gone: nothing is left to close.
    }
  }
}
