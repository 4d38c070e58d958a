/** Whether a leader gets anything written. One that does not gives the line to another tab, whose disk may be better. */

/** Seconds, as this tab has run, that a write may hang. */
const STUCK_AFTER = 10;
/** Failures in a row. */
const FAILURES = 3;

export class Progress {
  readonly #giveUp: () => void;
  #stuck = 0;
  #failures = 0;
  /** What else is waited for. */
  #work: Promise<unknown> | undefined;

  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
  }

  /** Each second. @param isBusy something waits to be written */
  tick(isBusy: boolean): void {
    this.#stuck = isBusy || this.#work ? this.#stuck + 1 : 0;
    if (this.#stuck >= STUCK_AFTER) this.#giveUp();
  }

  /** Work that waits for storage: as long as it does there is no progress. */
  async of<T>(work: Promise<T>): Promise<T> {
    this.#work = work;
    try {
      return await work;
    } finally {
      if (this.#work === work) this.#work = undefined;
    }
  }

  /** A write is at it still. */
  moved(): void {
    this.#stuck = 0;
  }

  /** Something is written. */
  made(): void {
    this.#stuck = 0;
    this.#failures = 0;
  }

  /** @returns how often in a row */
  failed(): number {
    if (++this.#failures >= FAILURES) this.#giveUp();
    return this.#failures;
  }
}
