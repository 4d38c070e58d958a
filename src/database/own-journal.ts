/**
 * Commits to a database of the user's own, in the place of the journal: forwards each batch to the page, where own-desk.ts
 * applies it. Of the journal there stay the fences, which count the epochs, and, where the database can't keep it, the reach.
 */
import type {DatabaseHold, DatabaseRecord, DatabaseRequest, Reach} from '../protocol/protocol.js';
import {SyncError} from '../protocol/protocol.js';
import type {Checkpoint, Commits, JournalRecord, Moved, Promotion, Stage} from './database.js';
import type {Journal} from './journal.js';

/** Asks the page, for as long as it takes. @param progressed called while it is at it */
export type AskDatabase = (request: DatabaseRequest, progressed?: () => void) => Promise<unknown>;

/** Who is known to have filled a database that keeps no checkpoint, and could not say so itself. */
export interface Holding {
  /** Tells the database from others of the site. */
  place: string;
  isOurs(): Promise<boolean>;
  take(): Promise<void>;
}

export class OwnJournal implements Commits {
  progressed = () => {};
  readonly #journal: Journal;
  readonly #ask: AskDatabase;
  readonly #instance: string;
  readonly #holding: Holding;
  #keeps = false;
  #reach: Reach = {};
  /** A snapshot has begun of which nothing was applied: the rows of before are still there. */
  #fresh = false;

  constructor(journal: Journal, instance: string, ask: AskDatabase, holding: Holding) {
    this.#journal = journal;
    this.#instance = instance;
    this.#ask = ask;
    this.#holding = holding;
  }

  /** Takes the database over: what a former leader has begun fails from here on. */
  async promote(over?: AbortSignal): Promise<Promotion> {
    const {epoch, alias, ...kept} = await this.#journal.promote(over);
    const {place} = this.#holding;
    const hold = (await this.#ask({do: 'take', instance: this.#instance, epoch, place})) as DatabaseHold;
    if (over?.aborted) this.leave();
    over?.throwIfAborted();
    // The fences of before have done their duty, and nothing else lies there.
    await this.#journal.compact({behind: epoch, floor: {sequence: epoch, dropped: 0}, kept: []});
    this.#keeps = hold.keeps;
    this.#reach = hold.keeps ? hold.reach : await this.#goOn(kept);
    return {epoch, alias, checkpoint: this.#reach.at, stage: this.#reach.stage};
  }

  async append(records: readonly JournalRecord[], position: Moved | undefined): Promise<number> {
    await this.#apply(records.flatMap(frameOf), position && reachOf(position));
    if (position && !this.#keeps) await this.#journal.append([], position);
    return 0;
  }

  /** Nothing is written yet: the rows of before stay in sight until the first of the new ones come. */
  async beginStage(stage: Omit<Stage, 'from'>): Promise<Stage> {
    this.#fresh = true;
    return {...stage, from: 0};
  }

  async abandonStage(): Promise<void> {
    // Its rows have taken the place of those that the checkpoint spoke of.
    if (!this.#fresh && this.#reach.stage)
      throw new SyncError('bad-frame', 'The server goes on from rows that are gone');
    this.#fresh = false;
  }

  async swap(stage: Stage, checkpoint: Checkpoint): Promise<void> {
    await this.#apply([], {at: checkpoint});
    if (!this.#keeps) await this.#journal.swap(stage, checkpoint);
  }

  async forgetCheckpoint(): Promise<void> {
    const last = this.#reach.at ?? this.#reach.stage;
    if (!last) return;
    const stage = {from: 0, received: 0, bytes: 0, total: null, ...last, cursor: null};
    await this.append([], {stage});
  }

  isOvertaken(): Promise<boolean> {
    return this.#journal.isOvertaken();
  }

  rename(alias: string): Promise<void> {
    return this.#journal.rename(alias);
  }

  leave(): void {
    this.#ask({do: 'leave'}).catch(() => {});
  }

  /** What we know of rows that are another client's by now, or gone with a logout, is forgotten before they are ours again. */
  async #goOn({checkpoint, stage}: Pick<Promotion, 'checkpoint' | 'stage'>): Promise<Reach> {
    if (await this.#holding.isOurs()) return reachOf({checkpoint, stage});
    if (checkpoint) await this.#journal.forgetCheckpoint();
    if (stage) await this.#journal.abandonStage(stage);
    await this.#holding.take();
    return {};
  }

  async #apply(records: DatabaseRecord[], reach: Reach | undefined): Promise<void> {
    const isKnown = this.#reach.at ?? this.#reach.stage;
    const clear = this.#fresh ? (isKnown ? 'must' : 'may') : undefined;
    await this.#ask({do: 'apply', records, reach, clear}, this.progressed);
    this.#fresh = false;
    this.#reach = reach ?? this.#reach;
  }
}

/** A stage counts before a checkpoint: its first rows have taken the place of those. */
export function reachOf({checkpoint, stage}: {checkpoint?: Checkpoint | undefined; stage?: Stage | undefined}): Reach {
  if (stage) return {stage};
  return checkpoint ? {at: checkpoint} : {};
}

function frameOf(record: JournalRecord): DatabaseRecord[] {
  if (!('text' in record)) return [];
  const {text} = record;
  if (record.kind === 'rows' || record.part === undefined) return [{text}];
  return [{text, part: record.part, final: record.final ?? false}];
}
