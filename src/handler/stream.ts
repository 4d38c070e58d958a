/** The stream in memory: where it stands, and what a data frame makes of it. Pure; the handler does the writing. */
import type {Checkpoint, CommittedRecord, JournalRecord, Stage} from '../database/database.js';
import {
  type BatchUpdateFrame,
  type ChangesFrame,
  compareLsn,
  type HeadFrame,
  type Lsn,
  type SyncDataFrame,
} from '../protocol/protocol.js';
import {judge} from './chain.js';
import type {OpenParts, StreamState} from './handler.js';

/** What one transaction will write. */
export interface Batch {
  records: JournalRecord[];
  changes: {index: number; changes: CommittedRecord['changes']}[];
  /** Number of the last frame in it that has one. */
  n: number | undefined;
  /** Whether the position, or the cursor of a stage, has moved. */
  moved: boolean;
  /** Whether there are rows in it that readers may see, wherever the position is. */
  shows: boolean;
}

export function emptyBatch(): Batch {
  return {records: [], changes: [], n: undefined, moved: false, shows: false};
}

export class Stream {
  /** Of the last frame with data that was taken, since the greeting. */
  n = 0;
  #state: StreamState = {kind: 'idle'};
  #parts: OpenParts | undefined;

  get state(): StreamState {
    return this.#state;
  }

  /** A transaction in parts waits for its final one. */
  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  /** A stage has some of its rows, and waits for the others. */
  get isFilling(): boolean {
    return this.#state.kind === 'staging' && this.#state.stage.cursor !== null;
  }

  enter(state: StreamState, n = this.n): void {
    this.#state = state;
    this.n = n;
    this.#parts = undefined;
  }

  /** The position: the stage's own while one is filled, else that of the rows in use. */
  at(): Stage | Checkpoint | undefined {
    const state = this.#state;
    if (state.kind === 'idle') return undefined;
    return state.kind === 'staging' ? state.stage : state.checkpoint;
  }

  /** Takes a frame into the batch. Returns false at a gap: then nothing of the frame is taken. */
  take(frame: SyncDataFrame | ChangesFrame | HeadFrame | BatchUpdateFrame, text: string, batch: Batch): boolean {
    if (frame.type === 'batch_update') return this.#takeLoose(frame, batch);
    // Rows have no chain: their numbers tell whether some did not come, or came before and may have been changed since.
    if (frame.n > this.n + 1) return false;
    if (frame.type !== 'sync_data' && !this.#takeChanges(frame, text, batch)) return false;
    if (frame.type === 'sync_data' && frame.n > this.n && !this.#takeRows(frame, text, batch)) return false;
    this.n = batch.n = Math.max(this.n, frame.n);
    return true;
  }

  /** Rows without a chain: as they come, but for those that are older than what is there. Only a greater LSN moves it. */
  #takeLoose({changes, lsn}: BatchUpdateFrame, batch: Batch): boolean {
    const at = this.at();
    const order = at && lsn !== undefined ? compareLsn(lsn, at.lsn) : 0;
    if (!at || order < 0) return true;
    if (order > 0) {
      // It would jump over the rest of a transaction.
      if (this.isOpen) return false;
      moveTo(at, lsn as Lsn, undefined);
      batch.moved = true;
    }
    batch.changes.push({index: batch.records.length, changes});
    batch.records.push({kind: 'rows', text: JSON.stringify({changes})});
    batch.shows = true;
    return true;
  }

  #takeRows(frame: SyncDataFrame, text: string, batch: Batch): boolean {
    if (this.#state.kind !== 'staging') return false;
    const {stage} = this.#state;
    stage.cursor = frame.cursor;
    stage.received += frame.changes.length;
    stage.bytes += text.length;
    batch.moved = true;
    if (frame.changes.length === 0) return true;
    batch.changes.push({index: batch.records.length, changes: frame.changes});
    batch.records.push({kind: 'rows', text});
    return true;
  }

  #takeChanges(frame: ChangesFrame | HeadFrame, text: string, batch: Batch): boolean {
    const at = this.at();
    if (!at) return false;
    const verdict = judge(frame, at.lsn, this.#parts);
    if (verdict.kind === 'gap') return false;
    if (verdict.kind === 'duplicate') return true;
    this.#parts = verdict.kind === 'part' ? verdict.open : undefined;
    if (verdict.kind === 'next') {
      moveTo(at, frame.lsn, frame.mark);
      batch.moved = true;
    }
    if (frame.type === 'head' || (frame.changes.length === 0 && frame.part === undefined)) return true;
    const part = frame.part === undefined ? {} : {part: frame.part, final: frame.final ?? false};
    batch.changes.push({index: batch.records.length, changes: frame.changes});
    batch.records.push({kind: 'changes', text, ...part});
    return true;
  }
}

function moveTo(position: Checkpoint, lsn: Lsn, mark: string | undefined): void {
  position.lsn = lsn;
  if (mark === undefined) delete position.mark;
  else position.mark = mark;
}
