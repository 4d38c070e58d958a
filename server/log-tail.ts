/**
 * The one reader of new commits. It keeps the last few transactions in memory, and all streams that are up to date take
 * them from there; one that has fallen further behind reads the source's log by itself.
 */
import {compareLsn, type Lsn, SyncError} from '../src/protocol/protocol.js';
import {type ChangeSource, type LogChunk, type LogPosition, type Position, WHOLE} from './source/change-source.js';

/** Characters of change text kept, and bytes read at once. */
const KEEP = 4 * 1024 * 1024;
const READ = 512 * 1024;

export class LogTail {
  readonly #source: ChangeSource;
  readonly #onError: (error: unknown) => void;
  /** Who waits for the next commit. */
  readonly #waiters = new Map<object, () => void>();
  /** Whole transactions, each behind the one before; the first stands behind `#start`. */
  #chunks: LogChunk[] = [];
  /** LSN → number of the chunk behind it, counted over all chunks ever kept. */
  #places = new Map<Lsn, number>();
  #dropped = 0;
  #size = 0;
  #end: Position;
  #unsubscribe: () => void = () => {};
  #pulling: Promise<void> | undefined;
  #again = false;

  constructor(source: ChangeSource, onError: (error: unknown) => void) {
    this.#source = source;
    this.#onError = onError;
    this.#end = source.head;
  }

  /** The last transaction that streams can have. */
  get end(): Position {
    return this.#end;
  }

  start(): void {
    this.#restart(this.#source.head);
    this.#unsubscribe = this.#source.subscribe(news => {
      if (news === 'history') this.#restartAtHead();
      this.#pull();
    });
    this.#pull();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#pulling;
    this.#wake();
  }

  /** What follows `after`; [] when there is nothing yet. @throws SyncError `log-trimmed` */
  async read(after: LogPosition): Promise<readonly LogChunk[]> {
    const place = after.seq === WHOLE ? this.#places.get(after.lsn) : undefined;
    return place === undefined ? this.#source.read(after, READ) : this.#chunks.slice(place - this.#dropped);
  }

  /**
   * Resolves once `end` is no longer `seen`, or who waits is let go. By name, and not by a signal: to listen to one, and no
   * longer, takes as long as all else between a commit and its frame.
   */
  changed(seen: Position, who: object): Promise<void> {
    if (this.#end !== seen) return Promise.resolve();
    return new Promise(resolve => this.#waiters.set(who, resolve));
  }

  letGo(who: object): void {
    this.#waiters.get(who)?.();
    this.#waiters.delete(who);
  }

  #pull(): void {
    this.#again = true;
    this.#pulling ??= this.#drain().finally(() => {
      this.#pulling = undefined;
      if (this.#again) this.#pull();
    });
  }

  async #drain(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#readNew();
      } catch (error) {
        // Trimmed before it was read here: streams that need it learn so themselves, and the tail begins again behind it.
        if (error instanceof SyncError && error.code === 'log-trimmed') this.#restartAtHead();
        // Nothing of it is lost: the next commit, or the next stream's own reading, comes past here again.
        else this.#onError(error);
      }
    }
  }

  async #readNew(): Promise<void> {
    // By the head, and not by reading until nothing comes: that look would hold up what the one before has brought.
    while (compareLsn(this.#end.lsn, this.#source.head.lsn) < 0) {
      const end = this.#end;
      const chunks = await this.#source.read({lsn: end.lsn, seq: WHOLE}, READ);
      // Begun anew meanwhile: these may be of another history.
      if (this.#end !== end) continue;
      if (chunks.length === 0) return;
      for (const chunk of chunks) {
        // Too large to hold here: streams read this one for themselves, and the tail begins again behind it.
        if (!chunk.complete) return this.#restartAtHead();
        this.#append(chunk);
      }
      this.#wake();
    }
  }

  #restartAtHead(): void {
    this.#restart(this.#source.head);
    this.#again = true;
    this.#wake();
  }

  #restart(at: Position): void {
    this.#chunks = [];
    this.#dropped = 0;
    this.#size = 0;
    this.#end = {lsn: at.lsn, mark: at.mark};
    this.#places = new Map([[at.lsn, 0]]);
  }

  #append(chunk: LogChunk): void {
    this.#chunks.push(chunk);
    this.#size += sizeOf(chunk);
    this.#end = {lsn: chunk.lsn, mark: chunk.mark};
    this.#places.set(chunk.lsn, this.#dropped + this.#chunks.length);
    if (this.#size > KEEP) this.#shrink();
  }

  /** Drops half at a time, so that the cost of moving the rest is spread. */
  #shrink(): void {
    let count = 0;
    while (this.#size > KEEP / 2 && count < this.#chunks.length) {
      const chunk = this.#chunks[count++];
      if (chunk) this.#size -= sizeOf(chunk);
    }
    this.#chunks.splice(0, count);
    this.#dropped += count;
    for (const [lsn, place] of this.#places) {
      if (place >= this.#dropped) break;
      this.#places.delete(lsn);
    }
  }

  #wake(): void {
    for (const go of this.#waiters.values()) go();
    this.#waiters.clear();
  }
}

function sizeOf(chunk: LogChunk): number {
  return chunk.changes.reduce((sum, change) => sum + change.text.length + (change.old?.length ?? 0), 200);
}
