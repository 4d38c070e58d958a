/**
 * Writes the journal: the leader's alone. Every write is an `add` at the next sequence number, so a former leader whose
 * place was taken meets the new one's fence, and its whole transaction, rows and checkpoint, comes to nothing. A swap drops
 * the fence with all before it, and a position that moves without rows adds nothing: so each write looks at `meta.epoch`
 * as well.
 */
import type {StorageDatabase, StorageTransaction} from '../platform/storage.js';
import {type Change, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, Commits, JournalRecord, Moved, Promotion, Salvage, Stage} from './database.js';
import {readMeta, rowsRecord, SEGMENT} from './journal-record.js';

type WriteMeta = (tx: StorageTransaction<ClientStore>, first: number) => void;

export class Journal implements Commits {
  progressed = () => {};
  readonly #database: StorageDatabase<ClientStore>;
  #epoch = 0;
  /** The sequence number to write next. */
  #next = 0;
  /** The first that counts. */
  #first = 0;
  /** What is appended now is hidden until a swap. */
  #isStaging = false;
  /** One write after another: two at once would take the same number, and the leader would fence itself. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(database: StorageDatabase<ClientStore>) {
    this.#database = database;
  }

  /** Takes the journal over: appends the fence, which shuts every former writer out. */
  promote(over?: AbortSignal): Promise<Promotion> {
    return this.#database.transaction(
      ['journal', 'meta'],
      'readwrite',
      async tx => {
        // It may have hung for long: a fence now would shut out whoever leads meanwhile.
        over?.throwIfAborted();
        const [{base = 0, floor, end = 0, stage, checkpoint}, alias, last = 0] = await Promise.all([
          readMeta(tx),
          tx.get('meta', 'alias'),
          tx.lastKey('journal') as Promise<number | undefined>,
        ]);
        // Behind a record that got lost, so that its place stays empty.
        const epoch = Math.max(last, end) + 1;
        tx.add('journal', epoch, {kind: 'fence'} satisfies JournalRecord);
        tx.put('meta', 'epoch', epoch);
        tx.put('meta', 'end', epoch);
        this.#epoch = epoch;
        this.#next = epoch + 1;
        this.#first = Math.max(base, floor?.sequence ?? 0);
        this.#isStaging = stage !== undefined;
        return {epoch, checkpoint, stage, alias: typeof alias === 'string' ? alias : undefined};
      },
      'strict',
    );
  }

  /** Records, about: a stage that was given up counts too. */
  get length(): number {
    return this.#next - this.#first;
  }

  /** Whether another tab of this database has taken over. */
  isOvertaken(): Promise<boolean> {
    return this.#database.transaction(
      ['meta'],
      'readonly',
      async tx => (await tx.get('meta', 'epoch')) !== this.#epoch,
    );
  }

  /** From now on the server knows this database by another name: it is a copy of the one that has the first. */
  async rename(alias: string): Promise<void> {
    await this.#write([{kind: 'fence'}], tx => tx.put('meta', 'alias', alias));
  }

  /** Rows and checkpoint, in one transaction. Returns the sequence number of the first record. */
  append(records: readonly JournalRecord[], position: Moved | undefined): Promise<number> {
    return this.#write(records, () => {}, position);
  }

  /** Opens a stage behind what there is, and drops one that was given up. */
  async beginStage(stage: Omit<Stage, 'from'>, givenUp: Stage | undefined): Promise<Stage> {
    const record: JournalRecord = {kind: 'stage', ...(givenUp && {from: givenUp.from})};
    const first = await this.#write([record], (tx, first) => {
      if (givenUp) tx.deleteRange('journal', {from: givenUp.from, to: first});
      tx.put('meta', 'stage', {...stage, from: first + 1});
    });
    this.#isStaging = true;
    return {...stage, from: first + 1};
  }

  /** Drops a stage that nothing will be added to: what is appended behind it would stay hidden with it. */
  async abandonStage(stage: Stage): Promise<void> {
    await this.#write([{kind: 'fence', from: stage.from}], tx => {
      tx.deleteRange('journal', {from: stage.from, to: this.#next});
      tx.delete('meta', 'stage');
    });
    this.#isStaging = false;
  }

  /** Makes the staged rows current, in one write to `meta.base`, and drops what they replace. */
  async swap(stage: Stage, checkpoint: Checkpoint): Promise<void> {
    await this.#write([{kind: 'base'}], tx => {
      tx.put('meta', 'base', stage.from);
      tx.put('meta', 'checkpoint', checkpoint);
      tx.delete('meta', 'stage');
      tx.delete('meta', 'floor');
      tx.deleteRange('journal', {to: stage.from});
    });
    this.#first = stage.from;
    this.#isStaging = false;
  }

  /**
   * Puts what is in use of the oldest records at the end and drops them, in one transaction: there is no moment at which a
   * row is missing or an older one shows. False where something was written since it was gathered, and while a stage is
   * open: what is put behind that would be hidden with it.
   */
  async compact({behind, floor, kept}: Salvage): Promise<boolean> {
    const records = segments(kept);
    return this.#inTurn(async () => {
      if (this.#isStaging || this.#next !== behind + 1) return false;
      await this.#writeNow(records, tx => {
        tx.deleteRange('journal', {to: floor.sequence});
        tx.put('meta', 'floor', floor);
      });
      this.#first = floor.sequence;
      return true;
    });
  }

  /** Nothing to do: the next leader's fence shuts this one out. */
  leave(): void {}

  /** Forgets the checkpoint (the rows stay visible until a snapshot replaces them). */
  async forgetCheckpoint(): Promise<void> {
    await this.#write([{kind: 'fence'}], tx => tx.delete('meta', 'checkpoint'));
  }

  #write(records: readonly JournalRecord[], meta: WriteMeta, position?: Moved): Promise<number> {
    return this.#inTurn(() => this.#writeNow(records, meta, position));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }

  async #writeNow(records: readonly JournalRecord[], meta: WriteMeta, position?: Moved): Promise<number> {
    const first = this.#next;
    const end = first + records.length - 1;
    await this.#database.transaction(['journal', 'meta'], 'readwrite', async tx => {
      // Asked first, so that the answer comes while the rest is being written.
      const epoch = tx.get('meta', 'epoch');
      epoch.catch(() => {});
      records.forEach((record, index) => {
        tx.add('journal', first + index, record);
      });
      // Told along with the position where that is written: a commit waits for each request.
      if (position) tx.put('meta', ...movedTo(position, end));
      else if (records.length > 0) tx.put('meta', 'end', end);
      meta(tx, first);
      if ((await epoch) !== this.#epoch) throw new SyncError('storage-conflict', 'Another leader has taken over');
    });
    this.#next = first + records.length;
    return first;
  }
}

function movedTo(position: Moved, end: number): [key: string, value: unknown] {
  return 'stage' in position ? ['stage', {...position.stage, end}] : ['checkpoint', {...position.checkpoint, end}];
}

function segments(changes: readonly Change[]): JournalRecord[] {
  const records: JournalRecord[] = [];
  let texts: string[] = [];
  let size = 0;
  const flush = () => {
    if (texts.length > 0) records.push({...rowsRecord(texts), moved: true});
    texts = [];
    size = 0;
  };
  for (const change of changes) {
    const text = JSON.stringify(change);
    if (size + text.length > SEGMENT) flush();
    texts.push(text);
    size += text.length;
  }
  flush();
  return records;
}
