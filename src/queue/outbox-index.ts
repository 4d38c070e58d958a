/**
 * A tab's mirror of the outbox, with every look-up that the queue needs, each kept up as records change: a change costs
 * what it touches, however much is queued. It decides nothing; the store is the truth.
 */
import type {QueueFacts} from '../state/state.js';
import {NumberedMap} from './numbered-map.js';
import {Overlay} from './overlay.js';
import {isUnanswered, type OutboxRecord} from './queue.js';

type Stage = OutboxRecord['stage'];

export class OutboxIndex {
  /** In the order of their numbers, which is the order in which they were committed. */
  readonly records: ReadonlyMap<number, OutboxRecord>;
  readonly overlay = new Overlay();
  /** Keys whose unanswered operations have changed, for whoever sends to look at and to clear. */
  readonly stirred = new Set<string>();
  readonly #records = new NumberedMap<OutboxRecord>();
  readonly #seqs = new Map<string, number>();
  readonly #stages: Readonly<Record<Stage, Map<number, OutboxRecord>>> = {
    queued: new Map(),
    sent: new Map(),
    applied: new Map(),
    failed: new Map(),
    done: new Map(),
  };
  /** Unanswered ones by key. */
  readonly #lanes = new Map<string, NumberedMap<OutboxRecord>>();
  /** Unanswered ones by the ids that they wait for. */
  readonly #waiting = new Map<string, Set<number>>();
  #bytes = 0;
  #lastSeq = 0;
  /** Nothing pending lies below. */
  #floor = Number.POSITIVE_INFINITY;

  constructor() {
    this.records = this.#records;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Of all there are, as JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many there are but those that are only remembered. */
  get count(): number {
    return this.#records.size - this.#stages.done.size;
  }

  get facts(): QueueFacts {
    const {queued, sent, applied, failed} = this.#stages;
    return {
      pending: queued.size + sent.size + applied.size,
      inFlight: sent.size,
      failed: failed.size,
      oldestPendingAt: this.#records.get(this.floor)?.createdAt ?? null,
    };
  }

  /** The lowest number of a pending one; without any, the next to come. */
  get floor(): number {
    while (this.#floor <= this.#lastSeq && !isPending(this.#records.get(this.#floor))) this.#floor++;
    return Math.min(this.#floor, this.#lastSeq + 1);
  }

  /** In the order in which they got there. */
  stage(stage: Stage): ReadonlyMap<number, OutboxRecord> {
    return this.#stages[stage];
  }

  /** The unanswered ones of a key, in their order. */
  lane(key: string): ReadonlyMap<number, OutboxRecord> | undefined {
    return this.#lanes.get(key);
  }

  find(id: string): {seq: number; record: OutboxRecord} | undefined {
    const seq = this.#seqs.get(id);
    const record = seq === undefined ? undefined : this.#records.get(seq);
    return seq === undefined || !record ? undefined : {seq, record};
  }

  /**
   * Whether an operation that waits for this one has to go on waiting.
   * @param by its number: it waits for none that was queued behind it, or two might wait for each other for ever
   */
  isAwaited(id: string, by = Number.POSITIVE_INFINITY): boolean {
    const found = this.find(id);
    return found !== undefined && found.seq < by && isUnanswered(found.record);
  }

  /** The unanswered ones that stand behind it for the same key or wait for it, and those that do so for them. */
  dependents(seq: number, record: OutboxRecord): number[] {
    const found = new Map([[seq, record]]);
    /** Keys, and from where on all that stands there is found. */
    const seen = new Map<string, number>();
    for (const [at, {id, key}] of found) {
      const waiting = [...(this.#waiting.get(id) ?? [])];
      const behind = (seen.get(key) ?? Number.POSITIVE_INFINITY) <= at ? [] : [...(this.#lanes.get(key)?.keys() ?? [])];
      seen.set(key, Math.min(at, seen.get(key) ?? at));
      for (const other of [...behind, ...waiting].filter(other => other > at)) {
        const dependent = this.#records.get(other);
        if (dependent) found.set(other, dependent);
      }
    }
    found.delete(seq);
    return [...found.keys()].sort((a, b) => a - b);
  }

  /** @returns the record as it was */
  set(seq: number, after: OutboxRecord | undefined): OutboxRecord | undefined {
    const before = this.#records.get(seq);
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    this.#bytes += (after?.bytes ?? 0) - (before?.bytes ?? 0);
    if (before && before.stage !== after?.stage) this.#stages[before.stage].delete(seq);
    if (before && isUnanswered(before) && !(after && isUnanswered(after))) this.#dequeue(seq, before);
    if (after) {
      this.#records.set(seq, after);
      this.#seqs.set(after.id, seq);
      this.#stages[after.stage].set(seq, after);
      if (isPending(after)) this.#floor = Math.min(this.#floor, seq);
      if (isUnanswered(after)) this.#enqueue(seq, after);
    } else {
      this.#records.delete(seq);
      if (before && this.#seqs.get(before.id) === seq) this.#seqs.delete(before.id);
    }
    this.overlay.observe(seq, after, before);
    return before;
  }

  #enqueue(seq: number, record: OutboxRecord): void {
    const lane = this.#lanes.get(record.key) ?? new NumberedMap();
    this.#lanes.set(record.key, lane.set(seq, record));
    for (const id of record.after ?? []) this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(seq));
    this.#stir(record);
  }

  #dequeue(seq: number, record: OutboxRecord): void {
    const lane = this.#lanes.get(record.key);
    lane?.delete(seq);
    if (lane?.size === 0) this.#lanes.delete(record.key);
    for (const id of record.after ?? []) {
      const waiting = this.#waiting.get(id);
      waiting?.delete(seq);
      if (waiting?.size === 0) this.#waiting.delete(id);
    }
    this.#stir(record);
    if (lane?.size === 0) this.stirred.delete(record.key);
  }

  /** Its key, and those of the operations that wait for it. */
  #stir({id, key}: OutboxRecord): void {
    this.stirred.add(key);
    for (const seq of this.#waiting.get(id) ?? []) {
      const waiting = this.#records.get(seq);
      if (waiting) this.stirred.add(waiting.key);
    }
  }
}

/** Without the server's answer, or without the rows that it speaks of. */
function isPending(record: OutboxRecord | undefined): boolean {
  return record !== undefined && (isUnanswered(record) || record.stage === 'applied');
}
