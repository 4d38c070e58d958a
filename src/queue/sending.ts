/**
 * Which operations go out next, and what is under way: the leader's alone, and of one connection.
 *
 * Oldest first, higher priority before that. Within a key nothing overtakes: a key with one under way waits, though
 * successors may stand behind it in the same frame, and one that waits for another (`after`, a later try) holds back those
 * behind it. What stands before an urgent one of its key is as urgent as that.
 */
import type {Clock} from '../platform/platform.js';
import {Heap} from './heap.js';
import type {OutboxIndex} from './outbox-index.js';
import {entityKey, type OutboxRecord} from './queue.js';

/** How long nothing may be answered before the connection is given up. */
const ANSWER_LIMIT = 30_000;
/** How long one operation may go without an answer though others have theirs. */
const LAST_LIMIT = 10 * ANSWER_LIMIT;

export interface SendLimits {
  /** Operations and bytes under way at once. A single operation may be larger. */
  window: {count: number; bytes: number};
  /** Operations and bytes of one frame, likewise. */
  frame: {count: number; bytes: number};
}

export interface Outgoing {
  seq: number;
  record: OutboxRecord;
}

/** A key's place in the queue: what of it may go out together, each as urgent as the most urgent behind it. */
interface Turn {
  key: string;
  ready: readonly (Outgoing & {urgency: number})[];
  next: number;
}

interface Flight {
  key: string;
  bytes: number;
  sentAt: number;
  answered: boolean;
}

export class Sending {
  readonly #index: OutboxIndex;
  readonly #clock: Clock;
  readonly #turns = new Map<string, Turn>();
  /** Turns by urgency and age, some of which have been replaced or taken back since. */
  readonly #line = new Heap<Turn>(isBefore);
  /** Sent on this connection and unanswered, by id, the oldest first. */
  readonly #flights = new Map<string, Flight>();
  /** Keys with operations under way, and how many. */
  readonly #away = new Map<string, number>();
  #awayBytes = 0;
  #answeredAt = 0;
  /** Refused for now, by id: when to try again. */
  readonly #notBefore = new Map<string, number>();
  /** Keys that wait for such a time. */
  readonly #held = new Set<string>();

  constructor(index: OutboxIndex, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
  }

