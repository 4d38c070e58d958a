/** What this tab holds of storage in memory, outbox and rows, and when it must be read again. */
import type {Rows} from '../database/database.js';
import type {Clock} from '../platform/platform.js';
import {Soon} from '../platform/soon.js';
import {type ChangesDetail, type ErrorRecord, type Lsn, SyncError} from '../protocol/protocol.js';
import type {Outbox} from '../queue/outbox.js';
import type {ConnectionFacts} from '../state/state.js';
import {Progress} from './progress.js';

/** How often, at the most, it is looked whether what is pending was settled. */
const LOOK_EVERY = 4000;
/** For how long a tab whose outbox hung is not sure that it does not again. */
const UNSURE = 60_000;
/** Milliseconds in which a look must be answered to say that nothing hangs here. */
const PROMPT = 2000;

const BLOCKED = new SyncError('storage-blocked', 'The queue of changes can be neither read nor written at the moment', {
  retryable: true,
  action: 'retry',
}).toRecord();

export interface MirrorHooks {
  changed(): void;
  /** Any row may look different. */
  touched(): void;
  /** This database is none to use any more. */
  moved(): void;
  failed(error: ErrorRecord): void;
  /** The outbox hangs. */
  blocked(error: ErrorRecord): void;
}

export class Mirror {
  /** Storage could not be read, or written, when that was last tried. */
  trouble: ErrorRecord | null = null;
  /** Up to where tabs were told that rows were committed. */
  told: Lsn | undefined;
  readonly #outbox: Outbox;
  readonly #replica: Rows;
  readonly #clock: Clock;
  readonly #hooks: MirrorHooks;
  /** Nothing that is asked of the outbox here is answered any more, whatever becomes of the rows. */
  #blocked: ErrorRecord | null = null;
  #blockedAt = Number.NEGATIVE_INFINITY;
  readonly #progress: Progress;
  #ended = 0;
  #lookedAt = 0;
  readonly #reading: Soon;
  #closed = false;

  constructor(outbox: Outbox, replica: Rows, clock: Clock, hooks: MirrorHooks) {
    this.#outbox = outbox;
    this.#replica = replica;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#reading = new Soon(clock, () => void this.readRows());
    this.#progress = new Progress(() => this.#block());
  }

  /** Who can do better is then found out by the others: where nobody can, the rows still come here. */
  get isBlocked(): boolean {
    return this.#blocked !== null;
  }

  /** What is known of the line, and what is wrong here. */
  over(facts: ConnectionFacts): ConnectionFacts {
    return {...facts, error: this.#blocked ?? facts.error ?? this.trouble};
  }

  /** Each second. */
  tick(): void {
    const {pending, ended} = this.#outbox.work;
    if (ended !== this.#ended) this.#go(ended);
    this.#progress.tick(pending > 0);
  }

  /** Whether outbox and rows can be read here, and could be for a while. Where the outbox hangs that is never known. */
  async isWell(): Promise<boolean> {
    const since = this.#clock.monotonic();
    if (since - this.#blockedAt < UNSURE) return false;
    await this.catchUp();
    // What held this up may have held up the leader, which is well again then.
    return this.#clock.monotonic() - since < PROMPT;
  }

  #block(): void {
    this.#blockedAt = this.#clock.monotonic();
    if (this.#blocked) return;
    this.#blocked = BLOCKED;
    this.#hooks.blocked(BLOCKED);
  }

  #go(ended: number): void {
    this.#ended = ended;
    this.#progress.made();
    if (!this.#blocked) return;
    this.#blocked = null;
    this.#hooks.changed();
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

  /**
   * Another tab has committed. Whoever asks for rows looks at once; nobody waits for this tab's own look.
   * @param after what was told before it, as far as the other tab says
   * @returns what may be another than before: anything, where a word did not come
   */
  committed(detail: ChangesDetail, after?: Lsn): ChangesDetail {
    const isNext = this.told === after;
    this.told = detail.lsn;
    this.#replica.outdated();
    this.#reading.ask();
    return isNext ? detail : {lsn: detail.lsn, types: [], ids: null};
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
