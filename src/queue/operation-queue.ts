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
  SyncError,
  type WireOperation,
} from '../protocol/protocol.js';
import {EMPTY_QUEUE, type QueueFacts} from '../state/state.js';
import {DeadLetters} from './dead-letters.js';
import type {Outbox} from './outbox.js';
import {hasReached, type Reach} from './overlay.js';
import {isUnanswered, type OutboxRecord} from './queue.js';
import {done, markSent, newRecord, sameContent, toWire} from './records.js';
import {selectSendable} from './select.js';
import type {Settlements} from './settlements.js';

/** How many settled operations are remembered, so that an answer that came while no page listened is not lost. */
const REMEMBERED = 1000;
/** How long an operation may go without an answer before its connection is given up. */
const ANSWER_LIMIT = 30_000;

export interface QueueHooks {
  /** This tab changed these records: tell the others. */
  changed(seqs: readonly number[]): void;
}

export class OperationQueue {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #hooks: QueueHooks;
  readonly #deadLetters: DeadLetters;
  readonly settlements: Settlements;
  /** Sent on this connection and unanswered: id → when. */
  readonly #inFlight = new Map<string, number>();
  readonly #notBefore = new Map<string, number>();

  constructor(outbox: Outbox, settlements: Settlements, clock: Clock, limits: Limits, hooks: QueueHooks) {
    this.#outbox = outbox;
    this.settlements = settlements;
    this.#clock = clock;
    this.#limits = limits;
    this.#hooks = hooks;
    this.#deadLetters = new DeadLetters(outbox, clock);
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
    await this.#announce(this.#outbox.append([record]));
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

  facts(): QueueFacts {
    const facts = {...EMPTY_QUEUE};
    for (const record of this.#outbox.records.values()) {
      if (record.stage === 'failed') facts.failed++;
      if (record.stage === 'failed' || record.stage === 'done') continue;
      facts.pending++;
      if (record.stage === 'sent') facts.inFlight++;
      facts.oldestPendingAt = Math.min(facts.oldestPendingAt ?? record.createdAt, record.createdAt);
    }
    return facts;
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
    const queued = [...this.#outbox.records].filter(([, record]) => record.stage === 'queued').map(([seq]) => seq);
    await this.#announce(this.#outbox.update(queued, record => (record.stage === 'queued' ? undefined : record)));
  }

  // ── the leader ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The lowest unsettled number: the server's licence to forget what lies below. */
  get settledFloor(): number {
    for (const [seq, record] of this.#outbox.records)
      if (isUnanswered(record) || record.stage === 'applied') return seq;
    return this.#outbox.lastSeq + 1;
  }

  /** Picks what goes out next and marks it sent; empty when nothing may. */
  async takeSendable(server: ServerLimits): Promise<WireOperation[]> {
    const now = this.#clock.monotonic();
    const state = {inFlight: new Set(this.#inFlight.keys()), notBefore: this.#notBefore, now};
    const chosen = selectSendable(this.#outbox.records, state, {
      count: Math.min(server.operations, 256),
      bytes: Math.min(server.frame / 2, 256 * 1024),
    });
    const tooLarge = chosen.find(({record}) => record.bytes > server.operation);
    if (tooLarge) {
      await this.#setAside(tooLarge.record.id, {
        code: 'operation-too-large',
        message: `The operation has ${tooLarge.record.bytes} bytes; this server takes ${server.operation}`,
      });
      return this.takeSendable(server);
    }
    // Marked first: whoever discards one must be told that it may have been applied.
    for (const {record} of chosen) this.#inFlight.set(record.id, now);
    const fresh = chosen.filter(({record}) => record.stage === 'queued').map(({seq}) => seq);
    try {
      await this.#announce(this.#outbox.update(fresh, markSent));
    } catch (error) {
      for (const {record} of chosen) this.#inFlight.delete(record.id);
      throw error;
    }
    const alive = chosen.filter(({seq, record}) => {
      const present = this.#outbox.records.get(seq)?.stage === 'sent';
      if (!present) this.#inFlight.delete(record.id);
      return present;
    });
    return alive.map(({seq, record}) => toWire(seq, record));
  }

  /** The server took it; its rows may come before this answer or after it. */
  async acknowledged(frame: OperationAckFrame): Promise<void> {
    const found = this.#outbox.find(frame.id);
    const sentAt = this.#inFlight.get(frame.id);
    if (!found) return this.#answered(frame.id, sentAt);
    await this.#announce(
      this.#outbox.update([found.seq], record => {
        // An answer is the truth, also of one that was set aside behind another.
        if (!isUnanswered(record) && record.error?.code !== 'blocked') return record;
        const {error: _error, endedAt: _endedAt, ...sent} = record;
        const {status, generation, lsn} = frame;
        return {...sent, stage: 'applied', status, generation, lsn};
      }),
    ).finally(() => this.#answered(frame.id, sentAt));
  }

