/**
 * Where a provider keeps the service it has at the moment, if any. Others follow it, or wait for it; after `close` those
 * who wait are told so, and after `open` it can be used again.
 */
import {SyncError} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

type Listener = (service: SyncService | undefined) => void;

interface Waiter {
  resolve(service: SyncService): void;
  reject(error: SyncError): void;
}

export class ServiceSlot {
  #current: SyncService | undefined;
  #closed: SyncError | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #waiters: Waiter[] = [];

  get current(): SyncService | undefined {
    return this.#current;
  }

  /** Why there will be none, after `close`. */
  get closed(): SyncError | undefined {
    return this.#closed;
  }

  set(service: SyncService | undefined): void {
    if (service === this.#current) return;
    this.#current = service;
    if (service) for (const waiter of this.#waiters.splice(0)) waiter.resolve(service);
    for (const listener of [...this.#listeners]) listener(service);
  }

  /** The service, as soon as there is one. */
  ready(): Promise<SyncService> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#current) return Promise.resolve(this.#current);
    return new Promise((resolve, reject) => this.#waiters.push({resolve, reject}));
  }

  /** Calls `listener` at each change, not at once. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = new SyncError('closed', 'This <sync-provider> was removed from the page.');
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#closed);
    this.set(undefined);
  }

  open(): void {
    this.#closed = undefined;
  }
}
