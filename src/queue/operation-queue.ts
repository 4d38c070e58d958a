/** OperationQueue: takes operations in, sends them when it is the leader's, settles them, tells what became of each. */
import type {Clock} from '../platform/platform.js';
import {
  type Limits,
  type Operation,
  type OperationAckFrame,
  type OperationNackFrame,
  type OperationStage,
  type QueuedOperation,
  type ServerLimits,
  type Settlement,
  SyncError,
  type WireOperation,
} from '../protocol/protocol.js';
import {sameContent} from '../protocol/same-content.js';
import type {QueueFacts} from '../state/state.js';
import {Answers} from './answers.js';
import {DeadLetters} from './dead-letters.js';
import type {Outbox} from './outbox.js';
import type {Overlay, Reach} from './overlay.js';
import type {OutboxRecord} from './queue.js';
import {markSent, newRecord, toWire} from './records.js';
import {Sending} from './sending.js';
import type {Milestone, Settlements} from './settlements.js';
import {Turns} from './turns.js';

/** What may be under way at once: enough to keep a fast server busy while a slow disk takes in its answers. */
const WINDOW = {count: 2000, bytes: 1024 * 1024};
/** Bytes of one frame of operations, at the most. */
const FRAME_BYTES = 256 * 1024;

export interface QueueHooks {
  /** This tab changed these records: tell the others. */
  changed(seqs: readonly number[]): void;
}

export class OperationQueue {
  readonly settlements: Settlements;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #hooks: QueueHooks;
  readonly #deadLetters: DeadLetters;
  readonly #sending: Sending;
  readonly #answers: Answers;
  /** On their way to the disk. */
  readonly #arriving = {count: 0, bytes: 0};
  #fresh: OutboxRecord[] = [];
  readonly #appends = new Turns(() => this.#announce(this.#outbox.append(this.#fresh.splice(0))));

  constructor(outbox: Outbox, settlements: Settlements, clock: Clock, limits: Limits, hooks: QueueHooks) {
    this.settlements = settlements;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#limits = limits;
    this.#hooks = hooks;
    this.#deadLetters = new DeadLetters(outbox, clock);
    this.#sending = new Sending(outbox.index, clock);
    this.#answers = new Answers(outbox, this.#sending, this.#deadLetters, clock, seqs => this.#tell(seqs));
  }

  // ── any tab ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Resolves with the id once the operation is durable. An id that is known already, with the same content, is the same
   * operation.
   * @throws SyncError `queue-full`, `id-reused`, `logged-out`, `quota-exceeded`
   */
  async enqueue(operation: Operation & {id: string}): Promise<string> {
    if (this.#knows(operation)) {
      // Asked again after a worker died: its word of the first time may not have got out.
      const seq = this.#outbox.find(operation.id)?.seq;
      if (seq !== undefined) this.#hooks.changed([seq]);
      return operation.id;
    }
    const record = newRecord(operation, this.#clock.now());
    this.#checkRoom(record.bytes);
    this.#arrive(1, record.bytes);
    this.#fresh.push(record);
    await this.#appends.join().finally(() => this.#arrive(-1, -record.bytes));
    // Another call, or another tab, may have been first with this id.
    this.#knows(operation);
    return operation.id;
  }

  /** @throws SyncError `id-reused` */
  #knows(operation: Operation & {id: string}): boolean {
    const known = this.#outbox.find(operation.id)?.record;
    if (!known) return false;
    if (known.stage === 'done' || sameContent(known, operation)) return true;
    throw new SyncError('id-reused', `Operation ${operation.id} was queued before with another content`);
  }

  /** Oldest first. */
  operations(stage: OperationStage | null): QueuedOperation[] {
    const found: QueuedOperation[] = [];
    for (const record of this.#outbox.records.values()) {
      if (record.stage === 'done' || (stage && record.stage !== stage)) continue;
      const {bytes: _, status: _status, generation: _generation, lsn: _lsn, endedAt: _endedAt, ...shown} = record;
      found.push({...shown, stage: record.stage});
    }
    return found;
  }

