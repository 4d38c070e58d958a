/** SyncMessageHandler: one serial inbox; what queued up while a transaction ran goes into the next one together. */
import type {Checkpoint, JournalRecord, Stage} from '../database/database.js';
import type {Journal, Promotion} from '../database/journal.js';
import {
  type ChangesFrame,
  compareLsn,
  type HeadFrame,
  type ResetFrame,
  type ServerFrame,
  type SyncCompleteFrame,
  type SyncDataFrame,
  SyncError,
  type SyncFrame,
  type SyncStartFrame,
} from '../protocol/protocol.js';
import {judge} from './chain.js';
import type {CommittedRecord, HandlerHooks, OpenParts, StreamState} from './handler.js';

/** The frames that are the handler's to handle. */
export type StreamFrame =
  | SyncStartFrame
  | SyncDataFrame
  | ChangesFrame
  | HeadFrame
  | SyncCompleteFrame
  | ResetFrame;

export function isStreamFrame(frame: ServerFrame): frame is StreamFrame {
  switch (frame.type) {
    case 'sync_start':
    case 'sync_data':
    case 'changes':
    case 'head':
    case 'sync_complete':
    case 'reset':
      return true;
    default:
      return false;
  }
}

interface Arrival {
  frame: StreamFrame;
  text: string;
}

/** What one transaction will write, and what it makes true. */
interface Batch {
  records: JournalRecord[];
  changes: {index: number; changes: CommittedRecord['changes']; bytes: number}[];
  n: number;
  moved: boolean;
}

/** Gaps without progress after which the checkpoint is not believed any more. */
const MAX_GAPS = 3;

export class SyncMessageHandler {
  readonly #journal: Journal;
  readonly #hooks: HandlerHooks;
  readonly #subscription: string;
  #inbox: Arrival[] = [];
  #draining: Promise<void> | undefined;
  #state: StreamState = {kind: 'idle'};
  #stream = 0;
  #subject = '';
  #checkpoint: Checkpoint | undefined;
  #stage: Stage | undefined;
  #parts: OpenParts | undefined;
  #gaps = 0;

  constructor(journal: Journal, promotion: Promotion, subscription: string, hooks: HandlerHooks) {
    this.#journal = journal;
    this.#subscription = subscription;
    this.#hooks = hooks;
    this.#checkpoint = promotion.checkpoint;
    this.#stage = promotion.stage;
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** The parts of the greeting that say where the rows are. Frames of earlier streams are dropped from here on. */
  greeting(): Pick<SyncFrame, 'stream' | 'generation' | 'lastLSN' | 'mark' | 'have' | 'snapshot'> {
    this.#stream++;
    this.#toIdle();
    const stage = this.#stage?.subscription === this.#subscription ? this.#stage : undefined;
    const from = stage?.cursor == null ? this.#checkpoint : stage;
    if (!from) return {stream: this.#stream};
    return {
      stream: this.#stream,
      generation: from.generation,
      lastLSN: from.lsn,
      ...(from.mark === undefined ? {} : {mark: from.mark}),
      have: from.subscription,
      ...(stage?.cursor == null ? {} : {snapshot: {lsn: stage.lsn, cursor: stage.cursor}}),
    };
  }

  /** Whose rows these will be, as the server verified it. Before this nothing is applied. */
  welcomed(subject: string): void {
    this.#subject = subject;
  }

  accept(frame: StreamFrame, text: string): void {
    this.#inbox.push({frame, text});
    this.#draining ??= this.#drain();
  }

  /** What is on its way is of a dead socket; what was accepted and is being written stays. */
  async connectionLost(): Promise<void> {
    this.#inbox = [];
    await this.quiesce();
  }

  async #drain(): Promise<void> {
    // What comes in the same turn goes into the same transaction.
    await undefined;
    while (this.#inbox.length > 0) {
      try {
        const batch = this.#collect();
        if (batch) await this.#commit(batch);
        else await this.#control();
      } catch (error) {
        this.#inbox = [];
        this.#toIdle();
        this.#hooks.failed(SyncError.from(error, 'apply-failed').toRecord());
      }
    }
    this.#draining = undefined;
  }

  #toIdle(): void {
    this.#state = {kind: 'idle'};
    this.#parts = undefined;
  }

