/** The storage port of one tab on its profile's disk: every transaction takes time, before its commit and after it. */
import type {
  Key,
  Range,
  StorageDatabase,
  StoragePort,
  StorageTransaction,
  TransactionMode,
} from '../../src/platform/storage.js';
import {SyncError} from '../../src/protocol/protocol.js';
import type {Cross} from './crossings.js';
import type {Dice} from './dice.js';
import type {Disk, Handle, StoreData, Stores} from './disk.js';
import type {Process, VirtualTime} from './virtual-time.js';

export interface StorageHost {
  time: VirtualTime;
  random: Dice;
  disk: Disk;
  tab: Process;
  databases: OpenDatabases;
  cross: Cross;
  /** The fault struck: the tab is gone. */
  crash(): void;
}

/** What one tab has open. */
export class OpenDatabases {
  readonly handles = new Set<SimulatedDatabase>();
  /** A transaction that awaits anything but storage would have committed by itself long ago. */
  readonly running = new Set<string>();
  /** Nothing that this tab asks of its storage is ever answered. */
  hung = false;
  /** The same, of these stores alone. */
  readonly hungStores = new Set<string>();

  /** The client's, if it is one: on its way from one to another a tab may have two open, or none. */
  get only(): string | undefined {
    const names = new Set([...this.handles].filter(({stores}) => stores.includes('outbox')).map(({name}) => name));
    return names.size === 1 ? [...names][0] : undefined;
  }

  /** The tab is gone. */
  drop(): void {
    for (const handle of this.handles) handle.close();
    this.running.clear();
  }
}

export function simulatedStorage(host: StorageHost): StoragePort {
  const {disk, time, tab} = host;
  return {
    durable: true,
    open: async (name, stores, lost = () => {}) => {
      disk.open(name, Object.keys(stores));
      return new SimulatedDatabase(host, name, Object.keys(stores), lost);
    },
    remove: name =>
      new Promise(resolve => {
        for (const handle of disk.handlesOf(name)) time.at(1, handle.tab, () => handle.versionChange(null));
        const look = () => {
          if (disk.handlesOf(name).length > 0) return void time.at(50, tab, look);
          disk.databases.delete(name);
          resolve();
        };
        look();
      }),
  };
}

class SimulatedDatabase implements StorageDatabase, Handle {
  readonly name: string;
  readonly stores: readonly string[];
  readonly #host: StorageHost;
  readonly #lost: (reason: SyncError) => void;
  #end: SyncError | undefined;
  /** When the last transaction on each store starts and ends: those that overlap keep their order. */
  readonly #starts = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  #count = 0;

  constructor(host: StorageHost, name: string, stores: readonly string[], lost: (reason: SyncError) => void) {
    this.#host = host;
    this.name = name;
    this.stores = stores;
    this.#lost = lost;
    host.disk.handles.add(this);
    host.databases.handles.add(this);
  }

  get tab(): Process {
    return this.#host.tab;
  }

  transaction<T>(
    stores: readonly string[],
    mode: TransactionMode,
    run: (tx: StorageTransaction) => Promise<T> | T,
    durability: 'relaxed' | 'strict' = 'relaxed',
  ): Promise<T> {
    const {time, tab, databases, disk} = this.#host;
    if (this.#end) return Promise.reject(this.#end);
    if (databases.hung || stores.some(store => databases.hungStores.has(store))) return new Promise(() => {});
    const held = stores.find(store => disk.held.has(store));
    if (held !== undefined) {
      return new Promise((resolve, reject) => {
        disk.held.get(held)?.push(() => {
          time.at(0, tab, () => this.transaction(stores, mode, run, durability).then(resolve, reject));
        });
      });
    }
    return new Promise((resolve, reject) => {
      const wait = this.#after(this.#starts, stores, mode === 'readonly' ? 1 : 4);
      const finish = (settle: () => void) => time.at(this.#after(this.#ends, stores, 3), tab, settle);
      time.at(wait, tab, () => {
        const name = `${tab.name} ${this.name} ${stores.join('+')} #${this.#count++}`;
        databases.running.add(name);
        this.#execute(stores, mode, run, durability === 'strict')
          .then(
            value => finish(() => resolve(value)),
            error => finish(() => reject(error)),
          )
          .finally(() => databases.running.delete(name));
      });
    });
  }

  close(): void {
    this.#leave(closed());
  }

  /** Somebody deletes it (null) or brings it to a newer version: it is let go at once. */
  versionChange(version: number | null): void {
    if (this.#end) return;
    this.#yield(
      version === null
        ? closed()
        : new SyncError('newer-version', 'A newer version has taken the database over', {action: 'reload'}),
    );
  }

  closedByBrowser(): void {
    if (this.#end || this.#host.disk.databases.has(this.name)) return;
    this.#yield(new SyncError('storage-evicted', 'The data of this site was cleared'));
  }

  #yield(reason: SyncError): void {
    this.#leave(reason);
    this.#lost(reason);
  }

  #leave(end: SyncError): void {
    this.#end ??= end;
    this.#host.disk.handles.delete(this);
    this.#host.databases.handles.delete(this);
  }

  /** Milliseconds until the next turn of these stores, in order. */
  #after(times: Map<string, number>, stores: readonly string[], most: number): number {
    const {time, random} = this.#host;
    const at = Math.max(time.now + random.fraction() * most, ...stores.map(store => times.get(store) ?? 0));
    for (const store of stores) times.set(store, at);
    return at - time.now;
  }

