/** Time that moves when a test says so. */
import type {Clock, Remover} from '../../src/platform/platform.js';

interface Timer {
  at: number;
  fire: () => void;
}

export class FakeClock implements Clock {
  #wall = Date.UTC(2030, 0, 1);
  #running = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#running;
  }

  timer(ms: number, fire: () => void): Remover {
    const timer = {at: this.#running + Math.max(0, ms), fire};
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are set: none should be after the end of what is tested. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timers in their order, and what they set going settle. */
  async advance(ms: number): Promise<void> {
    const until = this.#running + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].filter(({at}) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#pass(next.at - this.#running);
      next.fire();
    }
    this.#pass(until - this.#running);
    await settle();
  }

  /** The wall clock jumps, and no timer notices: sleep, or somebody set it. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  #pass(ms: number): void {
    this.#wall += ms;
    this.#running += ms;
  }
}

/** Lets promises that are ready run, however long their chains. */
export function settle(): Promise<void> {
  return new Promise(resolve => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
