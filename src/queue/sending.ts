/**
 * Which operations go out next, and what is under way: the leader's alone, and of one connection.
 *
 * Oldest first, higher priority before that. Within a key nothing overtakes: a key with one under way waits, though
 * successors may stand behind it in the same frame, and one that waits for another (`after`, a later try) holds back those
 * behind it. What stands before an urgent one of its key is as urgent as that.
 */
import type {Clock} from '../platform/platform.js';
import type {OutboxIndex} from './outbox-index.js';
import {entityKey, type OutboxRecord} from './queue.js';

/** How long nothing may be answered before the connection is given up. */
const ANSWER_LIMIT = 30_000;
/** How long one operation may go without an answer though others have theirs. */
const LAST_LIMIT = 20 * ANSWER_LIMIT;

/** More than so many operations under way. */
const CROWD = 16;

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

/** One that may go out, as urgent as the most urgent behind it in its key. Stale once its key has another turn, or none. */
interface Ready extends Outgoing {
  urgency: number;
  turn: object;
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
  /** Keys of which something may go out, and since when: told by identity. */
  readonly #turns = new Map<string, object>();
  /** What may go out, the next one last. */
  #line: Ready[] = [];
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
    let bytes = 0;
    while (taken.length < frame.count && this.#flights.size < window.count) {
      const next = this.#line.at(-1);
      if (!next) break;
      const {seq, record} = next;
      if (this.#isCurrent(next)) {
        const isTooMuch =
          (taken.length > 0 && bytes + record.bytes > frame.bytes) ||
          (this.#flights.size > 0 && this.#awayBytes + record.bytes > window.bytes);
        if (isTooMuch) break;
        bytes += record.bytes;
        taken.push({seq, record});
        this.#depart(record);
      }
      this.#line.pop();
    }
    // What is left of these keys waits until all of this has landed.
    for (const {record} of taken) this.#turns.delete(record.key);
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

  /** So many answers are to come that one of them need not be settled by itself. */
  get isCrowd(): boolean {
    return this.#flights.size > CROWD;
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

  /** Gives each key that has changed, or whose time may have come, a new turn. */
  #lineUp(): void {
    const {stirred} = this.#index;
    for (const key of this.#held) stirred.add(key);
    this.#held.clear();
    if (stirred.size === 0) return;
    for (const key of stirred) this.#turns.delete(key);
    this.#line = this.#line.filter(ready => this.#isCurrent(ready));
    for (const key of stirred) if (!this.#away.has(key)) this.#lineUpKey(key);
    stirred.clear();
    // Mostly in order already, which costs a sort next to nothing.
    this.#line.sort((a, b) => a.urgency - b.urgency || b.seq - a.seq);
  }

  /** The head of a key's lane that may go out together. */
  #lineUpKey(key: string): void {
    const turn = {};
    const head: Ready[] = [];
    for (const [seq, record] of this.#index.lane(key) ?? []) {
      if (this.#waits(seq, record)) break;
      // The server keeps order within an entity. Within a key of the application's own nobody but we do: one at a time.
      const isAlone = key !== entityKey(record);
      if (isAlone && head.length > 0) break;
      head.push({seq, record, urgency: record.priority, turn});
      if (isAlone) break;
    }
    let urgency = Number.NEGATIVE_INFINITY;
    for (const ready of head.reverse()) {
      urgency = Math.max(urgency, ready.urgency);
      this.#line.push({...ready, urgency});
    }
    this.#turns.set(key, turn);
  }

  #isCurrent({turn, seq, record: {key}}: Ready): boolean {
    return this.#turns.get(key) === turn && this.#index.lane(key)?.has(seq) === true;
  }

  #waits(seq: number, {id, key, after = []}: OutboxRecord): boolean {
    if ((this.#notBefore.get(id) ?? 0) > this.#clock.monotonic()) {
      this.#held.add(key);
      return true;
    }
    // The key stirs when these are answered.
    return after.some(other => this.#index.isAwaited(other, seq));
  }
}
