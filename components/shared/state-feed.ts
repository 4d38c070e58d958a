/**
 * What all elements on one service show: one subscription, one steady state, one clock, however many elements there are.
 */
import type {SyncState} from './core.js';
import {remembered} from './remembered.js';
import type {SyncService} from './service.js';
import {SteadyState} from './steady-state.js';
import {pageTicker} from './ticker.js';

interface Listener {
  listen(): void;
  after: (() => void) | undefined;
}

const feeds = new WeakMap<SyncService, StateFeed>();

export class StateFeed {
  readonly #service: SyncService;
  readonly #listeners = new Set<Listener>();
  readonly #tell = (): void => {
    const listeners = [...this.#listeners];
    for (const {listen} of listeners) listen();
    for (const {after} of listeners) after?.();
  };
  readonly #steady = new SteadyState(this.#tell);
  #stop: (() => void) | undefined;

  static of(service: SyncService): StateFeed {
    return remembered(feeds, service, () => new StateFeed(service));
  }

  private constructor(service: SyncService) {
    this.#service = service;
  }

  /** What to show at present; undefined while there is nothing yet that would stay. */
  get shown(): SyncState | undefined {
    return this.#steady.shown;
  }

  /**
   * Calls `listen` when what is shown changes, or the time set by `wakeAt` has come, and `after` once all who listen
   * have been called.
   */
  subscribe(listen: () => void, after?: () => void): () => void {
    const own: Listener = {listen, after};
    this.#listeners.add(own);
    if (!this.#stop) {
      this.#stop = this.#service.onStateChange(state => this.#steady.offer(state));
      this.#steady.offer(this.#service.getState());
    }
    return () => {
      this.#listeners.delete(own);
      // An element that is moved comes back within its task, and should not begin anew.
      if (this.#listeners.size === 0) setTimeout(() => this.#release());
    };
  }

  /** Calls the listeners at that time, in milliseconds since 1970, when a relative time reads differently. Infinity: never. */
  wakeAt(at: number): void {
    if (at === Number.POSITIVE_INFINITY) pageTicker.cancel(this.#tell);
    else pageTicker.schedule(this.#tell, at);
  }

  #release(): void {
    if (this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#steady.reset();
    pageTicker.cancel(this.#tell);
  }
}