  /** The server did not take it: later again, or set aside with what stands behind it. */
  async refused(frame: OperationNackFrame): Promise<void> {
    // One that is not in flight was answered already, and may be queued anew since.
    const sentAt = this.#inFlight.get(frame.id);
    if (sentAt === undefined) return;
    await this.#refused(frame).finally(() => this.#answered(frame.id, sentAt));
  }

  /** Only now may it go out again: before its answer was written it would have been taken for unanswered. */
  #answered(id: string, sentAt: number | undefined): void {
    if (this.#inFlight.get(id) === sentAt) this.#inFlight.delete(id);
  }

  async #refused(frame: OperationNackFrame): Promise<void> {
    const found = this.#outbox.find(frame.id);
    if (!found || !isUnanswered(found.record)) return;
    if (!frame.retryable) {
      await this.#setAside(frame.id, {code: frame.code, message: frame.message}, frame.row);
      return;
    }
    const attempts = found.record.attempts + 1;
    const wait = frame.retryAfter ?? Math.min(60_000, 500 * 2 ** attempts);
    this.#notBefore.set(frame.id, this.#clock.monotonic() + wait);
    await this.#announce(this.#outbox.update([found.seq], record => ({...record, attempts})));
  }

  /** What is unanswered is unknown: it goes out again, with the same ids. */
  connectionLost(): void {
    this.#inFlight.clear();
  }

  /** The rows reach so far, durably: what the server applied up to there is done. */
  async reached(reach: Reach): Promise<void> {
    const echoed = [...this.#outbox.records].filter(
      ([, record]) => record.stage === 'applied' && hasReached(reach, record),
    );
    const now = this.#clock.now();
    // Strictly: the server is told that these are settled, and a power loss must not bring them back as unsettled.
    const seqs = echoed.map(([seq]) => seq);
    await this.#announce(this.#outbox.update(seqs, record => done(record, now), undefined, 'strict'));
    await this.#forgetOldest();
  }

  /** The server's history may be another one: what it applied and we have not seen goes out again. */
  async historyChanged(): Promise<void> {
    const applied = [...this.#outbox.records].filter(([, record]) => record.stage === 'applied').map(([seq]) => seq);
    await this.#announce(
      this.#outbox.update(applied, before => {
        if (before.stage !== 'applied') return before;
        const {status: _status, generation: _generation, lsn: _lsn, ...record} = before;
        return {...record, stage: 'sent'};
      }),
    );
  }

  /** Takes in what other tabs wrote, in case their word of it was lost. */
  scan(): Promise<void> {
    return this.#outbox.load();
  }

  /** When a refused one may go out again, if any waits for its time. */
  get nextDueAt(): number | undefined {
    const now = this.#clock.monotonic();
    let next: number | undefined;
    for (const [id, time] of this.#notBefore) {
      const record = this.#outbox.find(id)?.record;
      if (time <= now || !record || !isUnanswered(record)) this.#notBefore.delete(id);
      else next = Math.min(next ?? time, time);
    }
    return next;
  }

  /** Whether an answer is so late that the connection can't be trusted. */
  get answerOverdue(): boolean {
    const now = this.#clock.monotonic();
    return [...this.#inFlight.values()].some(sentAt => now - sentAt > ANSWER_LIMIT);
  }

  get isSending(): boolean {
    return this.#inFlight.size > 0;
  }

  #setAside(id: string, error: {code: string; message: string}, row?: OutboxRecord['row']): Promise<void> {
    return this.#announce(this.#deadLetters.setAside(id, error, row));
  }

  async #forgetOldest(): Promise<void> {
    const ended = [...this.#outbox.records].filter(([, record]) => record.stage === 'done').map(([seq]) => seq);
    await this.#announce(this.#outbox.update(ended.slice(0, Math.max(0, ended.length - REMEMBERED)), () => undefined));
  }

  async #announce(change: Promise<readonly number[]>): Promise<void> {
    const seqs = await change;
    if (seqs.length > 0) this.#hooks.changed(seqs);
  }

  #checkRoom(bytes: number): void {
    const {queueCount, queueBytes} = this.#limits;
    let count = 1;
    let total = bytes;
    for (const record of this.#outbox.records.values()) {
      if (record.stage === 'done') continue;
      count++;
      total += record.bytes;
    }
    if (count <= queueCount && total <= queueBytes) return;
    throw new SyncError(
      'queue-full',
      `The queue holds ${count - 1} operations of ${queueCount} and ${total - bytes} bytes of ${queueBytes}`,
      {action: 'review'},
    );
  }
}
