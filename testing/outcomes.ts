/** What became of operations, for those who ask before and for those who ask after. */
import type {Settlement, SyncError} from '../src/protocol/protocol.js';

export type Outcome = {settlement: Settlement} | {error: SyncError};

export class Outcomes {
  readonly #known = new Map<string, Outcome>();
  readonly #waiting = new Map<string, PromiseWithResolvers<Outcome>>();

  has(id: string): boolean {
    return this.#known.has(id);
  }

  /** As the service's `settled`: rejects with the error. */
  async of(id: string): Promise<Settlement> {
    const outcome = this.#known.get(id) ?? (await this.#wait(id));
    if ('error' in outcome) throw outcome.error;
    return outcome.settlement;
  }

  set(id: string, outcome: Outcome): void {
    this.#known.set(id, outcome);
    this.#waiting.get(id)?.resolve(outcome);
    this.#waiting.delete(id);
  }

  /** It is tried again. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  #wait(id: string): Promise<Outcome> {
    const waiting = this.#waiting.get(id) ?? Promise.withResolvers<Outcome>();
    this.#waiting.set(id, waiting);
    return waiting.promise;
  }
}
