/**
 * Which local database belongs to whom: (url, database name, subject) → instance. It remembers the last subject, so that
 * a start offline opens the right one. A first start offline makes an unclaimed instance, which the first verified subject
 * claims.
 */
import type {StorageDatabase, StoragePort} from '../platform/storage.js';
import type {SyncError} from '../protocol/protocol.js';
import {STORAGE_FORMAT} from './database.js';

/** One local database. */
export interface Instance {
  /** Random: names the database, its lock, its channel, and the client to the server. */
  id: string;
  /** The label people see; fixed when the database is made. */
  clientId: string;
  /** Whose it is, as the server verified it or the page asserted it; null while unclaimed. */
  subject: string | null;
}

interface Shelf {
  last: string | null;
  instances: Instance[];
  /** Whose rows are in a database of the user's own that can't say so itself. */
  holder?: string | null;
}

/** What a verified subject means for the instance in use. */
export type Claim =
  | {kind: 'mine'; instance: Instance}
  /** Another instance is this subject's; an unclaimed one's work should move there. */
  | {kind: 'other'; instance: Instance; from: Instance};

export class Directory {
  readonly #database: StorageDatabase<'instances'>;
  readonly #shelf: string;
  readonly #uuid: () => string;

  private constructor(database: StorageDatabase<'instances'>, shelf: string, uuid: () => string) {
    this.#database = database;
    this.#shelf = shelf;
    this.#uuid = uuid;
  }

  static async open(
    storage: StoragePort,
    url: string,
    database: string,
    uuid: () => string,
    lost?: (reason: SyncError) => void,
  ): Promise<Directory> {
    const opened = await storage.open(`sync-elements/${STORAGE_FORMAT}`, {instances: {}}, lost);
    return new Directory(opened, JSON.stringify([url, database]), uuid);
  }

  /** The instance to start with: the named user's, else the last subject's, else the unclaimed one; made where missing. */
  resolve(user: string | undefined, clientId: string | undefined): Promise<Instance> {
    return this.#change(shelf => {
      const subject = user ?? shelf.last;
      const known = shelf.instances.find(instance => instance.subject === subject);
      return known ?? this.#make(shelf, subject, clientId);
    });
  }

  /**
   * As `resolve`, for a tab that knows whose the data was that has been cleared. Others may not have known, and have opened
   * an unclaimed one: it is the same subject's.
   */
  restore(subject: string, clientId: string | undefined): Promise<Instance> {
    return this.#change(shelf => {
      const known = shelf.instances.find(instance => instance.subject === subject);
      const unclaimed = shelf.last === null ? shelf.instances.find(instance => instance.subject === null) : undefined;
      shelf.last ??= subject;
      if (!known && unclaimed) unclaimed.subject = subject;
      return known ?? unclaimed ?? this.#make(shelf, subject, clientId);
    });
  }

  /** Records that the server verified `subject` for the instance in use. */
  claim(id: string, subject: string): Promise<Claim> {
    return this.#change((shelf): Claim => {
      shelf.last = subject;
      const owned = shelf.instances.find(instance => instance.subject === subject);
      const mine = shelf.instances.find(instance => instance.id === id);
      if (!mine) {
        // Another tab took it off the shelf: what is written there from now on would be lost.
        const from: Instance = {id, clientId: id, subject: null};
        return {kind: 'other', instance: owned ?? this.#make(shelf, subject, undefined), from};
      }
      if (!owned && mine.subject === null) mine.subject = subject;
      if (mine.subject === subject) return {kind: 'mine', instance: mine};
      return {kind: 'other', instance: owned ?? this.#make(shelf, subject, mine.clientId), from: mine};
    });
  }

  /** Whether the instance is on the shelf. */
  holds(id: string): Promise<boolean> {
    return this.#change(shelf => shelf.instances.some(instance => instance.id === id));
  }

  /** An unclaimed instance other than this one: its work waits to be adopted. */
  leftover(id: string): Promise<Instance | undefined> {
    return this.#change(shelf => shelf.instances.find(instance => instance.subject === null && instance.id !== id));
  }

  /** Takes an instance off the shelf: after a logout, or when its work has moved. */
  forget(id: string): Promise<void> {
    return this.#change(shelf => {
      const gone = shelf.instances.find(instance => instance.id === id);
      shelf.instances = shelf.instances.filter(instance => instance.id !== id);
      if (gone && shelf.last === gone.subject) shelf.last = null;
    });
  }

  /** Leaves it on the shelf for its subject, who is nobody's last any more. */
  release(id: string): Promise<void> {
    return this.#change(shelf => {
      const left = shelf.instances.find(instance => instance.id === id);
      if (left && shelf.last === left.subject) shelf.last = null;
    });
  }

  /** Whose rows are in the user's own database; null: those of nobody who may go on from them. */
  async holder(): Promise<string | null> {
    return this.#change(shelf => shelf.holder ?? null);
  }

  async hold(id: string | null): Promise<void> {
    await this.#change(shelf => {
      shelf.holder = id;
    });
  }

  close(): void {
    this.#database.close();
  }

  #make(shelf: Shelf, subject: string | null, clientId: string | undefined): Instance {
    const id = this.#uuid();
    const instance: Instance = {id, clientId: clientId ?? id, subject};
    shelf.instances.push(instance);
    return instance;
  }

  #change<T>(change: (shelf: Shelf) => T): Promise<T> {
    return this.#database.transaction(
      ['instances'],
      'readwrite',
      async tx => {
        const stored = (await tx.get('instances', this.#shelf)) as Shelf | undefined;
        const shelf = stored ?? {last: null, instances: []};
        const result = change(shelf);
        tx.put('instances', this.#shelf, shelf);
        return result;
      },
      'strict',
    );
  }
}