  /** Takes the data frames at the head of the inbox, up to the first that is something else. Undefined where none is. */
  #collect(): Batch | undefined {
    const batch: Batch = {records: [], changes: [], n: 0, moved: false};
    while (this.#inbox[0]) {
      const {frame, text} = this.#inbox[0];
      const data = frame.type === 'sync_data' || frame.type === 'changes' || frame.type === 'head';
      if (!data) break;
      this.#inbox.shift();
      if (frame.stream !== this.#stream || this.#state.kind === 'idle') continue;
      if (
        !(frame.type === 'sync_data'
          ? this.#stageRows(frame, text, batch)
          : this.#takeChanges(frame, text, batch))
      ) {
        this.#gap();
        break;
      }
      batch.n = frame.n;
    }
    return batch.n > 0 ? batch : undefined;
  }

  #stageRows(frame: SyncDataFrame, text: string, batch: Batch): boolean {
    if (this.#state.kind !== 'staging') return false;
    const {stage} = this.#state;
    stage.cursor = frame.cursor;
    stage.received += frame.changes.length;
    stage.bytes += text.length;
    batch.moved = true;
    if (frame.changes.length > 0) batch.records.push({kind: 'rows', text});
    return true;
  }

  /** Returns false at a gap: then nothing of the frame is taken. */
  #takeChanges(frame: ChangesFrame | HeadFrame, text: string, batch: Batch): boolean {
    const at = this.#at();
    if (!at) return false;
    const verdict = judge(frame, at.lsn, this.#parts);
    if (verdict.kind === 'gap') return false;
    if (verdict.kind === 'duplicate') return true;
    this.#parts = verdict.kind === 'part' ? verdict.open : undefined;
    if (verdict.kind === 'next') {
      at.lsn = frame.lsn;
      if (frame.mark === undefined) delete at.mark;
      else at.mark = frame.mark;
      batch.moved = true;
    }
    if (frame.type === 'changes' && (frame.changes.length > 0 || frame.part !== undefined)) {
      batch.changes.push({index: batch.records.length, changes: frame.changes, bytes: text.length});
      batch.records.push({
        kind: 'changes',
        text,
        ...(frame.part === undefined ? {} : {part: frame.part, final: frame.final ?? false}),
      });
    }
    return true;
  }

  /** The position: the stage's own while one is filled, else that of the rows in use. */
  #at(): Stage | Checkpoint | undefined {
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

  async #commit(batch: Batch): Promise<void> {
    const state = this.#state;
    const stream = this.#stream;
    if (state.kind === 'idle') return;
    const at = state.kind === 'staging' ? {stage: {...state.stage}} : {checkpoint: {...state.checkpoint}};
    if (batch.records.length > 0 || batch.moved) {
      const first = await this.#journal.append(batch.records, batch.moved ? at : undefined);
      if ('stage' in at) {
        this.#stage = at.stage;
      } else if (batch.moved) {
        this.#checkpoint = at.checkpoint;
        this.#gaps = 0;
        const records = batch.changes.map(({index, changes, bytes}) => ({
          sequence: first + index,
          changes,
          bytes,
        }));
        // Parts are read back from the journal, where they wait for their final one.
        const whole = batch.records.every(record => record.kind !== 'changes' || record.part === undefined);
        await this.#hooks.committed(at.checkpoint, whole ? records : null);
      }
    }
    this.#hooks.received(stream, batch.n);
    this.#tellPhase();
  }

