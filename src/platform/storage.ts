/** The storage port: named databases of ordered stores, changed by short transactions. */
import type {SyncError} from '../protocol/errors.js';

/** Keys of one store are all numbers or all strings; numbers come first in order. */
export type Key = number | string;

export interface Range {
  /** Inclusive. Default: the first. */
  from?: Key;
  /** Exclusive. Default: behind the last. */
  to?: Key;
  limit?: number;
}

/**
 * Everything is requested at once and in order; writes need no waiting. Only storage requests may be awaited inside a
 * transaction: IndexedDB commits as soon as none is outstanding.
 */
export interface StorageTransaction<Store extends string = string> {
  get(store: Store, key: Key): Promise<unknown>;
  /** Ascending. */
  entries(store: Store, range?: Range): Promise<[Key, unknown][]>;
  lastKey(store: Store): Promise<Key | undefined>;
  put(store: Store, key: Key, value: unknown): void;
  /** A key that is taken aborts the whole transaction with `storage-conflict`. */
  add(store: Store, key: Key, value: unknown): void;
  /** Adds under the next number of the store's own counter, which never goes back. Only where `counted`. */
  append(store: Store, value: unknown): Promise<number>;
  delete(store: Store, key: Key): void;
  deleteRange(store: Store, range: Omit<Range, 'limit'>): void;
}

export type TransactionMode = 'readonly' | 'readwrite';

export interface StorageDatabase<Store extends string = string> {
  /**
   * Resolves once the transaction is complete; `strict` waits for the disk.
   * @throws SyncError `storage-conflict`, `quota-exceeded`, `storage-closed`, `newer-version`, `storage-failed`; nothing was
   * written then
   */
  transaction<T>(
    stores: readonly Store[],
    mode: TransactionMode,
    run: (tx: StorageTransaction<Store>) => Promise<T> | T,
    durability?: 'relaxed' | 'strict',
  ): Promise<T>;
  close(): void;
}

export interface StoragePort {
  /** False where nothing survives a reload. */
  readonly durable: boolean;
  /**
   * @param lost it can't be used here from now on: a newer version of this package has taken it over (`newer-version`), or
   * it was deleted (`storage-closed`; by nobody of ours: `storage-evicted`)
   * @throws SyncError `newer-version`, `storage-failed`
   */
  open<Store extends string>(
    name: string,
    stores: Readonly<Record<Store, {counted?: boolean}>>,
    lost?: (reason: SyncError) => void,
  ): Promise<StorageDatabase<Store>>;
  /** Waits until nobody holds it. */
  remove(name: string): Promise<void>;
}
