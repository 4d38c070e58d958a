/**
 * IndexedDB as a StoragePort: idb-keyval's request helper on a store function of our own, which handles what its default
 * one does not: several stores in one transaction, durability, `versionchange`, `close` and `blocked`.
 */
import {promisifyRequest} from 'idb-keyval';
import {SyncError} from '../protocol/errors.js';
import type {Key, Range, StorageDatabase, StoragePort, StorageTransaction} from './storage.js';

export const indexedDbStorage: StoragePort = {
  durable: true,
  async open(name, stores) {
    const connect = () => openDatabase(name, stores);
    return new IndexedDb(await connect(), connect);
  },
  async remove(name) {
    await promisifyRequest(indexedDB.deleteDatabase(name)).catch(error => {
      throw storageError(error);
    });
  },
};

async function openDatabase(name: string, stores: Readonly<Record<string, {counted?: boolean}>>): Promise<IDBDatabase> {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const [store, {counted}] of Object.entries(stores)) {
        request.result.createObjectStore(store, counted ? {autoIncrement: true} : {});
      }
    };
    return await promisifyRequest(request);
  } catch (error) {
    throw storageError(error);
  }
}

class IndexedDb<Store extends string> implements StorageDatabase<Store> {
  #database: IDBDatabase | undefined;
  #closed = false;
  readonly #connect: () => Promise<IDBDatabase>;
  #opening: Promise<void> | undefined;

  constructor(database: IDBDatabase, connect: () => Promise<IDBDatabase>) {
    this.#connect = connect;
    this.#watch(database);
  }

  async transaction<T>(
    stores: readonly Store[],
    mode: IDBTransactionMode,
    run: (tx: StorageTransaction<Store>) => Promise<T> | T,
    durability: 'relaxed' | 'strict' = 'relaxed',
  ): Promise<T> {
    if (this.#closed) throw new SyncError('storage-closed', 'The database is closed');
    // The browser may close a connection by itself (cleared data, a failing disk): then one more is opened.
    if (!this.#database) await this.#reopen();
    const database = this.#database;
    if (!database || this.#closed) throw new SyncError('storage-closed', 'The database is closed');
    const transaction = begin(database, stores, mode, durability);
    const complete = completion(transaction);
    // Awaited below; a failure of `run` must not leave this one unhandled.
    complete.catch(() => {});
    try {
      const result = await run(new IndexedDbTransaction(transaction));
      // Not every failure path leaves it open, and committing a finished one throws.
      try {
        transaction.commit();
      } catch {}
      await complete;
      return result;
    } catch (error) {
      try {
        transaction.abort();
      } catch {}
      // A failed request has `run` fail too, with null from idb-keyval; the reason is the transaction's.
      throw storageError(transaction.error ?? error ?? (await complete.catch(reason => reason)));
    }
  }

  close(): void {
    this.#closed = true;
    this.#database?.close();
    this.#database = undefined;
  }

  /** One for all who ask meanwhile: a connection that nobody knows of would keep the database from being deleted. */
  #reopen(): Promise<void> {
    this.#opening ??= this.#connect()
      .then(database => this.#watch(database))
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  #watch(database: IDBDatabase): void {
    this.#database = database;
    database.onclose = () => {
      if (this.#database === database) this.#database = undefined;
    };
    // Somebody deletes or upgrades it: step aside, or they would wait for ever.
    database.onversionchange = () => this.close();
    if (this.#closed) this.close();
  }
}

/** Only `complete` counts: a request that succeeded can still be rolled back. */
function completion(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

function begin(
  database: IDBDatabase,
  stores: readonly string[],
  mode: IDBTransactionMode,
  durability: IDBTransactionDurability,
) {
  try {
    return database.transaction(stores, mode, {durability});
  } catch (error) {
    throw storageError(error);
  }
}

class IndexedDbTransaction<Store extends string> implements StorageTransaction<Store> {
  readonly #transaction: IDBTransaction;

  constructor(transaction: IDBTransaction) {
    this.#transaction = transaction;
  }

  get(store: Store, key: Key): Promise<unknown> {
    return promisifyRequest(this.#transaction.objectStore(store).get(key));
  }

  async entries(store: Store, range: Range = {}): Promise<[Key, unknown][]> {
    if (isEmpty(range)) return [];
    const source = this.#transaction.objectStore(store);
    const bounds = keyRange(range);
    const [keys, values] = await Promise.all([
      promisifyRequest(source.getAllKeys(bounds, range.limit)),
      promisifyRequest<unknown[]>(source.getAll(bounds, range.limit)),
    ]);
    return keys.map((key, index) => [key as Key, values[index]]);
  }

  async lastKey(store: Store): Promise<Key | undefined> {
    const cursor = await promisifyRequest(this.#transaction.objectStore(store).openKeyCursor(null, 'prev'));
    return cursor?.key as Key | undefined;
  }

  put(store: Store, key: Key, value: unknown): void {
    this.#transaction.objectStore(store).put(value, key);
  }

  add(store: Store, key: Key, value: unknown): void {
    this.#transaction.objectStore(store).add(value, key);
  }

  async append(store: Store, value: unknown): Promise<number> {
    return (await promisifyRequest(this.#transaction.objectStore(store).add(value))) as number;
  }

  delete(store: Store, key: Key): void {
    this.#transaction.objectStore(store).delete(key);
  }

  deleteRange(store: Store, range: Omit<Range, 'limit'>): void {
    if (isEmpty(range)) return;
    const bounds = keyRange(range);
    if (bounds) this.#transaction.objectStore(store).delete(bounds);
    else this.#transaction.objectStore(store).clear();
  }
}

/** An error to IndexedDB, or everything (a limit of 0), and nothing to us. */
function isEmpty({from, to, limit}: Range): boolean {
  return limit === 0 || (from !== undefined && to !== undefined && from >= to);
}

function keyRange({from, to}: Range): IDBKeyRange | null {
  if (from !== undefined && to !== undefined) return IDBKeyRange.bound(from, to, false, true);
  if (from !== undefined) return IDBKeyRange.lowerBound(from);
  return to === undefined ? null : IDBKeyRange.upperBound(to, true);
}

function storageError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';
  switch (name) {
    case 'ConstraintError':
      return new SyncError('storage-conflict', 'Another writer was first', {cause: thrown});
    case 'QuotaExceededError':
      return new SyncError('quota-exceeded', 'The browser has no more room for this site', {
        action: 'free-space',
        cause: thrown,
      });
    case 'InvalidStateError':
      return new SyncError('storage-closed', 'The database is closed', {cause: thrown});
    default:
      return new SyncError(
        'storage-failed',
        `Local storage failed: ${thrown ? String(thrown) : 'transaction aborted'}`,
        {
          retryable: true,
          cause: thrown,
        },
      );
  }
}
