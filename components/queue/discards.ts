/**
 * Discards that can still be undone. Until their time has come nothing has happened: whoever closes the page meanwhile
 * finds the operation where it was.
 */
import type {SyncService} from '../shared/service.js';
import {browserTimers, type Timers} from '../shared/timers.js';

/** How long a person has to change their mind. */
export const UNDO = 8000;
/** How often is looked whether they are still about to: then the time does not pass (WCAG 2.2.1). */
const STEP = 1000;

export class Discards {
  readonly #changed: () => void;
  readonly #isBusy: (id: string) => boolean;
  readonly #timers: Timers;
  /** What is to be done, by operation; kept once it is done, because the list hears of it a moment later. */
  readonly #waiting = new Map<string, {cancel: () => void; run: () => void}>();

  /**
   * `changed` is called when a discard could not be carried out, and the operation is shown as before; `isBusy` says
   * whether a person is at one that can be undone.
   */
  constructor(changed: () => void, isBusy: (id: string) => boolean, timers: Timers = browserTimers) {
    this.#changed = changed;
    this.#isBusy = isBusy;
    this.#timers = timers;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  add(id: string, service: SyncService): void {
    this.undo(id);
    let left = UNDO;
    let cancel = () => {};
    const run = () => {
      cancel();
      this.#waiting.set(id, {cancel: () => {}, run: () => {}});
      service.discard(id).catch(() => {
        this.#waiting.delete(id);
        this.#changed();
      });
    };
    const pass = () => {
      if (!this.#isBusy(id)) left -= STEP;
      if (left > 0) wait();
      else run();
    };
    const wait = () => {
      cancel = this.#timers.after(STEP, pass);
    };
    wait();
    this.#waiting.set(id, {cancel: () => cancel(), run});
  }

  undo(id: string): void {
    this.#waiting.get(id)?.cancel();
    this.#waiting.delete(id);
  }

  /** Carries all out now: nobody can undo them any more. */
  finish(): void {
    for (const {run} of [...this.#waiting.values()]) run();
  }
}
