/** Databases of a test's own, and gone after it. */
import {CLIENT_STORES, type ClientStore} from '../../src/database/database.js';
import {indexedDbStorage} from '../../src/platform/browser-storage.js';
import {memoryStorage} from '../../src/platform/memory-storage.js';
import type {StorageDatabase, StoragePort} from '../../src/platform/storage.js';

let count = 0;

/** Test files share an origin, and run at the same time. */
export function freshName(what = 'test'): string {
  return `test/${what}/${++count}/${crypto.randomUUID()}`;
}

/** The two storages, for suites that hold them to the same behaviour. */
export const STORAGES: readonly (readonly [name: string, make: () => StoragePort])[] = [
  ['IndexedDB', () => indexedDbStorage],
  ['memory', memoryStorage],
];

/** Opens databases for one test; `clear` in `afterEach` closes and deletes them. */
export class Disk {
  readonly storage: StoragePort;
  readonly #opened: StorageDatabase[] = [];
  readonly #names = new Set<string>();

  constructor(storage: StoragePort = memoryStorage()) {
    this.storage = storage;
  }

  async open<Store extends string>(
    stores: Readonly<Record<Store, {counted?: boolean}>>,
    name = freshName(),
  ): Promise<StorageDatabase<Store>> {
    this.#names.add(name);
    const database = await this.storage.open(name, stores);
    this.#opened.push(database as unknown as StorageDatabase);
    return database;
  }

  openClient(name = freshName('client')): Promise<StorageDatabase<ClientStore>> {
    return this.open(CLIENT_STORES, name);
  }

  async clear(): Promise<void> {
    for (const database of this.#opened.splice(0)) database.close();
    for (const name of this.#names) await this.storage.remove(name);
    this.#names.clear();
  }
}
