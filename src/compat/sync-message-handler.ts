/**
 * SyncMessageHandler: applies the plan's frames to a database of the application's own, for those who receive them by
 * themselves. A frame is one transaction or nothing; frames are applied one after another; the LSN moves when the rows
 * stand, and never back. Nothing is skipped: after a frame that failed the handler takes no more until `initialize`.
 */
import {compareLsn, isObject, LSN_ZERO, type Lsn, normaliseLsn, SyncError} from '../protocol/protocol.js';
import {type PlanChanges, readPlanFrame} from './plan-frames.js';
import {deprecated} from './shared.js';
import type {Database, DatabaseTransaction} from './types.js';

/** Frames that may wait for `initialize`. */
const MAX_WAITING = 1000;
/** Changes that a database is handed at once, as by the service. */
const BULK = 500;
/** Whose a checkpoint of ours is: a service's names its local database here. */
const INSTANCE = 'SyncMessageHandler';

export class SyncMessageHandler {
  #database: Database | undefined;
  /** Whether the database keeps the position itself, with its rows. */
  #keeps = false;
  #ready = Promise.resolve();
  /** A database is asked for one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();
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

  /** Up to where the rows reach: keep it with them, where the database does not by itself, and greet with it. */
  get lastLSN(): Lsn {
    return this.#lastLSN;
  }

  /**
   * From here on frames are applied, first those that waited. After a failure: begins again from `lastLSN`. Resolves when
   * that is the database's own position, if it keeps one (`readCheckpoint`); where it can't be read, frames are told.
   */
  initialize(database: Database): Promise<void> {
    if (this.#life.failure) this.#life = {};
    const life = this.#life;
    this.#database = database;
    this.#ready = this.#lookUp(database).catch(error => void this.#fail(life, SyncError.from(error, 'apply-failed')));
    this.#wake();
    return this.#ready;
  }

  /**
   * True once the frame's rows stand; false where it carries none, or is older than them.
   * @throws SyncError `bad-frame`, `apply-failed`, `storage-conflict`, `window-exceeded`, `closed`; from then on all others, too
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
    await this.#ready;
    if (life.failure) throw life.failure;
    if (!isObject(frame)) throw new SyncError('bad-frame', 'Malformed frame: not an object');
    const read = readPlanFrame(frame);
    if (!read || this.#isOld(read)) return false;
    const {changes, lsn} = read;
    if (changes.length > 0 || (this.#keeps && lsn !== undefined))
      await this.#transact(this.#database, async tx => {
        await write(tx, changes);
        if (lsn === undefined || !this.#keeps) return;
        const at = {generation: 'plan', lsn, subject: '', subscription: ''};
        await tx.writeCheckpoint?.({at, instance: INSTANCE, epoch: 0});
      });
    if (lsn !== undefined) this.#lastLSN = lsn;
    return changes.length > 0;
  }

  #transact<T>(database: Database | undefined, run: (tx: DatabaseTransaction) => Promise<T>): Promise<T | undefined> {
    const done = this.#turn.then(() => database?.transaction(run));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #lookUp(database: Database): Promise<void> {
    const found = await this.#transact(database, async tx => {
      this.#keeps = tx.readCheckpoint !== undefined && tx.writeCheckpoint !== undefined;
      return this.#keeps ? tx.readCheckpoint?.() : undefined;
    });
    if (found && found.instance !== INSTANCE)
      throw new SyncError(
        'storage-conflict',
        'The rows of this database are a service’s: it takes no frames from here',
      );
    if (found?.at) this.#lastLSN = found.at.lsn;
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

async function write(tx: DatabaseTransaction, changes: PlanChanges['changes']): Promise<void> {
  for (let from = 0; tx.applyChanges && from < changes.length; from += BULK)
    await tx.applyChanges(changes.slice(from, from + BULK));
  if (tx.applyChanges) return;
  for (const {type, entityType, entityId, data = {}, timestamp, partial} of changes) {
    if (type === 'update') await tx.upsertEntity(entityType, entityId, data, timestamp, partial);
    else await tx.deleteEntity(entityType, entityId, timestamp);
  }
}