  /**
   * Resolves when the operation has got so far, whichever tab queued it.
   * @throws SyncError of its refusal, `discarded`, `cancelled`, `unknown-operation`
   */
  async settled(id: string, until: Milestone, signal: AbortSignal): Promise<Settlement> {
    // The word of the tab that wrote it a moment ago may still be on its way.
    if (!this.#outbox.find(id)) await this.#outbox.reread([]);
    return this.settlements.wait(id, this.#outbox.find(id)?.record, until, signal);
  }

  facts(): QueueFacts {
    return this.#outbox.index.facts;
  }

  /** What pending operations make of the rows of a type that reach so far. */
  overlay(type: string, reach: Reach | undefined): ReturnType<Overlay['edits']> {
    return this.#outbox.index.overlay.edits(type, reach);
  }

  /** Sends failed ones again, in their order, behind what is queued; all of them without an id. */
  async retry(id: string | null): Promise<void> {
    await this.#announce(this.#deadLetters.retry(id));
  }

  /** Drops failed ones (or, by id, one that is still queued). */
  async discard(id: string | null): Promise<void> {
    await this.#announce(this.#deadLetters.discard(id));
  }

  /** Puts another operation in the place of a failed one. */
  async replace(id: string, by: Operation & {id: string}): Promise<void> {
    await this.#announce(this.#deadLetters.replace(id, newRecord(by, this.#clock.now())));
  }

  /** Drops what was never sent; what was sent may have been applied and waits for its answer. */
  async clear(): Promise<void> {
    const queued = [...this.#outbox.index.stage('queued').keys()];
    await this.#announce(this.#outbox.update(queued, record => (record.stage === 'queued' ? undefined : record)));
  }

  // ── the leader ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The lowest unsettled number: the server's licence to forget what lies below. */
  get settledFloor(): number {
    return this.#outbox.index.floor;
  }

  /** Picks what goes out next and marks it sent; empty when nothing may. */
  async takeSendable(server: ServerLimits): Promise<WireOperation[]> {
    const chosen = this.#sending.take({
      window: WINDOW,
      frame: {count: server.operations, bytes: Math.min(server.frame / 2, FRAME_BYTES)},
    });
    const land = (these: typeof chosen) => {
      for (const {record} of these) this.#sending.land(record.id);
    };
    const tooLarge = chosen.find(({record}) => record.bytes > server.operation);
    if (tooLarge) {
      land(chosen);
      const {id, bytes} = tooLarge.record;
      const message = `The operation has ${bytes} bytes; this server takes ${server.operation}`;
      const changes = new Map(this.#deadLetters.setAside(id, {error: {code: 'operation-too-large', message}}));
      await this.#announce(
        this.#outbox.update([...changes.keys()], (record, seq) => changes.get(seq)?.(record) ?? record),
      );
      return this.takeSendable(server);
    }
    // Marked first, and durably: whoever discards one must be told that it may have been applied.
    const fresh = chosen.filter(({record}) => record.stage === 'queued').map(({seq}) => seq);
    try {
      await this.#announce(this.#outbox.update(fresh, markSent));
    } catch (error) {
      land(chosen);
      throw error;
    }
    const isAlive = ({seq}: {seq: number}) => this.#outbox.records.get(seq)?.stage === 'sent';
    land(chosen.filter(one => !isAlive(one)));
    return chosen.filter(isAlive).map(({seq, record}) => toWire(seq, record));
  }

  /** The server took it; its rows may come before this answer or after it. */
  acknowledged(frame: OperationAckFrame): Promise<void> {
    return this.#answers.take(frame);
  }

  /** The server did not take it: later again, or set aside with what stands behind it. */
  refused(frame: OperationNackFrame): Promise<void> {
    return this.#answers.take(frame);
  }

  /** What is unanswered is unknown: it goes out again, with the same ids. */
  connectionLost(): void {
    this.#answers.drop();
    this.#sending.lost();
  }

  /** The rows reach so far, durably: what the server applied up to there is done. */
  reached(reach: Reach): Promise<void> {
    return this.#answers.reached(reach);
  }

  /** The server's history may be another one: what it applied and we have not seen goes out again. */
  historyChanged(): Promise<void> {
    return this.#answers.historyChanged();
  }

  /** Nobody can tell what of it was applied before: it is kept as `stale-operation` until a person decides. */
  async setAsideAll(): Promise<void> {
    await this.#announce(this.#deadLetters.setAsideAll());
  }

  /** Takes in what other tabs wrote, in case their word of it was lost: what is new at once, what changed by and by. */
  scan(): Promise<void> {
    return this.#outbox.look();
  }

  /** Whether its user was logged out, as of the last look. */
  get isBuried(): boolean {
    return this.#outbox.isBuried;
  }

  /** When a refused one may go out again, if any waits for its time. */
  get nextDueAt(): number | undefined {
    return this.#sending.nextDueAt;
  }

  /** Whether an answer is so late that the connection can't be trusted. */
  get answerOverdue(): boolean {
    return this.#sending.isOverdue;
  }

  get isSending(): boolean {
    return this.#sending.isSending;
  }

  async #announce(change: Promise<readonly number[]>): Promise<void> {
    this.#tell(await change);
  }

  #tell(seqs: readonly number[]): void {
    if (seqs.length > 0) this.#hooks.changed(seqs);
  }

  #arrive(count: number, bytes: number): void {
    this.#arriving.count += count;
    this.#arriving.bytes += bytes;
  }

  #checkRoom(bytes: number): void {
    const {queueCount, queueBytes} = this.#limits;
    const {index} = this.#outbox;
    const count = index.count + this.#arriving.count;
    const total = index.bytes + this.#arriving.bytes;
    if (count < queueCount && total + bytes <= queueBytes) return;
    throw new SyncError(
      'queue-full',
      `The queue holds ${count} operations of ${queueCount} and ${total} bytes of ${queueBytes}`,
      {action: 'review'},
    );
  }
}
