/**
 * Where the page answers for a database of the user's own: one desk for each engine that comes to run, loaded on demand. It
 * checks the fence in each transaction, holds the parts of a transaction back until it is whole, and never touches what it
 * has begun to apply once its engine is over.
 */
import {pageLocks} from '../platform/browser-locks.js';
import type {LockPort} from '../platform/platform.js';
import {
  type Change,
  type DatabaseAnswer,
  type DatabaseAsk,
  type DatabaseCheckpoint,
  type DatabaseHold,
  type DatabaseRecord,
  type DatabaseRequest,
  type Reach,
  SyncError,
} from '../protocol/protocol.js';
import {instanceName} from './database.js';
import {readRecord} from './journal-record.js';
import type {Database, DatabaseTransaction} from './own.js';
import {noClear, readRow, readRows} from './own-reader.js';

/** Changes that are handed over at once: a page must not be busy for long. */
const BULK = 500;
/** Characters of a transaction in parts that are held back. Of a larger one, what has come is applied as it comes. */
const HELD = 64 * 1024 * 1024;

type Apply = Extract<DatabaseRequest, {do: 'apply'}>;
type Take = Extract<DatabaseRequest, {do: 'take'}>;
type Fence = Pick<DatabaseCheckpoint, 'instance' | 'epoch'>;
type Keeping = Required<Pick<DatabaseTransaction, 'readCheckpoint' | 'writeCheckpoint'>>;

/** One request after another, also where an engine's successor asks: what it begins finds what the one before has ended. */
const tails = new WeakMap<Database, Promise<unknown>>();

export function openDesk(database: Database, post: (answer: DatabaseAnswer) => void): OwnDesk {
  return new OwnDesk(database, pageLocks(), post);
}

export class OwnDesk {
  readonly #database: Database;
  readonly #locks: LockPort;
  readonly #post: (answer: DatabaseAnswer) => void;
  readonly #over = new AbortController();
  #fence: Fence | undefined;
  #place = '';
  /** Texts of the parts of a transaction that is not whole yet. */
  #parts: string[] = [];
  readonly #held: number;
  /** Gives the lock back. It is held to take the database over and to clear it; where no checkpoint is kept, all the time. */
  #release: (() => void) | undefined;
  /** The lock has been given back. */
  #free = Promise.resolve();
  /** Pending while something commits that nobody can stop any more. */
  #landing: Promise<unknown> = Promise.resolve();

  constructor(database: Database, locks: LockPort, post: (answer: DatabaseAnswer) => void, held = HELD) {
    this.#database = database;
    this.#locks = locks;
    this.#post = post;
    this.#held = held;
  }

  /** The engine is over: what it has asked for and was not begun is not done, and what was begun fails where it can. */
  close(): void {
    this.#over.abort(new SyncError('closed', 'The engine that asked is over'));
    // Nothing stops a commit or a `clear` that has begun: whoever comes next waits for it.
    void this.#landing.then(() => this.#unlock());
  }

