/** Where the next engine is to run, after what became of those before. */
import type {Clock} from '../platform/platform.js';

/** Falls in a row after which a worker that did run is not tried again. */
const MAX_FALLS = 3;
/** An engine that ran for so long has made up for the falls before it. */
const STABLE_AFTER = 60_000;

export class Ladder {
  readonly #mode: 'auto' | 'worker' | 'page';
  readonly #clock: Clock;
  #rung: 'worker' | 'page';
  /** Some engine has run on this rung. */
  #held = false;
  #standsSince: number | undefined;
  #falls = 0;

  constructor(mode: 'auto' | 'worker' | 'page', clock: Clock) {
    this.#mode = mode;
    this.#clock = clock;
    this.#rung = mode === 'page' ? 'page' : 'worker';
  }

  get rung(): 'worker' | 'page' {
    return this.#rung;
  }

  /** An engine runs. */
  stands(): void {
    this.#held = true;
    this.#standsSince = this.#clock.monotonic();
  }

  /** It died, or never ran: whether another takes its place, or one in the page, or none. */
  fell(): 'again' | 'page' | 'none' {
    const lasted = this.#standsSince !== undefined && this.#clock.monotonic() - this.#standsSince >= STABLE_AFTER;
    this.#standsSince = undefined;
    this.#falls = lasted ? 1 : this.#falls + 1;
    if (this.#held && this.#falls <= MAX_FALLS) return 'again';
    if (this.#rung === 'page' || this.#mode === 'worker') return 'none';
    this.#rung = 'page';
    this.#held = false;
    this.#falls = 0;
    return 'page';
  }
}
