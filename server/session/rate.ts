/** A token bucket: an average rate, with bursts of ten seconds' worth for a client that comes back with a full outbox. */
export class Rate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #last: number;

  constructor(perSecond: number, now: () => number = Date.now) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = perSecond * 10;
    this.#last = now();
  }

  /** False: too much, by now. */
  take(count: number): boolean {
    return this.waitFor(count) === 0;
  }

  /** 0, and it is taken; or how many milliseconds it is too early. What is refused costs nothing. */
  waitFor(count: number): number {
    const now = this.#now();
    const most = this.#perSecond * 10;
    this.#tokens = Math.min(most, this.#tokens + (Math.max(0, now - this.#last) / 1000) * this.#perSecond);
    this.#last = now;
    // A crowd larger than any burst passes when the bucket is full, or it never would.
    const missing = Math.min(count, most) - this.#tokens;
    if (missing > 0) return Math.ceil((missing / this.#perSecond) * 1000);
    this.#tokens -= count;
    return 0;
  }
}