  /** What goes out next, under way from here on. */
  take({window, frame}: SendLimits): Outgoing[] {
    // Refilled when a quarter is free: a crowd of small frames costs both sides more than a few large ones.
    if (this.#flights.size > 0.75 * window.count) return [];
    this.#lineUp();
    const taken: Outgoing[] = [];
    const keys = new Set<string>();
    let bytes = 0;
    while (taken.length < frame.count && this.#flights.size < window.count) {
      const turn = this.#line.first;
      const outgoing = turn?.ready[turn.next];
      if (!turn || !outgoing) break;
      if (this.#turns.get(turn.key) !== turn || !this.#index.lane(turn.key)?.has(outgoing.seq)) {
        this.#line.pop();
        continue;
      }
      const size = outgoing.record.bytes;
      if (taken.length > 0 && bytes + size > frame.bytes) break;
      if (this.#flights.size > 0 && this.#awayBytes + size > window.bytes) break;
      bytes += size;
      taken.push(outgoing);
      keys.add(turn.key);
      this.#depart(outgoing.record);
      this.#line.pop();
      if (++turn.next < turn.ready.length) this.#line.push(turn);
    }
    // What is left of these keys waits until all of this has landed.
    for (const key of keys) this.#turns.delete(key);
    return taken;
  }

  /** An answer has come: the first for this operation on this connection has its flight, any other has undefined. */
  answer(id: string): Flight | undefined {
    const flight = this.#flights.get(id);
    if (!flight || flight.answered) return undefined;
    flight.answered = true;
    this.#answeredAt = this.#clock.monotonic();
    return flight;
  }

  /** It is under way no more, and what stands behind it may go. */
  land(id: string, flight = this.#flights.get(id)): void {
    if (!flight || this.#flights.get(id) !== flight) return;
    this.#flights.delete(id);
    this.#awayBytes -= flight.bytes;
    const left = (this.#away.get(flight.key) ?? 1) - 1;
    if (left > 0) this.#away.set(flight.key, left);
    else this.#away.delete(flight.key);
    if (left === 0 && this.#index.lane(flight.key)) this.#index.stirred.add(flight.key);
  }

  /** It is not sent again before so many milliseconds have passed. */
  hold(id: string, wait: number): void {
    this.#notBefore.set(id, this.#clock.monotonic() + wait);
  }

  /** The connection is gone: what was under way is unknown. */
  lost(): void {
    for (const id of [...this.#flights.keys()]) this.land(id);
  }

  get isSending(): boolean {
    return this.#flights.size > 0;
  }

  /** When a refused one may go out again, if any waits for its time. */
  get nextDueAt(): number | undefined {
    const now = this.#clock.monotonic();
    let next: number | undefined;
    for (const [id, time] of this.#notBefore) {
      if (time <= now || !this.#index.isAwaited(id)) this.#notBefore.delete(id);
      else next = Math.min(next ?? time, time);
    }
    return next;
  }

  /** Whether an answer is so late that the connection can't be trusted. A server that is slow, and answers, can. */
  get isOverdue(): boolean {
    const [oldest] = this.#flights.values();
    if (!oldest) return false;
    const now = this.#clock.monotonic();
    return now - Math.max(oldest.sentAt, this.#answeredAt) > ANSWER_LIMIT || now - oldest.sentAt > LAST_LIMIT;
  }

  #depart({id, key, bytes}: OutboxRecord): void {
    this.#flights.set(id, {key, bytes, sentAt: this.#clock.monotonic(), answered: false});
    this.#away.set(key, (this.#away.get(key) ?? 0) + 1);
    this.#awayBytes += bytes;
  }

  /** Gives each key that has changed, or whose time may have come, its place. */
  #lineUp(): void {
    const {stirred} = this.#index;
    for (const key of this.#held) stirred.add(key);
    this.#held.clear();
    for (const key of stirred) {
      this.#turns.delete(key);
      const ready = this.#away.has(key) ? [] : this.#ready(key);
      if (ready.length === 0) continue;
      const turn = {key, ready, next: 0};
      this.#turns.set(key, turn);
      this.#line.push(turn);
    }
    stirred.clear();
  }

  /** The head of a key's lane that may go out together. */
  #ready(key: string): Turn['ready'] {
    const ready: (Outgoing & {urgency: number})[] = [];
    for (const [seq, record] of this.#index.lane(key) ?? []) {
      if (this.#waits(record)) break;
      // The server keeps order within an entity. Within a key of the application's own nobody but we do: one at a time.
      if (ready.length > 0 && record.key !== entityKey(record)) break;
      ready.push({seq, record, urgency: record.priority});
      if (record.key !== entityKey(record)) break;
    }
    let urgency = Number.NEGATIVE_INFINITY;
    for (const outgoing of [...ready].reverse()) {
      urgency = Math.max(urgency, outgoing.urgency);
      outgoing.urgency = urgency;
    }
    return ready;
  }

  #waits({id, key, after = []}: OutboxRecord): boolean {
    if ((this.#notBefore.get(id) ?? 0) > this.#clock.monotonic()) {
      this.#held.add(key);
      return true;
    }
    // The key stirs when these are answered.
    return after.some(other => this.#index.isAwaited(other));
  }
}

function isBefore(a: Turn, b: Turn): boolean {
  const [one, other] = [a.ready[a.next], b.ready[b.next]];
  if (!one || !other) return other === undefined;
  return one.urgency > other.urgency || (one.urgency === other.urgency && one.seq < other.seq);
}
