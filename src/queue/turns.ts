/**
 * One run after another. Whoever joins while one runs, or in the same turn of the event loop, shares the next with all who
 * joined as well: what comes in a crowd is done in one go, what comes alone at once.
 */
export class Turns {
  readonly #run: () => Promise<void>;
  readonly #rest: () => Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param rest for how long to wait for more before a run, if at all */
  constructor(run: () => Promise<void>, rest: () => Promise<void> | undefined = () => undefined) {
    this.#run = run;
    this.#rest = rest;
  }

  /** Resolves, or rejects, as the run does that takes this in. */
  join(): Promise<void> {
    this.#next ??= this.#begin(this.#last);
    return this.#next;
  }

  async #begin(last: Promise<unknown>): Promise<void> {
    await last.catch(() => {});
    await this.#rest();
    this.#next = undefined;
    const run = this.#run();
    this.#last = run;
    await run;
  }
}
