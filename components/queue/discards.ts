/**
 * Discards that can still be undone. Until their time has come nothing has happened: whoever closes the page meanwhile
 * finds the operation where it was.
 */
import type {SyncService} from '../shared/service.js';
import {browserTimers, type Timers} from '../shared/timers.js';

/** How long a person has to change their mind. */
export const UNDO = 8000;

export class Discards {
  readonly #changed: () => void;
  readonly #timers: Timers;
  /** What is to be done, by operation; kept once it is done, because the list hears of it a moment later. */
  readonly #waiting = new Map<string, {cancel: () => void; run: () => void}>();

  /** `changed` is called when a discard could not be carried out, and the operation is shown as before. */
  constructor(changed: () => void, timers: Timers = browserTimers) {
    this.#changed = changed;
    this.#timers = timers;
  }

  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  add(id: string, service: SyncService): void {
    this.undo(id);
    const run = () => {
      cancel();
      this.#waiting.set(id, {cancel: () => {}, run: () => {}});
      service.discard(id).catch(() => {
        this.#waiting.delete(id);
        this.#changed();
      });
    };
    const cancel = this.#timers.after(UNDO, run);
    this.#waiting.set(id, {cancel, run});
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
