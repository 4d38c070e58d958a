/**
 * Decides what a screen reader hears: only where things came to rest, once, and not what was true when the page opened
 * (unless it needs a person). Counts that tick, and the way between two rests, stay silent.
 */
import type {SyncState} from '../shared/core.js';
import {remembered} from '../shared/remembered.js';
import type {SyncService} from '../shared/service.js';
import {browserTimers, type Timers} from '../shared/timers.js';

/** A state has come to rest when it has lasted this long. */
export const REST = 1000;

export class Announcer {
  readonly #say: (state: SyncState) => void;
  readonly #timers: Timers;
  #last: string | undefined;
  /** Refusals that a person knows of: as many as were told, less those that have gone since. */
  #known = 0;
  #waiting: string | undefined;
  #latest: SyncState | undefined;
  #cancel: (() => void) | undefined;

  constructor(say: (state: SyncState) => void, timers: Timers = browserTimers) {
    this.#say = say;
    this.#timers = timers;
  }

  offer(state: SyncState | undefined): void {
    this.#latest = state;
    const rest = state && restOf(state);
    const failed = state?.failed ?? 0;
    this.#known = Math.min(this.#known, failed);
    if (rest === this.#waiting) return;
    this.reset();
    this.#latest = state;
    if (rest === undefined || (rest === this.#last && failed === this.#known)) return;
    this.#waiting = rest;
    this.#cancel = this.#timers.after(REST, () => this.#settle(rest));
  }

  /** Lets go of what is waiting; what was said is remembered. */
  reset(): void {
    this.#cancel?.();
    this.#cancel = this.#waiting = this.#latest = undefined;
  }

  #settle(rest: string): void {
    const state = this.#latest;
    const first = this.#last === undefined;
    this.#last = rest;
    this.#known = state?.failed ?? 0;
    this.reset();
    if (state && !(first && (rest === 'synced' || rest === 'idle'))) this.#say(state);
  }
}

/** What kind of rest a state is; undefined for those on the way to one. */
function restOf(state: SyncState): string | undefined {
  switch (state.status) {
    case 'error':
      return `error ${state.error?.code ?? ''}`;
    case 'needs-auth':
    case 'offline':
    case 'synced':
    case 'idle':
      return state.status;
    case 'pending':
      return state.isConnected ? undefined : 'idle';
    case 'connecting':
    case 'reconnecting':
    case 'syncing':
      return undefined;
  }
}

const desks = new WeakMap<SyncService, AnnouncementDesk>();

interface Voice {
  speak(state: SyncState): void;
  /** Whether it would be heard: what is not displayed has no region. */
  isHeard(): boolean;
}

/** Who speaks for a service: of all elements that are heard, the first; nobody wants to hear the same thing twice. */
export class AnnouncementDesk {
  readonly #service: SyncService;
  readonly #voices = new Set<Voice>();
  readonly #announcer = new Announcer(state => [...this.#voices].find(voice => voice.isHeard())?.speak(state));
  #stop: (() => void) | undefined;

  static of(service: SyncService): AnnouncementDesk {
    return remembered(desks, service, () => new AnnouncementDesk(service));
  }

  private constructor(service: SyncService) {
    this.#service = service;
  }

  join(voice: Voice): () => void {
    this.#voices.add(voice);
    if (!this.#stop) {
      this.#stop = this.#service.onStateChange(state => this.#announcer.offer(state));
      this.#announcer.offer(this.#service.getState());
    }
    return () => {
      this.#voices.delete(voice);
      if (this.#voices.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
      this.#announcer.reset();
    };
  }
}
