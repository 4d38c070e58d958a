/**
 * How often something may be done that costs much each time: a few times at once, and beyond that at a steady pace, so that
 * what comes meanwhile is done together. Whoever does it now and then never waits.
 */
import type {Clock, Remover} from './platform.js';

/** Turns that may follow each other at once. */
const BURST = 4;

export class Pace {
  readonly #clock: Clock;
  readonly #every: number;
  /** Turns that may be taken at once; below 0, the part of one that is still to be waited for. */
  #turns = BURST;
  #countedAt = 0;
  #waiting: {resolve: () => void; cancel: Remover} | undefined;

  /** @param every milliseconds from one turn to the next in a crowd */
  constructor(clock: Clock, every: number) {
    this.#clock = clock;
    this.#every = every;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Resolves when it may be done again. One caller at a time. */
  async turn(): Promise<void> {
    const now = this.#clock.monotonic();
    const earned = (now - this.#countedAt) / this.#every;
    this.#countedAt = now;
    this.#turns = Math.max(-1, Math.min(BURST, this.#turns + earned) - 1);
    if (this.#turns < 0) await this.#wait(-this.#turns * this.#every);
  }

  /** Whoever waits waits no longer. */
  hurry(): void {
    this.#waiting?.cancel();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.#waiting = {resolve, cancel: this.#clock.timer(ms, () => this.hurry())};
    });
  }
}
