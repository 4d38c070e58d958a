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
    const doomed = this.#dependents(found.seq, found.record);
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
      return row
        ? {...failed, attempts: record.attempts + 1, row}
        : {...failed, attempts: record.attempts + 1};
    });
  }

  /** Back into the queue with new numbers: the server has been told that the old ones are settled. */
  retry(id: string | null): Promise<number[]> {
    const chosen = this.#failed(id, 'retry');
    const again = chosen.map(([, {error: _error, row: _row, endedAt: _endedAt, ...record}]): OutboxRecord => {
      return {...record, stage: 'queued'};
    });
    return this.#outbox.update(
      chosen.map(([seq]) => seq),
      () => undefined,
      again,
    );
  }

  discard(id: string | null): Promise<number[]> {
    const found = id === null ? undefined : this.#outbox.find(id);
    if (found && isUnanswered(found.record)) return this.#outbox.update([found.seq], () => undefined);
    return this.#outbox.update(
      this.#failed(id, 'discard', false).map(([seq]) => seq),
      () => undefined,
    );
  }

  /** The replacement first, then what stood behind the refused one. */
  replace(id: string, by: OutboxRecord): Promise<number[]> {
    const chosen = this.#failed(id, 'replace');
    const behind = chosen
      .slice(1)
      .map(([, {error: _error, row: _row, endedAt: _endedAt, ...record}]): OutboxRecord => {
        return {...record, stage: 'queued'};
      });
    return this.#outbox.update(
      chosen.map(([seq]) => seq),
      () => undefined,
      [by, ...behind],
    );
  }

  /** The failed one of that id, with those set aside behind it; all failed ones without an id. */
  #failed(id: string | null, what: string, dependents = true): [number, OutboxRecord][] {
    const failed = [...this.#outbox.records].filter(([, record]) => record.stage === 'failed');
    if (id === null) return failed;
    const found = failed.find(([, record]) => record.id === id);
    if (!found) throw new SyncError('unknown-operation', `Nothing to ${what}: no failed operation ${id}`);
    const behind = failed.filter(
      ([seq, record]) => seq > found[0] && record.key === found[1].key && record.error?.code === 'blocked',
    );
    return dependents ? [found, ...behind] : [found];
  }

  #dependents(seq: number, record: OutboxRecord): number[] {
    const ids = new Set([record.id]);
    const seqs: number[] = [];
    for (const [other, candidate] of this.#outbox.records) {
      if (other === seq || !isUnanswered(candidate)) continue;
      const behind = other > seq && candidate.key === record.key;
      if (!behind && !candidate.after?.some(id => ids.has(id))) continue;
      ids.add(candidate.id);
      seqs.push(other);
    }
    return seqs;
  }
}