  async #execute<T>(
    names: readonly string[],
    mode: TransactionMode,
    run: (tx: StorageTransaction) => Promise<T> | T,
    strict: boolean,
  ): Promise<T> {
    const {disk, tab, cross} = this.#host;
    this.closedByBrowser();
    if (this.#end) throw this.#end;
    const tx = new SimulatedTransaction(disk.stores(this.name), names, mode === 'readonly');
    let result: T;
    try {
      result = await run(tx);
    } catch (error) {
      throw SyncError.from(error, 'storage-failed');
    }
    if (tx.conflict) throw new SyncError('storage-conflict', 'Another writer was first');
    if (mode === 'readonly' || !tx.wrote) return result;
    if (disk.full && tx.grew) throw full();
    const fault = disk.strike(tx.grew);
    if (fault === 'quota') throw full();
    if (fault === 'abort') throw new SyncError('storage-failed', 'The transaction was aborted');
    if (fault === 'crash-before') this.#host.crash();
    if (!tab.alive) return new Promise(() => {});
    cross(tab, `commit ${names.join('+')}`, () => disk.commit(tab.name, this.name, tx.draft, strict));
    if (!tab.alive) return new Promise(() => {});
    if (fault === 'crash-after') this.#host.crash();
    return result;
  }
}

function full(): SyncError {
  return new SyncError('quota-exceeded', 'The disk is full', {action: 'free-space'});
}

function closed(): SyncError {
  return new SyncError('storage-closed', 'The database is closed');
}

class SimulatedTransaction implements StorageTransaction {
  conflict = false;
  wrote = false;
  grew = false;
  readonly #stores: Map<string, StoreData & {rows: Map<Key, unknown>}>;
  readonly #readonly: boolean;

  constructor(stores: Stores, names: readonly string[], readonly: boolean) {
    this.#stores = new Map(
      names.map(name => {
        const {rows, counter} = stores.get(name) ?? {rows: new Map(), counter: 0};
        return [name, {rows: new Map(rows), counter}];
      }),
    );
    this.#readonly = readonly;
  }

  get draft(): Stores {
    return this.#stores;
  }

  async get(store: string, key: Key): Promise<unknown> {
    return structuredClone(this.#store(store).rows.get(key));
  }

  async entries(store: string, range: Range = {}): Promise<[Key, unknown][]> {
    const found = [...this.#store(store).rows].filter(([key]) => within(key, range)).sort(byKey);
    return structuredClone(found.slice(0, range.limit));
  }

  async lastKey(store: string): Promise<Key | undefined> {
    return [...this.#store(store).rows].sort(byKey).at(-1)?.[0];
  }

  put(store: string, key: Key, value: unknown): void {
    const target = this.#writable(store);
    this.grew = true;
    target.rows.set(key, structuredClone(value));
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

  #writable(name: string): StoreData & {rows: Map<Key, unknown>} {
    if (this.#readonly) throw new SyncError('storage-failed', 'The transaction is for reading only');
    this.wrote = true;
    return this.#store(name);
  }

  #store(name: string): StoreData & {rows: Map<Key, unknown>} {
    const store = this.#stores.get(name);
    if (!store) throw new SyncError('storage-failed', `No store '${name}' in this transaction`);
    return store;
  }
}

function byKey([a]: [Key, unknown], [b]: [Key, unknown]): number {
  return a < b ? -1 : 1;
}

function within(key: Key, {from, to}: Range): boolean {
  return (from === undefined || key >= from) && (to === undefined || key < to);
}
