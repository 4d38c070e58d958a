/**
 * Where the engine of a tab and the outside meet: each time that it hands something out, or takes something in. Between two
 * of these places JavaScript runs to its end and nobody can look in, so a tab that dies anywhere dies, for all that can be
 * told from outside, just before one of them or just after it.
 */
import type {Process} from './virtual-time.js';

/** Does `act` in the name of a tab, unless that tab is dead. @param what in words, the same in each run of a seed */
export type Cross = (tab: Process, what: string, act: () => void) => void;

export const unwatched: Cross = (_tab, _what, act) => act();

export interface Crossing {
  tab: string;
  what: string;
  /** The event in which it happens: two of one tab in one event have nothing but JavaScript between them. */
  step: number;
}

export interface Strike {
  /** From 0. */
  n: number;
  when: 'before' | 'after';
  kill(tab: Process): void;
}

export class Crossings {
  readonly seen: Crossing[] = [];
  readonly #step: () => number;
  readonly #strike: Strike | undefined;

  constructor(step: () => number, strike?: Strike) {
    this.#step = step;
    this.#strike = strike;
  }

  readonly cross: Cross = (tab, what, act) => {
    if (!tab.alive) return;
    const strike = this.#strike?.n === this.seen.length ? this.#strike : undefined;
    this.seen.push({tab: tab.name, what, step: this.#step()});
    if (strike?.when === 'before') strike.kill(tab);
    if (!tab.alive) return;
    act();
    if (strike?.when === 'after') strike.kill(tab);
  };
}
