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
    const now = this.#now();
    const refill = (Math.max(0, now - this.#last) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond * 10, this.#tokens + refill) - count;
    this.#last = now;
    return this.#tokens >= 0;
  }
}
