/** One socket, from dialling to the end. Once it is left, what it still says is not heard, whether or not it will close. */
import type {Socket, SocketHandlers, SocketPort} from '../platform/platform.js';

export class Line {
  #socket: Socket | undefined;
  #left = false;

  /** @throws what the platform throws at an address it can't use */
  static dial(port: SocketPort, url: string, hear: (line: Line) => SocketHandlers): Line {
    const line = new Line();
    const handlers = hear(line);
    line.#socket = port.connect(url, {
      open: () => line.#left || handlers.open(),
      message: text => line.#left || handlers.message(text),
      binary: () => line.#left || handlers.binary(),
      close: (code, reason) => line.#left || handlers.close(code, reason),
    });
    return line;
  }

  get isLeft(): boolean {
    return this.#left;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text: string): void {
    if (!this.#left) this.#socket?.send(text);
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
