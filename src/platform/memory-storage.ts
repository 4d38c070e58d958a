/** A StoragePort in memory: where a page has no IndexedDB, and where tests want a disk of their own. Nothing survives. */
import {SyncError} from '../protocol/errors.js';
import type {Key, Range, StorageDatabase, StoragePort, StorageTransaction} from './storage.js';

interface MemoryStore {
  rows: Map<Key, unknown>;
  counter: number;
}
type Disk = Map<string, Map<string, MemoryStore>>;

export function memoryStorage(): StoragePort {
  const disk: Disk = new Map();
  return {
    durable: false,
    async open(name, stores) {
      let database = disk.get(name);
      if (!database) {
        database = new Map(Object.keys(stores).map(store => [store, {rows: new Map(), counter: 0}]));
        disk.set(name, database);
      }
      return new MemoryDatabase(database);
    },
    async remove(name) {
      disk.delete(name);
    },
  };
}

class MemoryDatabase implements StorageDatabase {
  readonly #stores: Map<string, MemoryStore>;
  #closed = false;
  /** One transaction after another: simpler than IndexedDB's overlap, and never less strict. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(stores: Map<string, MemoryStore>) {
    this.#stores = stores;
  }

  transaction<T>(
    stores: readonly string[],
    _mode: 'readonly' | 'readwrite',
    run: (tx: StorageTransaction) => Promise<T> | T,
  ): Promise<T> {
    const result = this.#tail.then(() => this.#run(stores, run));
    this.#tail = result.catch(() => {});
    return result;
  }

  close(): void {
    this.#closed = true;
  }

  async #run<T>(names: readonly string[], run: (tx: StorageTransaction) => Promise<T> | T): Promise<T> {
    if (this.#closed) throw new SyncError('storage-closed', 'The database is closed');
    const draft = new Map<string, MemoryStore>();
    for (const name of names) {
      const store = this.#stores.get(name);
      if (store) draft.set(name, {rows: new Map(store.rows), counter: store.counter});
    }
    const tx = new MemoryTransaction(draft);
    const result = await run(tx);
    if (tx.conflict) throw new SyncError('storage-conflict', 'Another writer was first');
    for (const [name, store] of draft) this.#stores.set(name, store);
    return result;
  }
}

class MemoryTransaction implements StorageTransaction {
  conflict = false;
  readonly #stores: Map<string, MemoryStore>;

  constructor(stores: Map<string, MemoryStore>) {
    this.#stores = stores;
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
    this.#store(store).rows.set(key, structuredClone(value));
  }

  add(store: string, key: Key, value: unknown): void {
    if (this.#store(store).rows.has(key)) this.conflict = true;
    else this.put(store, key, value);
  }

  async append(store: string, value: unknown): Promise<number> {
    const key = ++this.#store(store).counter;
    this.put(store, key, value);
    return key;
  }

  delete(store: string, key: Key): void {
    this.#store(store).rows.delete(key);
  }

  deleteRange(store: string, range: Omit<Range, 'limit'>): void {
    const {rows} = this.#store(store);
    for (const key of [...rows.keys()]) if (within(key, range)) rows.delete(key);
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
