/** Mirrors the status into custom states, so that `sync-provider:state(offline)` is all the CSS a page needs. */
import type {SyncStatus} from './core.js';

export class StatusStates {
  readonly #internals: ElementInternals;
  #current: SyncStatus | undefined;

  constructor(internals: ElementInternals) {
    this.#internals = internals;
  }

  /** Returns whether anything changed. */
  show(status: SyncStatus | undefined): boolean {
    if (status === this.#current) return false;
    if (this.#current) this.#internals.states.delete(this.#current);
    if (status) this.#internals.states.add(status);
    this.#current = status;
    return true;
  }
}
