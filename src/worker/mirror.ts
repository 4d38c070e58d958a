/** What this tab holds of storage in memory, outbox and rows, and when it must be read again. */
import type {Rows} from '../database/database.js';
import type {Clock} from '../platform/platform.js';
import {Soon} from '../platform/soon.js';
import {type ErrorRecord, SyncError} from '../protocol/protocol.js';
import type {Outbox} from '../queue/outbox.js';

/** How often, at the most, it is looked whether what is pending was settled. */
const LOOK_EVERY = 4000;

export interface MirrorHooks {
  changed(): void;
  /** Any row may look different. */
  touched(): void;
  /** This database is none to use any more. */
  moved(): void;
  failed(error: ErrorRecord): void;
}

export class Mirror {
  /** Storage could not be read, or written, when that was last tried. */
  trouble: ErrorRecord | null = null;
  readonly #outbox: Outbox;
  readonly #replica: Rows;
  readonly #clock: Clock;
  readonly #hooks: MirrorHooks;
  #lookedAt = 0;
  readonly #reading: Soon;
  #closed = false;

  constructor(outbox: Outbox, replica: Rows, clock: Clock, hooks: MirrorHooks) {
    this.#outbox = outbox;
    this.#replica = replica;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#reading = new Soon(clock, () => void this.readRows());
  }

  /** Announcements were missed: reads all that this tab shows, and says so. */
  async readAll(): Promise<void> {
    await this.guard(async () => {
      await this.catchUp();
      this.#hooks.touched();
    });
  }

  /** @throws SyncError of the storage */
  async catchUp(): Promise<void> {
    await this.#outbox.load();
    // The tab that logged out may have died before it could say so.
    if (this.#outbox.isBuried) this.#hooks.moved();
    await this.#replica.refresh();
  }

  /** What is in doubt may have been settled without this tab's hearing of it: looks, but not all the time. */
  async doubt(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < LOOK_EVERY) return;
    this.#lookedAt = now;
    await this.guard(() => this.#outbox.look());
  }

  /** Another tab has committed. Whoever asks for rows looks at once; nobody waits for this tab's own look. */
  committed(): void {
    this.#replica.outdated();
    this.#reading.ask();
  }

  /** Looks how far the rows reach: there may have been a commit that was not heard of. */
  async readRows(): Promise<void> {
    await this.guard(() => this.#replica.refresh());
    this.#hooks.changed();
  }

  async readOutbox(): Promise<void> {
    await this.guard(() => this.#outbox.load());
  }

  /** Runs what touches storage. Its success says that earlier trouble is over. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      if (!this.trouble) return;
      this.trouble = null;
      this.#hooks.changed();
    } catch (error) {
      if (!this.#closed) this.#hooks.failed(SyncError.from(error, 'storage-failed').toRecord());
    }
  }

  close(): void {
    this.#closed = true;
    this.#reading.drop();
  }
}
