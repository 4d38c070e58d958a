/**
 * SyncMessageHandler: applies the plan's frames to a database of the application's own, for those who receive them by
 * themselves. A frame is one transaction or nothing; frames are applied one after another; the LSN moves when the rows
 * stand, and never back. Nothing is skipped: after a frame that failed the handler takes no more until `initialize`.
 */
import {compareLsn, isObject, LSN_ZERO, type Lsn, normaliseLsn, SyncError} from '../protocol/protocol.js';
import {type PlanChanges, readPlanFrame} from './plan-frames.js';
import {deprecated} from './shared.js';
import type {Database} from './types.js';

/** Frames that may wait for `initialize`. */
const MAX_WAITING = 1000;

export class SyncMessageHandler {
  #database: Database | undefined;
  /** Goes on with the frame that waits for a database, if one does. */
  #wake = () => {};
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #lastLSN: Lsn;
  /** From one `initialize` to the failure that wants another: frames that came before it are not for the next. */
  #life: {failure?: SyncError} = {};

  /** @param lastLSN up to where the database's rows reach */
  constructor({lastLSN = LSN_ZERO}: {lastLSN?: string} = {}) {
    deprecated('SyncMessageHandler', 'WorkerSyncService');
    this.#lastLSN = normaliseLsn(lastLSN) ?? LSN_ZERO;
  }

  /** Up to where the rows reach: keep it with them, and greet with it. */
  get lastLSN(): Lsn {
    return this.#lastLSN;
  }

  /** From here on frames are applied, first those that waited. After a failure: begins again from `lastLSN`. */
  initialize(database: Database): void {
    if (this.#life.failure) this.#life = {};
    this.#database = database;
    this.#wake();
  }

  /**
   * True once the frame's rows stand; false where it carries none, or is older than them.
   * @throws SyncError `bad-frame`, `apply-failed`, `window-exceeded`, `closed`; from then on all others, too
   */
  handleMessage(frame: Record<string, unknown>): Promise<boolean> {
    const life = this.#life;
    if (this.#waiting >= MAX_WAITING)
      this.#fail(life, new SyncError('window-exceeded', 'Too many frames wait', {retryable: true}));
    this.#waiting++;
    const applied = this.#tail
      .then(() => this.#apply(frame, life))
      .catch(error => {
        throw this.#fail(life, SyncError.from(error, 'apply-failed'));
      })
      .finally(() => this.#waiting--);
    this.#tail = applied.catch(() => {});
    return applied;
  }

  /** Frames that wait are told `closed`. */
  async cleanup(): Promise<void> {
    this.#fail(this.#life, new SyncError('closed', 'The handler was closed'));
    await this.#tail;
  }

  async #apply(frame: Record<string, unknown>, life: {failure?: SyncError}): Promise<boolean> {
    if (!this.#database && !life.failure) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    if (life.failure) throw life.failure;
    if (!isObject(frame)) throw new SyncError('bad-frame', 'Malformed frame: not an object');
    const read = readPlanFrame(frame);
    if (!read || this.#isOld(read)) return false;
    const {changes, lsn} = read;
    if (changes.length > 0) await this.#database?.transaction(tx => write(tx, changes));
    if (lsn !== undefined) this.#lastLSN = lsn;
    return changes.length > 0;
  }

  /** A frame at the very LSN counts: the plan sends several with one. */
  #isOld({lsn}: PlanChanges): boolean {
    return lsn !== undefined && compareLsn(lsn, this.#lastLSN) < 0;
  }

  #fail(life: {failure?: SyncError}, error: SyncError): SyncError {
    life.failure ??= error;
    this.#wake();
    return life.failure;
  }
}

async function write(tx: Parameters<Parameters<Database['transaction']>[0]>[0], changes: PlanChanges['changes']) {
  for (const {type, entityType, entityId, data = {}, timestamp, partial} of changes) {
    if (type === 'update') await tx.upsertEntity(entityType, entityId, data, timestamp, partial);
    else await tx.deleteEntity(entityType, entityId, timestamp);
  }
}
