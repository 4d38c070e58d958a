/** Who waits for the outcome of an operation, and what they are told: the same in every tab, whoever sent it. */
import {cancellation, type Settlement, SyncError} from '../protocol/protocol.js';
import type {OutboxListener} from './outbox.js';
import {isUnanswered, type OutboxRecord, toSettlement} from './queue.js';

export type Milestone = 'sent' | 'applied' | 'echoed';

interface Waiter {
  until: Milestone;
  resolve(settlement: Settlement): void;
  reject(error: SyncError): void;
}

export interface SettlementHooks {
  /** The server applied it: once an operation. */
  applied(settlement: Settlement): void;
  /** It was set aside: once a refusal. */
  failed(id: string, error: SyncError): void;
}

const ORDER = {queued: 0, sent: 1, applied: 2, done: 3, failed: -1} as const;
const WANTED = {sent: 1, applied: 2, echoed: 3} as const;

export class Settlements {
  readonly #hooks: SettlementHooks;
  readonly #waiters = new Map<string, Set<Waiter>>();

  constructor(hooks: SettlementHooks) {
    this.#hooks = hooks;
  }

  /**
   * @param record what the outbox holds of it
   * @throws SyncError of its refusal, `discarded`, `unknown-operation`
   */
  wait(id: string, record: OutboxRecord | undefined, until: Milestone, signal: AbortSignal): Promise<Settlement> {
    if (!record) {
      return Promise.reject(new SyncError('unknown-operation', `Nothing is known of operation ${id} any more`));
    }
    if (record.stage === 'failed') return Promise.reject(refusal(record));
    if (ORDER[record.stage] >= WANTED[until]) return Promise.resolve(toSettlement(record));
    if (signal.aborted) return Promise.reject(cancellation(signal));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {until, resolve, reject};
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters.add(waiter));
      signal.addEventListener('abort', () => {
        this.#settle(id, other => other === waiter);
        reject(cancellation(signal));
      });
    });
  }

  /** What the outbox tells of each record that changed. */
  readonly observe: OutboxListener = (_seq, after, before) => {
    const stage = after?.stage;
    if (stage === before?.stage) return;
    const id = after?.id ?? before?.id;
    if (id === undefined) return;
    if (!after) {
      // A settled one that is forgotten is no news; one that was pending was taken away.
      if (before?.stage !== 'done' && before?.stage !== 'applied') {
        const code = before && isUnanswered(before) ? 'cancelled' : 'discarded';
        const warning = before?.stage === 'sent' ? '; it had been sent, and may have been applied' : '';
        const error = new SyncError(code, `Operation ${id} was taken off the queue${warning}`);
        this.#settle(id, waiter => waiter.reject(error));
      }
      return;
    }
    if (after.stage === 'failed') {
      const error = refusal(after);
      this.#settle(id, waiter => waiter.reject(error));
      // On reading the outbox for the first time there is no before: what failed earlier was told then.
      if (before) this.#hooks.failed(id, error);
      return;
    }
    const settlement = toSettlement(after);
    this.#settle(id, waiter => {
      if (ORDER[after.stage] < WANTED[waiter.until]) return false;
      waiter.resolve(settlement);
      return true;
    });
    // One that goes out again, because the server's history changed, keeps the status of the first time.
    if (before && !before.status && ORDER[after.stage] >= ORDER.applied) this.#hooks.applied(settlement);
  };

  /** Nobody will be told any more. */
  rejectAll(error: SyncError): void {
    for (const id of [...this.#waiters.keys()]) this.#settle(id, waiter => waiter.reject(error));
  }

  /** @param tell returns false to let the waiter go on waiting */
  #settle(id: string, tell: (waiter: Waiter) => unknown): void {
    const waiters = this.#waiters.get(id);
    if (!waiters) return;
    for (const waiter of waiters) if (tell(waiter) !== false) waiters.delete(waiter);
    if (waiters.size === 0) this.#waiters.delete(id);
  }
}

function refusal(record: OutboxRecord): SyncError {
  const {code, message} = record.error ?? {code: 'rejected', message: 'The server refused it'};
  return new SyncError(code, message, {action: 'review'});
}
