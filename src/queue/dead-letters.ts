/** Operations that were refused for good: kept with their reason until a person decides, those behind them as well. */
import type {Clock} from '../platform/platform.js';
import {SyncError} from '../protocol/protocol.js';
import type {Outbox} from './outbox.js';
import {type Change, isUnanswered, type OutboxRecord} from './queue.js';
import {isRetriable} from './records.js';

export class DeadLetters {
  readonly #outbox: Outbox;
  readonly #clock: Clock;

  constructor(outbox: Outbox, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /**
   * What setting one aside changes: itself, and what is queued behind it for the same key or waits for it. Others flow on.
   * @param why with `row`, the server's, where a conflict brought one
   */
  setAside(id: string, why: Pick<OutboxRecord, 'error' | 'row'>): [seq: number, change: Change][] {
    const found = this.#outbox.find(id);
    if (!found) return [];
    const endedAt = this.#clock.now();
    const fail = (more: Partial<OutboxRecord>) => (record: OutboxRecord) =>
      isUnanswered(record) ? {...record, ...more, stage: 'failed' as const, endedAt} : record;
    const behind = this.#outbox.index.dependents(found.seq, found.record);
    const blocked = {code: 'blocked', message: `Waits for operation ${id}, which was refused`};
    return [
      [found.seq, record => fail({...why, attempts: record.attempts + 1})(record)],
      ...behind.map((seq): [number, Change] => [seq, fail({error: blocked})]),
    ];
  }

  /** All that is unanswered, where nobody can tell what of it took effect before. */
  setAsideAll(): Promise<number[]> {
    const {index} = this.#outbox;
    const error = {code: 'stale-operation', message: 'Held by a copy that is older than what the server remembers'};
    const failed = {stage: 'failed' as const, error, endedAt: this.#clock.now()};
    return this.#outbox.update([...index.stage('queued').keys(), ...index.stage('sent').keys()], record =>
      isUnanswered(record) ? {...record, ...failed} : record,
    );
  }

  /** Back into the queue with new numbers: the server has been told that the old ones are settled. */
  retry(id: string | null): Promise<number[]> {
    return this.#outbox.update(this.#failed(id, 'retry'), takeRetriable, {append: requeued});
  }

  /** By id, one that is still in the queue as well. */
  discard(id: string | null): Promise<number[]> {
    const found = id === null ? undefined : this.#outbox.find(id);
    if (found && isUnanswered(found.record)) return this.#outbox.update([found.seq], () => undefined);
    return this.#outbox.update(this.#failed(id, 'discard', false), record =>
      record.stage === 'failed' ? undefined : record,
    );
  }

  /** The replacement first, then what stood behind the refused one. */
  replace(id: string, by: OutboxRecord): Promise<number[]> {
    const chosen = this.#failed(id, 'replace');
    const [first] = chosen;
    if (by.id !== id && this.#outbox.find(by.id)) {
      throw new SyncError('id-reused', `Operation ${by.id} was queued before`);
    }
    return this.#outbox.update(
      chosen,
      (record, seq) => (seq === first && record.stage === 'failed' ? undefined : takeRetriable(record)),
      {
        append: present => {
          // Another tab may have retried, replaced or discarded it a moment ago.
          if (first === undefined || present.get(first)?.stage !== 'failed') throw unknown(id, 'replace');
          return [by, ...requeued(present).filter(record => record.id !== id)];
        },
      },
    );
  }

  /** The failed one of that id, with those set aside behind it; all failed ones without an id. */
  #failed(id: string | null, what: string, dependents = true): number[] {
    const failed = [...this.#outbox.index.stage('failed')].sort(([a], [b]) => a - b);
    if (id === null) return failed.map(([seq]) => seq);
    const found = failed.find(([, record]) => record.id === id);
    if (!found) throw unknown(id, what);
    return dependents ? [found[0], ...behind(found, failed)] : [found[0]];
  }
}

/** Of the failed ones, in their order, those that were set aside behind this one. */
function behind([seq, {id, key}]: [number, OutboxRecord], failed: readonly [number, OutboxRecord][]): number[] {
  const ids = new Set([id]);
  const keys = new Map([[key, seq]]);
  const seqs: number[] = [];
  for (const [other, candidate] of failed) {
    if (other === seq || candidate.error?.code !== 'blocked') continue;
    const isBehind = other > (keys.get(candidate.key) ?? other);
    if (!isBehind && !candidate.after?.some(awaited => ids.has(awaited))) continue;
    ids.add(candidate.id);
    keys.set(candidate.key, Math.min(other, keys.get(candidate.key) ?? other));
    seqs.push(other);
  }
  return seqs;
}

function takeRetriable(record: OutboxRecord): OutboxRecord | undefined {
  return isRetriable(record) ? undefined : record;
}

/** Those of them that were failed, as they were before that. */
function requeued(records: ReadonlyMap<number, OutboxRecord>): OutboxRecord[] {
  return [...records.values()]
    .filter(isRetriable)
    .map(({error: _error, row: _row, status: _status, endedAt: _endedAt, ...record}) => ({...record, stage: 'queued'}));
}

function unknown(id: string, what: string): SyncError {
  return new SyncError('unknown-operation', `Nothing to ${what}: no failed operation ${id}`);
}