  async #control(): Promise<void> {
    const {frame} = this.#inbox.shift() ?? {};
    switch (frame?.type) {
      case 'reset':
        return this.#reset();
      case 'sync_start':
        return frame.stream === this.#stream ? this.#start(frame) : undefined;
      case 'sync_complete':
        return frame.stream === this.#stream ? this.#complete(frame) : undefined;
      default:
        return undefined;
    }
  }

  async #start(frame: SyncStartFrame): Promise<void> {
    this.#parts = undefined;
    this.#hooks.started(frame.mode);
    if (frame.mode === 'snapshot' || frame.mode === 'backfill') {
      const stage = this.#stage;
      const goesOn =
        stage?.cursor != null && stage.generation === frame.generation && stage.lsn === frame.lsn;
      this.#stage = goesOn ? stage : await this.#journal.beginStage(this.#newStage(frame), stage);
      this.#state = {kind: 'staging', stage: {...this.#stage}};
      if (frame.total !== undefined) this.#state.stage.total = frame.total;
    } else {
      const checkpoint = this.#checkpoint;
      if (checkpoint?.generation !== frame.generation || checkpoint.lsn !== frame.lsn) {
        // Not where we said we are: what would follow does not fit.
        return this.#gap();
      }
      const kind = frame.mode;
      const copy = {...checkpoint, subject: this.#subject};
      this.#state = kind === 'live' ? {kind, checkpoint: copy} : {kind, checkpoint: copy, goal: undefined};
      if (kind === 'live') this.#hooks.completed(frame.lsn);
    }
    this.#tellPhase();
  }

  #newStage(frame: SyncStartFrame): Omit<Stage, 'from'> {
    return {
      generation: frame.generation,
      lsn: frame.lsn,
      ...(frame.mark === undefined ? {} : {mark: frame.mark}),
      subject: this.#subject,
      subscription: this.#subscription,
      cursor: null,
      received: 0,
      bytes: 0,
      total: frame.total ?? null,
    };
  }

  async #complete(frame: SyncCompleteFrame): Promise<void> {
    const state = this.#state;
    const at = this.#at();
    if (!at || this.#parts || at.generation !== frame.generation || compareLsn(at.lsn, frame.lsn) !== 0) {
      return this.#gap();
    }
    if (state.kind === 'staging') {
      const {generation, lsn, mark, subject, subscription} = state.stage;
      const checkpoint: Checkpoint = {
        generation,
        lsn,
        subject,
        subscription,
        ...(mark === undefined ? {} : {mark}),
      };
      await this.#journal.swap(state.stage, checkpoint);
      this.#stage = undefined;
      this.#checkpoint = checkpoint;
      this.#state = {kind: 'live', checkpoint: {...checkpoint}};
      await this.#hooks.committed(checkpoint, null);
    } else if (state.kind === 'catchup') {
      this.#state = {kind: 'live', checkpoint: state.checkpoint};
    }
    this.#gaps = 0;
    this.#hooks.completed(frame.lsn);
    this.#tellPhase();
  }

  /** History changed: a snapshot follows. The rows stay in sight until it has come. */
  async #reset(): Promise<void> {
    this.#toIdle();
    await this.#forget();
    await this.#hooks.historyChanged();
  }

  /** Something is missing: the stream begins again, and where that did not help, from a snapshot. */
  #gap(): void {
    this.#toIdle();
    this.#gaps++;
    if (this.#gaps < MAX_GAPS) {
      this.#hooks.greetAgain();
      return;
    }
    this.#gaps = 0;
    void this.#forget().then(
      () => this.#hooks.greetAgain(),
      error => this.#hooks.failed(SyncError.from(error, 'apply-failed').toRecord()),
    );
  }

  /** Throws the replica's claim to be current away; the next greeting asks for a snapshot. */
  async #forget(): Promise<void> {
    await this.#journal.forgetCheckpoint();
    this.#checkpoint = undefined;
    if (this.#stage) this.#stage = {...this.#stage, cursor: null};
  }

  /** Resolves when what was accepted is written: a greeting made before would name an older checkpoint. */
  async quiesce(): Promise<void> {
    await this.#draining;
  }

  /** What `resync` does, between two frames. */
  async forget(): Promise<void> {
    await this.quiesce();
    this.#toIdle();
    await this.#forget();
  }

  #tellPhase(): void {
    const state = this.#state;
    if (state.kind === 'live') this.#hooks.phase('live', null);
    if (state.kind === 'catchup') this.#hooks.phase('syncing', null);
    if (state.kind !== 'staging') return;
    const {received, total, bytes} = state.stage;
    this.#hooks.phase('syncing', {received, total: total === null ? null : Math.max(total, received), bytes});
  }
}