  async hear({ask, request}: DatabaseAsk): Promise<void> {
    try {
      // Not in its turn among the others: whoever has the lock may take long, and rows can be read meanwhile.
      if (request.do === 'take') await this.#lock(request.place);
      const answer = await this.#inTurn(() =>
        this.#answer(request, () => this.#tell({kind: 'database', ask, progress: true})),
      );
      if (request.do === 'take' && (answer as DatabaseHold).keeps) await this.#unlock();
      this.#tell({kind: 'database', ask, answer});
    } catch (error) {
      if (request.do === 'take') await this.#unlock();
      this.#tell({kind: 'database', ask, error: errorOf(error).toRecord()});
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = (tails.get(this.#database) ?? Promise.resolve()).then(work);
    const settled = result.catch(() => {});
    tails.set(this.#database, settled);
    return result;
  }

  #tell(answer: DatabaseAnswer): void {
    if (!this.#over.signal.aborted) this.#post(answer);
  }

  async #answer(request: DatabaseRequest, progressed: () => void): Promise<unknown> {
    this.#over.signal.throwIfAborted();
    switch (request.do) {
      case 'take':
        return this.#take(request);
      case 'apply':
        return this.#apply(request, progressed);
      case 'reach':
        return this.#reach(request.instance);
      case 'get':
        return readRow(this.#database, request);
      case 'list':
        return readRows(this.#database, request);
      case 'clear':
        return this.#clear(true);
      case 'leave':
        return this.#leave();
    }
  }

  async #take({instance, epoch, place}: Take): Promise<DatabaseHold> {
    this.#parts = [];
    this.#fence = undefined;
    const found = await this.#keeping(async tx => {
      const found = await tx.readCheckpoint();
      if (found?.instance !== instance) return found ?? 'none';
      if (found.epoch > epoch) throw overtaken();
      await tx.writeCheckpoint({...found, instance, epoch});
      return found;
    });
    this.#fence = {instance, epoch};
    this.#place = place;
    if (found === undefined) return {keeps: false, reach: {}};
    if (found !== 'none' && found.instance === instance) return {keeps: true, reach: reachIn(found)};
    // Rows of somebody else, or of a client that is no more: they are nobody's to see, and nothing goes on from them.
    if (found !== 'none' && (found.at ?? found.stage)) await this.#clear(true);
    await this.#keeping(async tx => tx.writeCheckpoint({instance, epoch}));
    return {keeps: true, reach: {}};
  }

  async #reach(instance: string): Promise<DatabaseHold> {
    const found = await this.#keeping(async tx => (await tx.readCheckpoint()) ?? 'none');
    if (found === undefined) return {keeps: false, reach: {}};
    return {keeps: true, reach: found === 'none' || found.instance !== instance ? {} : reachIn(found)};
  }

