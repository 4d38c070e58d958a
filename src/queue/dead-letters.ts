/** Operations that were refused for good: kept with their reason until a person decides, those behind them as well. */
import type {Clock} from '../platform/platform.js';
import {type JsonObject, SyncError} from '../protocol/protocol.js';
import type {Outbox} from './outbox.js';
import {isUnanswered, type OutboxRecord} from './queue.js';

export class DeadLetters {
  readonly #outbox: Outbox;
  readonly #clock: Clock;

  constructor(outbox: Outbox, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /** Sets one aside, with what is queued behind it for the same key or waits for it; others flow on. */
  setAside(id: string, error: {code: string; message: string}, row?: JsonObject): Promise<number[]> {
    const found = this.#outbox.find(id);
    if (!found) return Promise.resolve([]);
    const doomed = this.#dependents(found.seq, found.record, isUnanswered);
    const endedAt = this.#clock.now();
    const blocked = {code: 'blocked', message: `Waits for operation ${id}, which was refused`};
    return this.#outbox.update([found.seq, ...doomed], (record, seq) => {
      if (!isUnanswered(record)) return record;
      const failed: OutboxRecord = {
        ...record,
        stage: 'failed',
        endedAt,
        error: seq === found.seq ? error : blocked,
      };
      if (seq !== found.seq) return failed;
      return row ? {...failed, attempts: record.attempts + 1, row} : {...failed, attempts: record.attempts + 1};
    });
  }

  /** Back into the queue with new numbers: the server has been told that the old ones are settled. */
  retry(id: string | null): Promise<number[]> {
    return this.#outbox.update(this.#failed(id, 'retry'), takeFailed, present => requeued(present));
  }

  discard(id: string | null): Promise<number[]> {
    const found = id === null ? undefined : this.#outbox.find(id);
    if (found && isUnanswered(found.record)) return this.#outbox.update([found.seq], () => undefined);
    return this.#outbox.update(this.#failed(id, 'discard', false), takeFailed);
  }

  /** The replacement first, then what stood behind the refused one. */
  replace(id: string, by: OutboxRecord): Promise<number[]> {
    const chosen = this.#failed(id, 'replace');
    const [first] = chosen;
    if (by.id !== id && this.#outbox.find(by.id)) {
      throw new SyncError('id-reused', `Operation ${by.id} was queued before`);
    }
    return this.#outbox.update(chosen, takeFailed, present => {
      // Another tab may have retried, replaced or discarded it a moment ago.
      if (first === undefined || present.get(first)?.stage !== 'failed') throw unknown(id, 'replace');
      return [by, ...requeued(present).filter(record => record.id !== id)];
    });
  }

  /** The failed one of that id, with those set aside behind it; all failed ones without an id. */
  #failed(id: string | null, what: string, dependents = true): number[] {
    const failed = [...this.#outbox.records].filter(([, record]) => record.stage === 'failed');
    if (id === null) return failed.map(([seq]) => seq);
    const found = failed.find(([, record]) => record.id === id);
    if (!found) throw unknown(id, what);
    const [seq, record] = found;
    const isBlocked = (candidate: OutboxRecord) => candidate.error?.code === 'blocked';
    return dependents ? [seq, ...this.#dependents(seq, record, isBlocked)] : [seq];
  }

  /** What stands behind it for the same key or waits for it, and what waits for those. */
  #dependents(seq: number, record: OutboxRecord, counts: (candidate: OutboxRecord) => boolean): number[] {
    const ids = new Set([record.id]);
    const seqs: number[] = [];
    for (const [other, candidate] of this.#outbox.records) {
      if (other === seq || !counts(candidate)) continue;
      const behind = other > seq && candidate.key === record.key;
      if (!behind && !candidate.after?.some(id => ids.has(id))) continue;
      ids.add(candidate.id);
      seqs.push(other);
    }
    return seqs;
  }
}

function takeFailed(record: OutboxRecord): OutboxRecord | undefined {
  return record.stage === 'failed' ? undefined : record;
}

/** Those of them that are failed, as they were before that. */
function requeued(records: ReadonlyMap<number, OutboxRecord>): OutboxRecord[] {
  return [...records.values()]
    .filter(({stage}) => stage === 'failed')
    .map(({error: _error, row: _row, endedAt: _endedAt, ...record}) => ({...record, stage: 'queued'}));
}

function unknown(id: string, what: string): SyncError {
  return new SyncError('unknown-operation', `Nothing to ${what}: no failed operation ${id}`);
}
