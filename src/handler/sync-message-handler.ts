/** SyncMessageHandler: one serial inbox; what queued up while a transaction ran goes into the next one together. */
import type {Checkpoint, Commits, Promotion, Stage} from '../database/database.js';
import {Pace} from '../platform/pace.js';
import {
  compareLsn,
  type SyncCompleteFrame,
  SyncError,
  type SyncStartFrame,
  subscriptionHash,
  type Want,
} from '../protocol/protocol.js';
import type {HandlerHooks, HandlerOptions} from './handler.js';
import {Inbox} from './inbox.js';
import {checkpointOf, type Greeting, greetingOf, isOf, mayKeep, newStage, progressOf} from './staging.js';
import {type Batch, emptyBatch, Stream} from './stream.js';
import type {StreamFrame} from './stream-frame.js';

/** Milliseconds from one write of live changes to the next, where they come in a crowd: about a frame of the screen. */
const EVERY = 16;
/** Characters of live changes that are reason enough to write at once. */
const PLENTY = 64 * 1024;
/** Gaps without progress after which the checkpoint is not believed any more. */
const MAX_GAPS = 3;

export class SyncMessageHandler {
  readonly #journal: Commits;
  readonly #hooks: HandlerHooks;
  readonly #rows: HandlerOptions['rows'];
  readonly #inbox: Inbox;
  /** Of the writes of live changes: many small ones go into one. */
  readonly #pace: Pace;
  #draining: Promise<void> | undefined;
  readonly #stream = new Stream();
  /** Of the greeting: frames of earlier streams are dropped. */
  #number = 0;
  #wants: Want[] | undefined;
  #subscription: string | undefined;
  /** After a gap, and once what the greeting named is forgotten, nothing more of this stream counts. */
  #broken = false;
  /** Whose rows these will be; undefined until that is known, and nothing is applied before. */
  #subject: string | undefined;
  #checkpoint: Checkpoint | undefined;
  #stage: Stage | undefined;
  /** The last greeting offered to go on with the stage. */
  #resuming = false;
  #gaps = 0;

  constructor(journal: Commits, promotion: Promotion, {rows, inboxChars, clock}: HandlerOptions, hooks: HandlerHooks) {
    this.#journal = journal;
    this.#rows = rows;
    this.#inbox = new Inbox(inboxChars);
    this.#pace = new Pace(clock, EVERY);
    this.#hooks = hooks;
    this.#checkpoint = promotion.checkpoint;
    this.#stage = promotion.stage;
  }

  /** Frames are being taken in. */
  get isBusy(): boolean {
    return this.#draining !== undefined && !this.#pace.isWaiting;
  }

  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** What the last greeting wanted; undefined before the first. */
  get subscription(): string | undefined {
    return this.#subscription;
  }

  /** Whether a greeting is due for other wants. Rows that are on their way are waited for: they would be sent twice. */
  isDueFor(wants: Want[] | undefined): boolean {
    return subscriptionHash(wants) !== this.#subscription && !this.#stream.isFilling;
  }

