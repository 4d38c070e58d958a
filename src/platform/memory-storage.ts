/** A StoragePort in memory: where a page has no IndexedDB, and where tests want a disk of their own. Nothing survives. */
import {SyncError} from '../protocol/errors.js';
import type {Key, Range, StorageDatabase, StoragePort, StorageTransaction, TransactionMode} from './storage.js';

interface MemoryStore {
  rows: Map<Key, unknown>;
  counter: number;
}

/** What all handles on one name share. */
interface Disk {
  stores: Map<string, MemoryStore>;
  /** One transaction after another: simpler than IndexedDB's overlap, and never less strict. */
  tail: Promise<unknown>;
  removed: boolean;
}

export function memoryStorage(): StoragePort {
  const disks = new Map<string, Disk>();
  return {
    durable: false,
    async open(name, stores) {
      const disk = disks.get(name) ?? {stores: emptyStores(stores), tail: Promise.resolve(), removed: false};
      disks.set(name, disk);
      return new MemoryDatabase(disk);
    },
    async remove(name) {
      const disk = disks.get(name);
      if (disk) disk.removed = true;
      disks.delete(name);
      await disk?.tail;
    },
  };
}

function emptyStores(stores: object): Disk['stores'] {
  return new Map(Object.keys(stores).map(store => [store, {rows: new Map(), counter: 0}]));
}

class MemoryDatabase implements StorageDatabase {
  readonly #disk: Disk;
  #closed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async transaction<T>(
    stores: readonly string[],
    mode: TransactionMode,
    run: (tx: StorageTransaction) => Promise<T> | T,
  ): Promise<T> {
    if (this.#closed || this.#disk.removed) {
      throw new SyncError('storage-closed', 'The database is closed');
    }
    const result = this.#disk.tail.then(() => this.#run(stores, mode, run));
    this.#disk.tail = result.catch(() => {});
    return result;
  }

  close(): void {
    this.#closed = true;
  }

  async #run<T>(
    names: readonly string[],
    mode: TransactionMode,
    run: (tx: StorageTransaction) => Promise<T> | T,
  ): Promise<T> {
    const draft = new Map<string, MemoryStore>();
    for (const name of names) {
      const store = this.#disk.stores.get(name);
      if (store) draft.set(name, {rows: new Map(store.rows), counter: store.counter});
    }
    const tx = new MemoryTransaction(draft, mode === 'readonly');
    let result: T;
    try {
      result = await run(tx);
    } catch (error) {
      throw SyncError.from(error, 'storage-failed');
    }
    if (tx.conflict) throw new SyncError('storage-conflict', 'Another writer was first');
    for (const [name, store] of draft) this.#disk.stores.set(name, store);
    return result;
  }
}

class MemoryTransaction implements StorageTransaction {
  conflict = false;
  readonly #stores: Map<string, MemoryStore>;
  readonly #readonly: boolean;

  constructor(stores: Map<string, MemoryStore>, readonly: boolean) {
    this.#stores = stores;
    this.#readonly = readonly;
  }

  async get(store: string, key: Key): Promise<unknown> {
    return structuredClone(this.#store(store).rows.get(key));
  }

  async entries(store: string, range: Range = {}): Promise<[Key, unknown][]> {
    const found = [...this.#store(store).rows]
      .filter(([key]) => within(key, range))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return structuredClone(found.slice(0, range.limit));
  }

  async lastKey(store: string): Promise<Key | undefined> {
    let last: Key | undefined;
    for (const key of this.#store(store).rows.keys()) if (last === undefined || key > last) last = key;
    return last;
  }

  put(store: string, key: Key, value: unknown): void {
    const target = this.#writable(store);
    target.rows.set(key, structuredClone(value));
    // As in IndexedDB, the counter goes on behind a number that was put.
    if (typeof key === 'number') target.counter = Math.max(target.counter, Math.floor(key));
  }

  add(store: string, key: Key, value: unknown): void {
    if (this.#writable(store).rows.has(key)) this.conflict = true;
    else this.put(store, key, value);
  }

  async append(store: string, value: unknown): Promise<number> {
    const key = this.#store(store).counter + 1;
    this.put(store, key, value);
    return key;
  }

  delete(store: string, key: Key): void {
    this.#writable(store).rows.delete(key);
  }

  deleteRange(store: string, range: Omit<Range, 'limit'>): void {
    const {rows} = this.#writable(store);
    for (const key of [...rows.keys()]) if (within(key, range)) rows.delete(key);
  }

  #writable(name: string): MemoryStore {
    if (this.#readonly) throw new SyncError('storage-failed', 'The transaction is for reading only');
    return this.#store(name);
  }

  #store(name: string): MemoryStore {
    const store = this.#stores.get(name);
    if (!store) throw new SyncError('storage-failed', `No store '${name}' in this transaction`);
    return store;
  }
}

function within(key: Key, {from, to}: Range): boolean {
  return (from === undefined || key >= from) && (to === undefined || key < to);
}
