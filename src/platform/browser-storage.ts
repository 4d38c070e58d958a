/**
 * IndexedDB as a StoragePort: idb-keyval's request helper on a store function of our own, which handles what its default
 * one does not: several stores in one transaction, durability, `versionchange`, `close` and `blocked`.
 */
import {promisifyRequest} from 'idb-keyval';
import {SyncError} from '../protocol/errors.js';
import type {Key, Range, StorageDatabase, StoragePort, StorageTransaction} from './storage.js';

export const indexedDbStorage: StoragePort = {
  durable: true,
  async open(name, stores, lost = () => {}) {
    const database = await openDatabase(name, stores, true);
    return new IndexedDb(database, () => openDatabase(name, stores, false), lost);
  },
  async remove(name) {
    await promisifyRequest(indexedDB.deleteDatabase(name)).catch(error => {
      throw storageError(error);
    });
  },
};

/** @param create whether to make it where it is missing; otherwise that is `storage-evicted` */
async function openDatabase(
  name: string,
  stores: Readonly<Record<string, {counted?: boolean}>>,
  create: boolean,
): Promise<IDBDatabase> {
  let missing = false;
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      missing = !create;
      if (missing) return request.transaction?.abort();
      for (const [store, {counted}] of Object.entries(stores)) {
        request.result.createObjectStore(store, counted ? {autoIncrement: true} : {});
      }
    };
    return await promisifyRequest(request);
  } catch (error) {
    throw missing ? evicted(error) : storageError(error);
  }
}

class IndexedDb<Store extends string> implements StorageDatabase<Store> {
  #database: IDBDatabase | undefined;
  /** Why nothing can be done with it any more. */
  #end: SyncError | undefined;
  readonly #connect: () => Promise<IDBDatabase>;
  readonly #lost: (reason: SyncError) => void;
  #opening: Promise<void> | undefined;

  constructor(database: IDBDatabase, connect: () => Promise<IDBDatabase>, lost: (reason: SyncError) => void) {
    this.#connect = connect;
    this.#lost = lost;
    this.#watch(database);
  }

  async transaction<T>(
    stores: readonly Store[],
    mode: IDBTransactionMode,
    run: (tx: StorageTransaction<Store>) => Promise<T> | T,
    durability: 'relaxed' | 'strict' = 'relaxed',
  ): Promise<T> {
    // The browser may close a connection by itself (a failing disk, cleared data): then one more is opened.
    if (!this.#database && !this.#end) await this.#reopen();
    const database = this.#database;
    if (!database) throw this.#end ?? closed();
    const transaction = begin(database, stores, mode, durability);
    const complete = completion(transaction);
    // Awaited below; a failure of `run` must not leave this one unhandled.
    complete.catch(() => {});
    try {
      const result = await run(new IndexedDbTransaction(transaction));
      // It commits by itself once no request is open. After commit() a failed one would no longer abort it in Firefox 153:
      // the rest would be written, and the transaction completes (the WPT idb-explicit-commit fails there too).
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
    this.#leave(closed());
  }

  #leave(end: SyncError): void {
    this.#end ??= end;
    this.#database?.close();
    this.#database = undefined;
  }

  /** One for all who ask meanwhile: a connection that nobody knows of would keep the database from being deleted. */
  #reopen(): Promise<void> {
    this.#opening ??= this.#connect()
      .then(
        database => this.#watch(database),
        error => {
          if (error.code === 'newer-version' || error.code === 'storage-evicted') this.#yield(error);
          throw error;
        },
      )
      .finally(() => {
        this.#opening = undefined;
      });
    return this.#opening;
  }

  /** To a newer version, or to whoever deleted it. */
  #yield(end: SyncError): void {
    if (this.#end) return;
    this.#leave(end);
    this.#lost(end);
  }

  #watch(database: IDBDatabase): void {
    this.#database = database;
    database.onclose = () => {
      if (this.#database !== database) return;
      this.#database = undefined;
      // Whether it is still there shows at once; whatever else is wrong, to whoever needs it next.
      this.#reopen().catch(() => {});
    };
    // Somebody deletes or upgrades it: step aside, or they would wait for ever.
    database.onversionchange = ({newVersion}) => this.#yield(newVersion === null ? closed() : newerVersion());
    if (this.#end) this.#leave(this.#end);
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
    // Large values lie in files of their own, which may be gone or cut off.
    case 'NotReadableError':
    case 'DataError':
      return new SyncError('corrupt-data', 'The browser can no longer read what is stored', {
        retryable: true,
        cause: thrown,
      });
    case 'VersionError':
      return newerVersion(thrown);
    case 'InvalidStateError':
      return closed(thrown);
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

function closed(cause?: unknown): SyncError {
  return new SyncError('storage-closed', 'The database is closed', {cause});
}

function evicted(cause: unknown): SyncError {
  return new SyncError('storage-evicted', 'The browser, or somebody, has cleared the data of this site', {cause});
}

function newerVersion(cause?: unknown): SyncError {
  return new SyncError('newer-version', 'A newer version of this page has taken the database over', {
    action: 'reload',
    cause,
  });
}
