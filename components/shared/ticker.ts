/**
 * One timer for all relative times on a page, set for the next moment one of them reads differently
 * (the idea is github/relative-time-element's). No interval, nothing to do while nothing changes.
 */
import {browserTimers, type Timers} from './timers.js';

export class Ticker {
  readonly #timers: Timers;
  readonly #due = new Map<() => void, number>();
  #cancel: (() => void) | undefined;
  #setFor = Number.POSITIVE_INFINITY;

  constructor(timers: Timers = browserTimers) {
    this.#timers = timers;
  }

  /** Calls `task` once, at the time `at`; a second call for the same task moves it. */
  schedule(task: () => void, at: number): void {
    this.#due.set(task, at);
    this.#set();
  }

  cancel(task: () => void): void {
    if (this.#due.delete(task)) this.#set();
  }

  #set(): void {
    const next = Math.min(...this.#due.values(), Number.POSITIVE_INFINITY);
    if (next === this.#setFor) return;
    this.#cancel?.();
    this.#setFor = next;
    this.#cancel =
      next === Number.POSITIVE_INFINITY
        ? undefined
        : this.#timers.after(Math.max(0, next - this.#timers.now()), () => this.#run());
  }

  #run(): void {
    this.#setFor = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    const now = this.#timers.now();
    for (const [task, at] of [...this.#due]) {
      if (at > now) continue;
      this.#due.delete(task);
      task();
    }
    this.#set();
  }
}

export const pageTicker = new Ticker();