  async #apply({records, reach, clear}: Apply, progressed: () => void): Promise<void> {
    const fence = this.#fence;
    if (!fence) throw overtaken();
    const texts = this.#whole(records);
    if (clear) await this.#empty(fence, clear === 'must');
    if (texts.length === 0 && !reach) return;
    const landing = Promise.withResolvers<void>();
    const run = async (tx: DatabaseTransaction) => {
      if (keeps(tx) && !isOf(await tx.readCheckpoint(), fence)) throw overtaken();
      for (const text of texts) {
        // Parsed one by one, with the database's own waiting in between: the page must not be busy for long.
        const {changes} = readRecord(0, {kind: 'rows', text});
        for (let from = 0; from < changes.length; from += BULK) {
          await this.#write(tx, changes.slice(from, from + BULK));
          progressed();
        }
      }
      // Of a page that has closed it meanwhile nothing is to be kept.
      this.#over.signal.throwIfAborted();
      this.#landing = landing.promise;
      if (keeps(tx) && reach) await tx.writeCheckpoint({...reach, ...fence});
    };
    await this.#database.transaction(run).finally(landing.resolve);
  }

  /** The frames that can be applied now; what belongs to a transaction that is not whole yet waits, if it is not too much. */
  #whole(records: readonly DatabaseRecord[]): string[] {
    const whole: string[] = [];
    for (const {text, part, final} of records) {
      // A whole one, or part 1 again: the parts before it were of a transmission that broke off.
      if (part === undefined || part === 1) this.#parts = [];
      this.#parts.push(text);
      // The checkpoint stays before it: cut short, all of it comes again, and comes to the same.
      if (part === undefined || final || this.#parts.reduce((sum, {length}) => sum + length, 0) > this.#held)
        whole.push(...this.#parts.splice(0));
    }
    return whole;
  }

  async #write(tx: DatabaseTransaction, changes: readonly Change[]): Promise<void> {
    if (tx.applyChanges) {
      return tx.applyChanges(changes.map(change => (change.type === 'delete' ? change : {...change, type: 'update'})));
    }
    for (const {type, entityType, entityId, data = {}, timestamp, partial} of changes) {
      await (type === 'delete'
        ? tx.deleteEntity(entityType, entityId, timestamp)
        : tx.upsertEntity(entityType, entityId, data, timestamp, partial));
    }
  }

  /**
   * Empties the database for a snapshot. `clear` is a transaction of the database's own, in which no fence can be looked at:
   * the lock keeps others from taking over meanwhile. It takes the checkpoint too: cut short behind it, all begins anew.
   */
  async #empty(fence: Fence, must: boolean): Promise<void> {
    const isHeld = this.#release !== undefined;
    // Not waited for: whoever has it is taking over.
    if (!(await this.#lock(this.#place, 'if-free'))) throw overtaken();
    try {
      await this.#keeping(async tx => {
        if (!isOf(await tx.readCheckpoint(), fence)) throw overtaken();
      });
      await this.#clear(must);
      await this.#keeping(async tx => {
        // Not there, unless there was no way to clear, or somebody else's client has come in.
        if (!(await tx.readCheckpoint())) await tx.writeCheckpoint(fence);
      });
    } finally {
      if (!isHeld) await this.#unlock();
    }
  }

  async #clear(must: boolean): Promise<void> {
    this.#over.signal.throwIfAborted();
    if (!this.#database.clear && must) throw noClear();
    const clearing = this.#database.clear?.();
    this.#landing = Promise.resolve(clearing).catch(() => {});
    await clearing;
    this.#over.signal.throwIfAborted();
  }

  /** @returns false where it is not to be waited for, and another page has it */
  #lock(place: string, mode?: 'if-free'): Promise<boolean> {
    if (this.#release) return Promise.resolve(true);
    const {promise, resolve, reject} = Promise.withResolvers<boolean>();
    const hold = () =>
      new Promise<void>(release => {
        this.#release = release;
        resolve(true);
      });
    const held = this.#locks.request(ownLock(place), this.#over.signal, hold, mode);
    this.#free = held.then(resolve, reject);
    return promise;
  }

  /** Resolves once it is free: who asks for it earlier may find it taken. */
  #unlock(): Promise<void> {
    this.#release?.();
    this.#release = undefined;
    return this.#free;
  }

  #leave(): void {
    this.#fence = undefined;
    this.#parts = [];
    void this.#unlock();
  }

  /** Undefined where the database keeps no checkpoint. */
  async #keeping<T>(run: (tx: Keeping) => Promise<T>): Promise<T | undefined> {
    return this.#database.transaction(async tx => (keeps(tx) ? run(tx) : undefined));
  }
}

/** Whichever client's leader writes to it: there is one database for all of them. */
export function ownLock(place: string): string {
  return `${instanceName(place)}/database`;
}

function keeps(tx: DatabaseTransaction): tx is DatabaseTransaction & Keeping {
  return tx.readCheckpoint !== undefined && tx.writeCheckpoint !== undefined;
}

function isOf(found: DatabaseCheckpoint | undefined, {instance, epoch}: Fence): boolean {
  return found?.instance === instance && found.epoch === epoch;
}

function reachIn({at, stage}: DatabaseCheckpoint): Reach {
  if (stage) return {stage};
  return at ? {at} : {};
}

function overtaken(): SyncError {
  return new SyncError('storage-conflict', 'Another leader has taken the database over');
}

/** What a database throws: a full disk by its own name, however a library has wrapped it. */
function errorOf(thrown: unknown): SyncError {
  for (let error = thrown; error instanceof Error; error = (error as {inner?: unknown}).inner ?? error.cause) {
    if (error.name !== 'QuotaExceededError') continue;
    return new SyncError('quota-exceeded', 'There is no room left on this device', {
      action: 'free-space',
      cause: thrown,
    });
  }
  return SyncError.from(thrown, 'database-failed');
}
