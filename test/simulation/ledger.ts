/**
 * What the pages were promised, held against what lies on each disk and what the server did: the invariants of
 * operations, checked at every commit.
 */
import {compareLsn} from '../../src/protocol/protocol.js';
import type {OutboxRecord} from '../../src/queue/queue.js';
import type {Commit, Stores} from './disk.js';
import type {Oracle} from './oracle.js';
import {difference, durableOf, foldJournal} from './replica-fold.js';
import {Violation} from './trace.js';

/** An operation that a page asked for. Its id is also the value it writes: each is written once. */
export interface Promised {
  id: string;
  profile: string;
  /** 'task/…' */
  key: string;
  kind: 'put' | 'patch' | 'remove';
  /** `enqueue` has resolved. */
  accepted: boolean;
  /** Its last number in the outbox, once it was durable. */
  seq: number | undefined;
  /** The page gave leave to drop it. */
  discarded: boolean;
  /** It was set aside at least once. */
  failed: boolean;
  /** Rows with its effect are durable here. */
  seenBack: boolean;
}

export class Ledger {
  readonly operations = new Map<string, Promised>();
  /** 'profile key' of rows that a refusal, a discard or a retry has touched: their order can't be foretold. */
  readonly disturbed = new Set<string>();
  readonly #oracle: Oracle;
  /** Database → the tab that took the journal over last. */
  readonly #leaders = new Map<string, string>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  observe(profile: string, {by, database, before, after}: Commit): void {
    if (!after.has('outbox')) return;
    if (before.get('journal') !== after.get('journal') || before.get('meta') !== after.get('meta')) {
      this.#rows(`${profile} ${database}`, by, before, after);
    }
    if (before.get('outbox') !== after.get('outbox')) this.#outbox(profile, before, after);
  }

  /** After a crash: everything that was promised is there. */
  survived(profile: string, stores: readonly Stores[]): void {
    const present = new Set(stores.flatMap(each => [...recordsOf(each).values()].map(({id}) => id)));
    for (const op of this.operations.values()) {
      if (op.profile !== profile || !op.accepted || op.discarded || op.seenBack || present.has(op.id)) continue;
      throw new Violation('4 durable', `${op.id} on ${op.key} was accepted and is gone`);
    }
  }

  /** Whether what a page is shown of a row can be told from what was written, in its order. */
  isForetellable(profile: string, key: string): boolean {
    return this.#oracle.restores === 0 && !this.disturbed.has(`${profile} ${key}`);
  }

  /** In the end, with everything healed. */
  settled(): void {
    const {head, restores} = this.#oracle;
    for (const op of this.operations.values()) {
      if (!op.accepted || op.discarded || head.effects.has(op.id)) continue;
      // A restored server may lack what this client had seen come back before.
      if (restores > 0 && op.seenBack) continue;
      throw new Violation('5 exactly once', `${op.id} on ${op.key} was accepted, and never took effect`);
    }
  }

  /** The operation that a status may not forget: accepted, undecided, and nowhere at the server. */
  missing(ids: Iterable<string>): Promised | undefined {
    for (const id of ids) {
      const op = this.operations.get(id);
      if (op && !op.discarded && !op.failed && !this.#oracle.everApplied.has(id)) return op;
    }
    return undefined;
  }

  #rows(place: string, by: string, before: Stores, after: Stores): void {
    const old = durableOf(before);
    const {checkpoint, epoch} = durableOf(after);
    if (epoch !== old.epoch) this.#leaders.set(place, by);
    else if (this.#leaders.get(place) !== by) {
      throw new Violation('10 fence', `${by} wrote to the journal of ${this.#leaders.get(place)}`);
    }
    if (!checkpoint) return;
    const earlier = old.checkpoint;
    if (earlier?.generation === checkpoint.generation && compareLsn(checkpoint.lsn, earlier.lsn) < 0) {
      throw new Violation('2 checkpoint', `went back from ${earlier.lsn} to ${checkpoint.lsn}`);
    }
    const state = this.#oracle.states.get(checkpoint.mark ?? '');
    if (!state || state.lsn !== checkpoint.lsn) {
      throw new Violation('1 checkpoint', `${checkpoint.lsn} with mark ${checkpoint.mark} never was`);
    }
    const wrong = difference(foldJournal(after), state.rows);
    if (wrong) throw new Violation('1 rows', `by ${by}, at ${checkpoint.lsn}: ${wrong}`);
  }

  #outbox(profile: string, before: Stores, after: Stores): void {
    const old = recordsOf(before);
    const now = recordsOf(after);
    const present = new Map([...now].map(([seq, {id}]) => [id, seq]));
    for (const [seq, record] of now) {
      const earlier = old.get(seq);
      if (earlier === record) continue;
      const op = this.operations.get(record.id);
      if (!op) continue;
      if (op.seq !== undefined && op.seq !== seq) this.disturbed.add(`${profile} ${op.key}`);
      op.seq = seq;
      if (record.stage === 'done' && earlier?.stage !== 'done') this.#done(op, after);
      if (record.stage === 'failed' && earlier?.stage !== 'failed') this.#failed(op, record);
    }
    for (const [seq, record] of old) {
      if (now.has(seq) || present.has(record.id) || record.stage === 'done') continue;
      const op = this.operations.get(record.id);
      if (!op) continue;
      this.disturbed.add(`${profile} ${op.key}`);
      if (!op.discarded) throw new Violation('6 pending', `${op.id} (${record.stage}) was dropped, and nobody asked`);
    }
  }

  #done(op: Promised, stores: Stores): void {
    const {checkpoint} = durableOf(stores);
    const state = this.#oracle.states.get(checkpoint?.mark ?? '');
    if (!state?.effects.has(op.id)) {
      throw new Violation('6 done', `${op.id} on ${op.key} is done, but the rows at ${checkpoint?.lsn} are without it`);
    }
    op.seenBack = true;
  }

  #failed(op: Promised, {error}: OutboxRecord): void {
    op.failed = true;
    this.disturbed.add(`${op.profile} ${op.key}`);
    if (this.#oracle.head.effects.has(op.id)) {
      throw new Violation('9 rejection', `${op.id} failed (${error?.code}: ${error?.message}), but had taken effect`);
    }
    if (!this.#oracle.refused.has(op.id) && error?.code !== 'blocked') {
      throw new Violation('9 rejection', `${op.id} failed (${error?.code}), but the server never refused it`);
    }
  }
}

export function recordsOf(stores: Stores): ReadonlyMap<number, OutboxRecord> {
  return (stores.get('outbox')?.rows ?? new Map()) as ReadonlyMap<number, OutboxRecord>;
}
