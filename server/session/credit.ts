/** Bytes a millisecond that even a slow line carries. */
const SLOWEST = 20;

/**
 * The window of one stream: how many bytes of data frames may be on their way unacknowledged. A client that stops
 * acknowledging stops receiving; one frame is always allowed, or a small window would wait for ever.
 */
export class Credit {
  readonly #window: number;
  readonly #now: () => number;
  /** Frames on their way, oldest first. */
  #frames: {n: number; bytes: number}[] = [];
  #bytes = 0;
  #n = 0;
  #waiting: {bytes: number; resolve: (granted: boolean) => void} | undefined;
  #progress: number;
  #closed = false;

  constructor(window: number, now: () => number = Date.now) {
    this.#window = window;
    this.#now = now;
    this.#progress = now();
  }

  /** Waits for room for a frame of this size; false when the stream has ended meanwhile. One caller at a time. */
  take(bytes: number): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (this.#hasRoom(bytes)) return Promise.resolve(true);
    this.#progress = this.#now();
    return new Promise(resolve => {
      this.#waiting = {bytes, resolve};
    });
  }

  /** Counts a frame that goes out now. Returns its number. */
  spend(bytes: number): number {
    this.#frames.push({n: ++this.#n, bytes});
    this.#bytes += bytes;
    return this.#n;
  }

  /** The number that the next frame will have. */
  get next(): number {
    return this.#n + 1;
  }

  /** Frame `n` and all before it have arrived. A number never sent is the client's mistake: false. */
  acknowledge(n: number): boolean {
    if (n > this.#n) return false;
    let count = 0;
    for (const frame of this.#frames) {
      if (frame.n > n) break;
      this.#bytes -= frame.bytes;
      count++;
    }
    if (count === 0) return true;
    this.#frames.splice(0, count);
    this.#progress = this.#now();
    if (this.#waiting && this.#hasRoom(this.#waiting.bytes)) this.#settle(true);
    return true;
  }

  /** Milliseconds for which a frame has been due without any progress, less what those on their way may take. */
  stalledFor(): number {
    return this.#waiting ? this.#now() - this.#progress - this.#bytes / SLOWEST : 0;
  }

  close(): void {
    this.#closed = true;
    this.#settle(false);
  }

  #hasRoom(bytes: number): boolean {
    return this.#frames.length === 0 || this.#bytes + bytes <= this.#window;
  }

  #settle(granted: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(granted);
  }
}
