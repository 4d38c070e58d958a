/**
 * For how long an index that was looked after answers without another look at storage: a look costs several times what the
 * answer does. Whoever takes rows away for good waits so long before saying that they are gone (`logout`).
 */
import type {Clock} from '../platform/platform.js';

/** Milliseconds. */
export const LEASE = 50;

export type LeaseClock = Pick<Clock, 'now' | 'monotonic'>;

export class Lease {
  readonly #clock: LeaseClock | undefined;
  #from: {now: number; monotonic: number} | undefined;
  /** Of the look that may still begin one. */
  #look: object | undefined;

  /** @param clock without one there is no lease */
  constructor(clock: LeaseClock | undefined) {
    this.#clock = clock;
  }

  /** By the wall's clock too, as the other one may rest while a tab sleeps. */
  get holds(): boolean {
    const [clock, from] = [this.#clock, this.#from];
    if (!clock || !from) return false;
    return Math.max(Math.abs(clock.now() - from.now), clock.monotonic() - from.monotonic) < LEASE;
  }

  /** Begins one, as of before the look, where that succeeds and it was not ended meanwhile. */
  async renew(look: () => Promise<void>): Promise<void> {
    const clock = this.#clock;
    const from = clock && {now: clock.now(), monotonic: clock.monotonic()};
    this.#look = from;
    await look();
    if (this.#look === from) this.#from = from;
  }

  end(): void {
    this.#from = this.#look = undefined;
  }
}
