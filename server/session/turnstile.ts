/**
 * Lets a crowd back in one after the other. After a restart everybody returns at once, and each return costs reading. Who
 * comes when the present moment is taken is given a turn of their own, and nobody else gets that.
 */

/** Milliseconds that a turn is kept for who does not come, and beyond which none is given. */
const KEPT = 60_000;
/** Milliseconds by which one may be early: clocks and timers differ. */
const EARLY = 20;

export class Turnstile {
  /** Milliseconds between two turns: a fifth of the rate is left for those who come unannounced. */
  readonly #step: number;
  readonly #spare: number;
  /** Who → when. The oldest first. */
  readonly #turns = new Map<string, number>();
  #last = 0;

  /** @param perSecond no more than so many come in within any second */
  constructor(perSecond: number) {
    this.#step = 1000 / (perSecond * 0.8);
    this.#spare = this.#step * Math.max(1, perSecond * 0.2);
  }

  /** 0: come in. Else: the milliseconds after which to come again. */
  enter(who: string, now: number): number {
    this.#forget(now - KEPT);
    const turn = this.#turns.get(who);
    if (turn !== undefined && turn - now > EARLY) return turn - now;
    this.#turns.delete(who);
    if (turn !== undefined) return 0;
    const next = Math.max(this.#last, now - this.#spare) + this.#step;
    if (next > now + KEPT) return KEPT;
    this.#last = next;
    if (next <= now) return 0;
    this.#turns.set(who, next);
    return Math.ceil(next - now);
  }

  #forget(before: number): void {
    for (const [who, turn] of this.#turns) {
      if (turn >= before) return;
      this.#turns.delete(who);
    }
  }
}

/** Milliseconds after which one of so many clients that are sent away should come back: all of them, about 65 a second. */
export function returnAfter(clients: number): number {
  return 500 + Math.floor(Math.random() * Math.min(KEPT, 1000 + clients * 15));
}
