/** The stream in memory: where it stands, and what a data frame makes of it. Pure; the handler does the writing. */
import type {Checkpoint, JournalRecord, Stage} from '../database/database.js';
import type {ChangesFrame, HeadFrame, Lsn, SyncDataFrame} from '../protocol/protocol.js';
import {judge} from './chain.js';
import type {CommittedRecord, OpenParts, StreamState} from './handler.js';

/** What one transaction will write. */
export interface Batch {
  records: JournalRecord[];
  changes: {index: number; changes: CommittedRecord['changes']; bytes: number}[];
  /** Number of the last frame in it; undefined while it is empty. */
  n: number | undefined;
  /** Whether the position, or the cursor of a stage, has moved. */
  moved: boolean;
}

export function emptyBatch(): Batch {
  return {records: [], changes: [], n: undefined, moved: false};
}

export class Stream {
  #state: StreamState = {kind: 'idle'};
  #parts: OpenParts | undefined;

  get state(): StreamState {
    return this.#state;
  }

  /** A transaction in parts waits for its final one. */
  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  enter(state: StreamState): void {
    this.#state = state;
    this.#parts = undefined;
  }

  /** The position: the stage's own while one is filled, else that of the rows in use. */
  at(): Stage | Checkpoint | undefined {
    switch (this.#state.kind) {
      case 'idle':
        return undefined;
      case 'staging':
        return this.#state.stage;
      case 'catchup':
      case 'live':
        return this.#state.checkpoint;
    }
  }

  /** Takes a frame into the batch. Returns false at a gap: then nothing of the frame is taken. */
  take(frame: SyncDataFrame | ChangesFrame | HeadFrame, text: string, batch: Batch): boolean {
    const taken =
      frame.type === 'sync_data' ? this.#takeRows(frame, text, batch) : this.#takeChanges(frame, text, batch);
    if (taken) batch.n = frame.n;
    return taken;
  }

  #takeRows(frame: SyncDataFrame, text: string, batch: Batch): boolean {
    if (this.#state.kind !== 'staging') return false;
    const {stage} = this.#state;
    stage.cursor = frame.cursor;
    stage.received += frame.changes.length;
    stage.bytes += text.length;
    batch.moved = true;
    if (frame.changes.length > 0) batch.records.push({kind: 'rows', text});
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
    batch.changes.push({index: batch.records.length, changes: frame.changes, bytes: text.length});
    batch.records.push({kind: 'changes', text, ...part});
    return true;
  }
}

function moveTo(position: Checkpoint, lsn: Lsn, mark: string | undefined): void {
  position.lsn = lsn;
  if (mark === undefined) delete position.mark;
  else position.mark = mark;
}
