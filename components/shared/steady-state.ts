/**
 * Keeps a status from flickering. Most saves and most connections take less than the blink of an eye, and showing each
 * would only flash. What passes is shown once it has lasted, and then for long enough to be read; what stays, and what
 * needs a person, is shown at once.
 *
 * ```
 *            passing, lasts 500 ms                 calm, after 400 ms of passing at least
 *   calm ───────────────────────────▶ passing ────────────────────────────────────────────▶ calm
 *     └── calm: at once                  └── passing: at once
 * ```
 */
import type {SyncState, SyncStatus} from '../shared/core.js';
import {browserTimers, type Timers} from '../shared/timers.js';

/** A passing status is shown once it has lasted this long. */
export const PATIENCE = 500;
/** And is then shown for this long at least. */
export const MIN_SHOWN = 400;

export function isPassing(state: SyncState): boolean {
  const status: SyncStatus = state.status;
  if (status === 'pending') return state.isConnected;
  return status === 'connecting' || status === 'reconnecting' || status === 'syncing';
}

export class SteadyState {
  readonly #changed: () => void;
  readonly #timers: Timers;
  #shown: SyncState | undefined;
  #shownAt = 0;
  #latest: SyncState | undefined;
  #cancel: (() => void) | undefined;

  constructor(changed: () => void, timers: Timers = browserTimers) {
    this.#changed = changed;
    this.#timers = timers;
  }

  /** What to show; undefined while there is nothing, or nothing yet that would stay. */
  get shown(): SyncState | undefined {
    return this.#shown;
  }

  offer(state: SyncState | undefined): void {
    this.#latest = state;
    const wait = this.#wait(state);
    if (wait <= 0) this.#show();
    // The wait runs from the first passing status on: connecting, then syncing, is one wait.
    else this.#cancel ??= this.#timers.after(wait, () => this.#show());
  }

  /** Forgets all: the element left the page. */
  reset(): void {
    this.#cancel?.();
    this.#cancel = this.#shown = this.#latest = undefined;
  }

  #wait(state: SyncState | undefined): number {
    const shown = this.#shown;
    if (!state || (shown && shown.status === state.status)) return 0;
    const urgent = state.status === 'error' || state.status === 'needs-auth' || state.status === 'offline';
    // A page begins idle, and mostly for a moment only.
    if (!shown && state.status === 'idle') return PATIENCE;
    const showsPassing = shown !== undefined && isPassing(shown);
    if (isPassing(state)) return showsPassing ? 0 : PATIENCE;
    return showsPassing && !urgent ? this.#shownAt + MIN_SHOWN - this.#timers.now() : 0;
  }

  #show(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const {status: before} = this.#shown ?? {};
    this.#shown = this.#latest;
    if (this.#shown?.status !== before) this.#shownAt = this.#timers.now();
    this.#changed();
  }
}
