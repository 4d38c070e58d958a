/**
 * What the server calls this local database. Where a profile was copied, or put back from an older copy, two go by one name:
 * the one that finds out takes another name, with its rows and its outbox, whose operations the server knows by subject and
 * id for as long as its log reaches back.
 */
import type {Commits} from '../database/database.js';
import type {Random} from '../platform/platform.js';
import type {OperationQueue} from '../queue/operation-queue.js';

export class ServerName {
  readonly #journal: Commits;
  readonly #queue: OperationQueue;
  readonly #random: Random;
  /** Undefined while it is the instance's id. */
  #alias: string | undefined;
  /** Taken in this turn. */
  #isNew = false;
  /** Being taken, until it was in a greeting. */
  #taking: Promise<void> | undefined;
  #isBeyondLog = false;

  constructor(journal: Commits, queue: OperationQueue, random: Random, alias: string | undefined) {
    this.#journal = journal;
    this.#queue = queue;
    this.#random = random;
    this.#alias = alias;
  }

  /** The name for a greeting that goes out now: if the server does not take it either, another one is due. */
  show(): string | undefined {
    if (this.#isNew) this.#taking = undefined;
    return this.#alias;
  }

  /** The server knows us by a new one already: what it refuses now it does not refuse for the name's sake. */
  get isFresh(): boolean {
    return this.#isNew && !this.#taking;
  }

  greeted(): void {
    this.#isBeyondLog = false;
  }

  /** The server's log does not go on from our rows: what it did before it may have forgotten. */
  beyondLog(): void {
    this.#isBeyondLog = true;
  }

  /** Takes another name for the next greeting; asked twice before that, one. */
  renew(): Promise<void> {
    this.#taking ??= this.#rename().catch(error => {
      this.#taking = undefined;
      throw error;
    });
    return this.#taking;
  }

  /** What a copy holds may have been sent by the other one; where the server can't tell, a person has to. */
  async judgeWork(): Promise<void> {
    if (this.#isNew && this.#isBeyondLog) await this.#queue.setAsideAll();
  }

  async #rename(): Promise<void> {
    const alias = this.#random.uuid();
    await this.#journal.rename(alias);
    this.#alias = alias;
    this.#isNew = true;
    await this.judgeWork();
  }
}