  /** For a next stream: frames of earlier ones are dropped from here on. @param wants undefined: everything */
  greeting(wants: Want[] | undefined): Greeting {
    this.#number++;
    this.#wants = wants;
    this.#subscription = subscriptionHash(wants);
    this.#broken = false;
    this.#stream.enter({kind: 'idle'}, 0);
    const stage = this.#stage?.subscription === this.#subscription ? this.#stage : undefined;
    this.#resuming = stage?.cursor != null;
    return greetingOf(this.#number, wants, !!this.#rows.copy, this.#resuming ? stage : this.#checkpoint);
  }

  /** Whose rows these will be, as the server verified it. What came before this was known has waited for it. */
  welcomed(subject: string): void {
    this.#subject = subject;
    if (this.#broken) this.#hooks.greetAgain();
    this.#run();
  }

  accept(frame: StreamFrame, text: string): void {
    if (this.#inbox.add({frame, text})) {
      if (this.#inbox.chars > PLENTY) this.#pace.hurry();
      return this.#run();
    }
    this.#inbox.clear();
    this.#hooks.failed(
      new SyncError('window-exceeded', 'The server sends more than it was told to', {retryable: true}).toRecord(),
    );
  }

  /** What is on its way is of a dead socket; what was accepted and is being written stays. */
  async connectionLost(): Promise<void> {
    this.#subject = undefined;
    this.#inbox.clear();
    await this.quiesce();
  }

  #run(): void {
    if (this.#subject !== undefined && this.#inbox.first) this.#draining ??= this.#drain(this.#subject);
  }

  async #drain(subject: string): Promise<void> {
    // What comes in the same turn goes into the same transaction.
    await undefined;
    while (this.#inbox.first) {
      if (this.#stream.state.kind === 'live' && this.#inbox.chars <= PLENTY) await this.#pace.turn();
      try {
        const batch = this.#collect();
        if (batch) await this.#commit(batch);
        else await this.#control(subject);
      } catch (error) {
        this.#inbox.clear();
        this.#stream.enter({kind: 'idle'});
        this.#hooks.failed(SyncError.from(error, 'apply-failed').toRecord());
      }
    }
    this.#draining = undefined;
  }

  /** Takes the data frames at the head of the inbox, up to the first that is something else. Undefined where none is. */
  #collect(): Batch | undefined {
    const batch = emptyBatch();
    while (this.#inbox.first) {
      const {frame, text} = this.#inbox.first;
      if (frame.type === 'sync_start' || frame.type === 'sync_complete' || frame.type === 'reset') break;
      this.#inbox.take();
      if (('stream' in frame && !this.#isCurrent(frame)) || this.#stream.state.kind === 'idle') continue;
      if (!this.#stream.take(frame, text, batch)) {
        this.#gap();
        break;
      }
    }
    return batch.n === undefined && batch.records.length === 0 ? undefined : batch;
  }

  #isCurrent({stream}: {stream: number}): boolean {
    return stream === this.#number && !this.#broken;
  }

  async #commit(batch: Batch): Promise<void> {
    const [{state}, number] = [this.#stream, this.#number];
    if (state.kind === 'idle') return;
    const at = state.kind === 'staging' ? {stage: {...state.stage}} : {checkpoint: {...state.checkpoint}};
    if (batch.records.length > 0 || batch.moved) {
      const first = await this.#journal.append(batch.records, batch.moved ? at : undefined);
      const records = batch.changes.map(({index, ...record}) => ({sequence: first + index, ...record}));
      // Parts are read back from the journal, where they wait for their final one.
      const whole = batch.records.every(record => record.kind !== 'changes' || record.part === undefined);
      if ('stage' in at) {
        this.#stage = at.stage;
        if (whole) await this.#rows.stage?.(at.stage, records);
      } else if (batch.moved || batch.shows) {
        this.#checkpoint = at.checkpoint;
        if (batch.moved) this.#gaps = 0;
        await this.#hooks.committed(at.checkpoint, whole ? records : null);
      }
    }
    if (batch.n !== undefined) this.#hooks.received(number, batch.n);
    this.#tellPhase();
  }

  async #control(subject: string): Promise<void> {
    const {frame} = this.#inbox.take() ?? {};
    if (frame?.type === 'reset') await this.#reset();
    else if (frame?.type === 'sync_start' && this.#isCurrent(frame)) await this.#start(frame, subject);
    else if (frame?.type === 'sync_complete' && this.#isCurrent(frame)) await this.#complete(frame);
  }

  async #start(frame: SyncStartFrame, subject: string): Promise<void> {
    // Once, or behind a reset.
    if (this.#stream.state.kind !== 'idle') return this.#gap();
    this.#hooks.started(frame.mode);
    if (frame.mode === 'snapshot' || frame.mode === 'backfill') {
      const stage = this.#stage;
      const goesOn = this.#resuming && stage && isOf(stage, frame);
      if (!goesOn && frame.keep && !(this.#rows.copy && mayKeep(frame, this.#checkpoint, this.#wants)))
        return this.#gap();
      this.#stage = goesOn ? stage : await this.#journal.beginStage(newStage(frame, subject, this.#wants), stage);
      this.#stream.enter({kind: 'staging', stage: {...this.#stage, total: frame.total ?? this.#stage.total}});
      if (!goesOn) await this.#keep(frame.keep);
    } else {
      const checkpoint = this.#checkpoint;
      // Not where we said we are: what would follow does not fit.
      if (checkpoint?.generation !== frame.generation || checkpoint.lsn !== frame.lsn) return this.#gap();
      if (this.#stage) await this.#journal.abandonStage(this.#stage);
      this.#stage = undefined;
      this.#stream.enter({kind: frame.mode, checkpoint: {...checkpoint, subject}});
      if (frame.mode === 'live') this.#hooks.completed(frame.lsn);
    }
    this.#tellPhase();
  }

  /** Puts the rows that do not come into the stage. Cut short, it leaves a stage without a cursor, which begins anew. */
  async #keep(types: readonly string[] | undefined): Promise<void> {
    if (!types || !this.#rows.copy) return;
    this.#tellPhase();
    for await (const record of this.#rows.copy(types)) {
      // Nobody waits for it: the socket is gone, and the next greeting or leader waits for this to end.
      if (this.#subject === undefined) return this.#stream.enter({kind: 'idle'});
      await this.#journal.append([record], undefined);
      this.#journal.progressed();
    }
  }

  async #complete(frame: SyncCompleteFrame): Promise<void> {
    const {state, n} = this.#stream;
    const at = state.kind === 'live' || (frame.last ?? n) !== n ? undefined : this.#stream.at();
    if (!at || this.#stream.isOpen || at.generation !== frame.generation || compareLsn(at.lsn, frame.lsn) !== 0)
      return this.#gap();
    if (state.kind === 'staging') {
      const checkpoint = checkpointOf(state.stage);
      await this.#journal.swap(state.stage, checkpoint);
      this.#stage = undefined;
      this.#checkpoint = checkpoint;
      this.#stream.enter({kind: 'live', checkpoint: {...checkpoint}});
      await this.#hooks.committed(checkpoint, null);
    } else if (state.kind === 'catchup') {
      this.#stream.enter({kind: 'live', checkpoint: state.checkpoint});
    }
    this.#gaps = 0;
    this.#hooks.completed(frame.lsn);
    this.#tellPhase();
  }

  /** History changed: a snapshot follows. The rows stay in sight until it has come. */
  async #reset(): Promise<void> {
    this.#stream.enter({kind: 'idle'});
    await this.#forget();
  }

  /** Something is missing: the stream begins again, and where that did not help, from a snapshot. */
  #gap(): void {
    this.#break();
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
    // First: with the checkpoint gone nothing would tell, after a crash, that operations must go out again.
    await this.#hooks.historyChanged();
    await this.#journal.forgetCheckpoint();
    this.#checkpoint = undefined;
    // What was staged is of that history too, even if the next one begins at the same LSN.
    this.#resuming = false;
    if (this.#stage) this.#stage = {...this.#stage, cursor: null};
  }

  /** Resolves when what was accepted is written: a greeting made before would name an older checkpoint. */
  async quiesce(): Promise<void> {
    this.#pace.hurry();
    await this.#draining;
  }

  /** What `resync` does, between two frames. */
  async forget(): Promise<void> {
    await this.quiesce();
    this.#break();
    // Again: a greeting that was made meanwhile names what is forgotten now, and rows would follow that stand behind it.
    await this.#forget().finally(() => this.#break());
  }

  #break(): void {
    this.#stream.enter({kind: 'idle'});
    this.#broken = true;
  }

  #tellPhase(): void {
    const {state} = this.#stream;
    if (state.kind === 'live') this.#hooks.phase('live', null);
    if (state.kind === 'catchup') this.#hooks.phase('syncing', null);
    if (state.kind === 'staging') this.#hooks.phase('syncing', progressOf(state.stage));
  }
}
