/**
 * Keeps the journal from growing for ever: the leader's, while nothing else is to be done. Step by step the rows that are in
 * use of the oldest records are put at the end and those records dropped, until what is superseded weighs no more than what
 * is in use. A row that nobody changes is so moved once for each time that as much as all rows has been written.
 */
import type {Clock} from '../platform/platform.js';
import type {Journal} from './journal.js';
import type {Replica} from './replica.js';

/** Records in a journal of which no index was built here, before one is built to see what could go. */
const MANY = 1000;
/** Milliseconds from one that failed to the next try. */
const REST = 60_000;

export class Compaction {
  readonly #journal: Journal;
  readonly #replica: Replica;
  readonly #slack: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #running = false;
  #restsUntil = 0;

  /** @param slack changes that may lie superseded besides as many as there are rows */
  constructor(journal: Journal, replica: Replica, slack: number, clock: Pick<Clock, 'monotonic'>) {
    this.#journal = journal;
    this.#replica = replica;
    this.#slack = slack;
    this.#clock = clock;
  }

  /** @param isIdle asked before each step, which may be the last for the moment */
  async run(isIdle: () => boolean): Promise<void> {
    if (this.#running || this.#clock.monotonic() < this.#restsUntil) return;
    if (!(this.#replica.hasRead || this.#journal.length > Math.min(MANY, this.#slack))) return;
    this.#running = true;
    try {
      while (isIdle()) {
        const salvage = await this.#replica.salvage(this.#slack);
        if (!salvage || !(await this.#journal.compact(salvage))) break;
      }
    } catch {
      // Another leader has taken over, the disk is full, or a record can't be read, which is told and healed elsewhere. Nothing
      // is lost by it but room.
      this.#restsUntil = this.#clock.monotonic() + REST;
    } finally {
      this.#running = false;
    }
  }
}
