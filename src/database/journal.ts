/**
 * Writes the journal: the leader's alone. Every write is an `add` at the next sequence number, so a former leader whose
 * place was taken meets the new one's fence, and its whole transaction, rows and checkpoint, comes to nothing.
 */
import type {StorageDatabase, StorageTransaction} from '../platform/storage.js';
import type {Checkpoint, ClientStore, JournalRecord, Stage} from './database.js';

export interface Promotion {
  /** The fencing token: the sequence number of the fence. */
  epoch: number;
  checkpoint: Checkpoint | undefined;
  stage: Stage | undefined;
}

export class Journal {
  readonly #database: StorageDatabase<ClientStore>;
  /** The sequence number to write next. */
  #next = 0;

  constructor(database: StorageDatabase<ClientStore>) {
    this.#database = database;
  }

  /** Takes the journal over: appends the fence, which shuts every former writer out. */
  promote(): Promise<Promotion> {
    return this.#database.transaction(
      ['journal', 'meta'],
      'readwrite',
      async tx => {
        const epoch = (((await tx.lastKey('journal')) as number | undefined) ?? 0) + 1;
        tx.add('journal', epoch, {kind: 'fence'} satisfies JournalRecord);
        this.#next = epoch + 1;
        return {
          epoch,
          checkpoint: (await tx.get('meta', 'checkpoint')) as Checkpoint | undefined,
          stage: (await tx.get('meta', 'stage')) as Stage | undefined,
        };
      },
      'strict',
    );
  }

  /** Rows and checkpoint, in one transaction. Returns the sequence number of the first record. */
  append(
    records: readonly JournalRecord[],
    position: {checkpoint: Checkpoint} | {stage: Stage} | undefined,
  ): Promise<number> {
    return this.#write(records, tx => {
      if (!position) return;
      if ('stage' in position) tx.put('meta', 'stage', position.stage);
      else tx.put('meta', 'checkpoint', position.checkpoint);
    });
  }

  /** Opens a stage behind what there is, and drops one that was given up. */
  async beginStage(stage: Omit<Stage, 'from'>, givenUp: Stage | undefined): Promise<Stage> {
    const opened: Stage = {...stage, from: this.#next + 1};
    await this.#write([{kind: 'stage'}], tx => {
      if (givenUp) tx.deleteRange('journal', {from: givenUp.from, to: opened.from - 1});
      tx.put('meta', 'stage', opened);
    });
    return opened;
  }

  /** Makes the staged rows current, in one write to `meta.base`, and drops what they replace. */
  async swap(stage: Stage, checkpoint: Checkpoint): Promise<void> {
    await this.#write([{kind: 'base'}], tx => {
      tx.put('meta', 'base', stage.from);
      tx.put('meta', 'checkpoint', checkpoint);
      tx.delete('meta', 'stage');
      tx.deleteRange('journal', {to: stage.from});
    });
  }

  /** Forgets the checkpoint (the rows stay visible until a snapshot replaces them). */
  async forgetCheckpoint(): Promise<void> {
    await this.#write([{kind: 'fence'}], tx => tx.delete('meta', 'checkpoint'));
  }

  async #write(
    records: readonly JournalRecord[],
    meta: (tx: StorageTransaction<ClientStore>) => void,
  ): Promise<number> {
    const first = this.#next;
    await this.#database.transaction(['journal', 'meta'], 'readwrite', tx => {
      records.forEach((record, index) => {
        tx.add('journal', first + index, record);
      });
      meta(tx);
    });
    this.#next = first + records.length;
    return first;
  }
}
