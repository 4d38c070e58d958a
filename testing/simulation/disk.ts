/**
 * A profile's disk: databases of stores, changed by transactions that are atomic in one event. What is committed outlives
 * the tab; a power loss takes back the last relaxed commits. The faults of storage are armed here and strike at commits.
 */
import type {Instance} from '../../src/database/directory.js';
import type {Key} from '../../src/platform/storage.js';
import type {Process} from './virtual-time.js';

export interface StoreData {
  rows: ReadonlyMap<Key, unknown>;
  counter: number;
}
export type Stores = ReadonlyMap<string, StoreData>;

interface DiskDatabase {
  stores: Stores;
  /** As it was before each commit that the operating system may still lose. */
  relaxed: Stores[];
}

export interface Commit {
  /** The tab that wrote. */
  by: string;
  database: string;
  before: Stores;
  after: Stores;
}

/** Strikes at the n-th commit from when it was armed. */
export interface CommitFault {
  n: number;
  kind: 'crash-before' | 'crash-after' | 'abort' | 'quota';
}

/** A database that a tab has open. */
export interface Handle {
  readonly tab: Process;
  readonly name: string;
  versionChange(version: number | null): void;
  /** The browser closed it by itself. */
  closedByBrowser(): void;
}

export class Disk {
  readonly databases = new Map<string, DiskDatabase>();
  readonly handles = new Set<Handle>();
  /** Writers are turned away while it is full. */
  full = false;
  fault: CommitFault | undefined;
  commits = 0;
  /** Faults that found their commit. */
  struck = 0;
  /** Stores on which somebody's transaction does not end, and who waits for that. */
  readonly held = new Map<string, (() => void)[]>();
  readonly #observer: (commit: Commit) => void;

  /** @param copied the disk of which this one is a copy */
  constructor(observer: (commit: Commit) => void, copied?: Disk) {
    this.#observer = observer;
    for (const [name, {stores}] of copied?.databases ?? []) this.databases.set(name, {stores, relaxed: []});
  }

  hold(store: string): void {
    this.held.set(store, []);
  }

  release(store: string): void {
    const waiting = this.held.get(store) ?? [];
    this.held.delete(store);
    for (const go of waiting) go();
  }

  open(name: string, stores: readonly string[]): void {
    if (this.databases.has(name)) return;
    const empty = new Map(stores.map(store => [store, {rows: new Map(), counter: 0}]));
    this.databases.set(name, {stores: empty, relaxed: []});
  }

  handlesOf(name: string): Handle[] {
    return [...this.handles].filter(handle => handle.name === name);
  }

  all(): Stores[] {
    return [...this.databases.values()].map(({stores}) => stores);
  }

  /** The databases of clients, by name: those that can hold operations. */
  clients(): [name: string, stores: Stores][] {
    return [...this.databases]
      .map(([name, {stores}]): [string, Stores] => [name, stores])
      .filter(([, stores]) => stores.has('outbox'));
  }

  /** Whose a client's database is, by the directory: null is nobody's yet, undefined is on no shelf. */
  ownerOf(name: string): string | null | undefined {
    return this.#shelved(name)?.subject;
  }

  /** Whether its user was logged out, and it was kept for them. */
  isKept(name: string): boolean {
    const {subject = null, last} = this.#shelved(name) ?? {};
    return subject !== null && subject !== last;
  }

  #shelved(name: string): {subject: string | null; last: string | null} | undefined {
    for (const {stores} of this.databases.values()) {
      for (const shelf of stores.get('instances')?.rows.values() ?? []) {
        const {instances, last} = shelf as {instances: Instance[]; last: string | null};
        const found = instances.find(({id}) => name.endsWith(`/${id}`));
        if (found) return {subject: found.subject, last};
      }
    }
    return undefined;
  }

  stores(name: string): Stores {
    return this.databases.get(name)?.stores ?? new Map();
  }

  /** Counts a commit that is about to happen. Returns the fault that strikes it. @param grew whether it needs room */
  strike(grew: boolean): CommitFault['kind'] | undefined {
    this.commits++;
    if (!this.fault || (this.fault.kind === 'quota' && !grew) || --this.fault.n > 0) return undefined;
    const {kind} = this.fault;
    this.fault = undefined;
    this.struck++;
    return kind;
  }

  commit(by: string, name: string, changed: Stores, strict: boolean): void {
    const database = this.databases.get(name);
    if (!database) return;
    const before = database.stores;
    database.stores = new Map([...before, ...changed]);
    if (strict) database.relaxed = [];
    else database.relaxed.push(before);
    this.#observer({by, database: name, before, after: database.stores});
  }

  /** Takes back the last `count` commits that nobody waited for. */
  losePower(count: number): void {
    for (const database of this.databases.values()) {
      const kept = database.relaxed.length - Math.min(count, database.relaxed.length);
      database.stores = database.relaxed[kept] ?? database.stores;
      database.relaxed = [];
    }
  }
}
