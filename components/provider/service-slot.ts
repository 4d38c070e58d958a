/**
 * Where a provider keeps the service it has at the moment, if any. Others follow it, or wait for it; after `close` those
 * who wait are told so, and after `open` it can be used again.
 */
import {SyncError} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

type Listener = (service: SyncService | undefined) => void;

export class ServiceSlot {
  #current: SyncService | undefined;
  #closed: SyncError | undefined;
  readonly #listeners = new Set<Listener>();
  /** What those wait for who asked while there was none. */
  #coming: PromiseWithResolvers<SyncService> | undefined;

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
    if (service) {
      this.#coming?.resolve(service);
      this.#coming = undefined;
    }
    for (const listener of [...this.#listeners]) listener(service);
  }

  /** The service, as soon as there is one. */
  ready(): Promise<SyncService> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#current) return Promise.resolve(this.#current);
    this.#coming ??= Promise.withResolvers();
    return this.#coming.promise;
  }

  /** Calls `listener` at each change, not at once. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = new SyncError('closed', 'The <sync-provider> was removed');
    this.#coming?.reject(this.#closed);
    this.#coming = undefined;
    this.set(undefined);
  }

  open(): void {
    this.#closed = undefined;
  }
}
