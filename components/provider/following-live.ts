/**
 * A live result that outlives services: it waits while there is none, moves over when the provider gets another (a new
 * user, another server), and ends with `closed`. Pages may so ask for it before anything is connected.
 */
import type {Live, SyncError} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';
import type {ServiceSlot} from './service-slot.js';

export function followingLive<T>(slot: ServiceSlot, open: (service: SyncService) => Live<T>): Live<T> {
  return new FollowingLive(slot, open);
}

class FollowingLive<T> implements Live<T> {
  readonly #slot: ServiceSlot;
  readonly #open: (service: SyncService) => Live<T>;
  readonly #listeners = new Set<(value: T | undefined) => void>();
  #inner: Live<T> | undefined;
  #stopInner: (() => void) | undefined;
  #stopSlot: (() => void) | undefined;

  constructor(slot: ServiceSlot, open: (service: SyncService) => Live<T>) {
    this.#slot = slot;
    this.#open = open;
  }

  get value(): T | undefined {
    return this.#inner?.value;
  }

  get error(): SyncError | undefined {
    return this.#inner?.error ?? this.#slot.closed;
  }

  /** Bound, so that stores and hooks can be handed the function alone. */
  readonly subscribe = (listener: (value: T | undefined) => void): (() => void) => {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const own = (value: T | undefined) => listener(value);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) {
      this.#stopSlot = this.#slot.subscribe(service => this.#attach(service));
      this.#attach(this.#slot.current);
    } else {
      own(this.value);
    }
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#release();
    };
  };

  #attach(service: SyncService | undefined): void {
    this.#stopInner?.();
    this.#stopInner = undefined;
    this.#inner = service && this.#open(service);
    // A live result calls at once with what it has; without a service we do.
    if (this.#inner) this.#stopInner = this.#inner.subscribe(value => this.#tell(value));
    else this.#tell(undefined);
  }

  #tell(value: T | undefined): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  #release(): void {
    this.#stopInner?.();
    this.#stopSlot?.();
    this.#stopInner = this.#stopSlot = this.#inner = undefined;
  }
}
