/** What happened, line by line: the hash of all of it, and the last lines for a person. */
import {createHash} from 'node:crypto';
import type {VirtualTime} from './virtual-time.js';

const KEEP = 4000;

export class Trace {
  readonly #time: VirtualTime;
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  add(who: string, what: string): void {
    const line = `${(this.#time.elapsed / 1000).toFixed(3)} ${who}: ${what}`;
    this.#hash.update(line);
    this.#lines.push(line.length > 400 ? `${line.slice(0, 400)}…` : line);
    if (this.#lines.length > KEEP) this.#lines.shift();
  }

  digest(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  tail(count: number): string[] {
    return this.#lines.slice(-count);
  }
}

/** An invariant that does not hold. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
