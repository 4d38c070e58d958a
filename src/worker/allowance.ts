import type {Clock} from '../platform/platform.js';

/** How often the other side may have something done: so many times at once, and at a steady pace from then on. */
export class Allowance {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #every: number;
  #left: number;
  #countedAt: number;

  /** @param every milliseconds in which one more is earned */
  constructor(clock: Clock, most: number, every: number) {
    this.#clock = clock;
    this.#most = most;
    this.#every = every;
    this.#left = most;
    this.#countedAt = clock.monotonic();
  }

  /** False: not now. */
  take(): boolean {
    const now = this.#clock.monotonic();
    this.#left = Math.min(this.#most, this.#left + (now - this.#countedAt) / this.#every);
    this.#countedAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
