/**
 * Virtual time: one queue of events, each run to the end of all its microtasks before the next begins. Nothing waits for
 * real time. An event belongs to a process (a tab, a server's run): those of a dead one never happen, those of a frozen
 * one happen when it thaws, in their order.
 */
import type {Remover} from '../../src/platform/platform.js';

/** Whatever can die or stand still: a tab, one run of the server. */
export interface Process {
  readonly name: string;
  alive: boolean;
  frozen: boolean;
}

interface Event {
  time: number;
  order: number;
  process: Process | undefined;
  run: () => void;
  cancelled: boolean;
}

/** 2026-01-01, so that nothing looks like zero. */
const START = 1_767_225_600_000;

export class VirtualTime {
  now = START;
  steps = 0;
  readonly #queue: Event[] = [];
  #parked: Event[] = [];
  #order = 0;

  get elapsed(): number {
    return this.now - START;
  }

  at(ms: number, process: Process | undefined, run: () => void): Remover {
    const event = {time: this.now + Math.max(0, ms), order: this.#order++, process, run, cancelled: false};
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Events that a process still has before it. */
  pendingOf(process: Process): number {
    return this.#queue.filter(event => event.process === process && !event.cancelled).length;
  }

  thaw(process: Process): void {
    process.frozen = false;
    const mine = this.#parked.filter(event => event.process === process);
    this.#parked = this.#parked.filter(event => event.process !== process);
    for (const event of mine) this.#push(event);
  }

  /** Runs the next event and everything that follows from it without waiting. False: nothing is left to happen. */
  async step(): Promise<boolean> {
    for (let event = this.#pop(); event; event = this.#pop()) {
      if (event.cancelled || event.process?.alive === false) continue;
      if (event.process?.frozen) {
        this.#parked.push(event);
        continue;
      }
      this.now = Math.max(this.now, event.time);
      this.steps++;
      event.run();
      await drained();
      return true;
    }
    return false;
  }

  #push(event: Event): void {
    const queue = this.#queue;
    let at = queue.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = queue[parent];
      if (!above || before(above, event)) break;
      queue[at] = above;
      at = parent;
    }
    queue[at] = event;
  }

  #pop(): Event | undefined {
    const queue = this.#queue;
    const first = queue[0];
    const last = queue.pop();
    if (!first || !last || first === last) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = queue[child];
      const right = queue[child + 1];
      if (!left) break;
      if (right && before(right, left)) child++;
      const least = right && before(right, left) ? right : left;
      if (before(last, least)) break;
      queue[at] = least;
      at = child;
    }
    queue[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

const immediate = setImmediate;

/** Node runs all microtasks before the next immediate. */
export function drained(): Promise<void> {
  return new Promise(resolve => {
    immediate(() => resolve());
  });
}
