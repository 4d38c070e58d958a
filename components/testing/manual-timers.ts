/** Time that passes when a test says so. */
import type {Timers} from '../shared/timers.js';

export class ManualTimers implements Timers {
  #now = 1_000_000;
  readonly #tasks = new Set<{at: number; task: () => void}>();

  now(): number {
    return this.#now;
  }

  after(delay: number, task: () => void): () => void {
    const entry = {at: this.#now + delay, task};
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  get waiting(): number {
    return this.#tasks.size;
  }

  /** Lets time pass, running what falls due in order. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#tasks].filter(({at}) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#tasks.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = end;
  }
}
