/** `sync-elements/database/memory`: rows in the page's memory, gone with it; each tab has its own. */
import {nextTask} from '../../platform/browser-page.js';
import type {Change, DatabaseCheckpoint} from '../../protocol/protocol.js';
import type {Database, DatabaseRow, DatabaseTransaction} from '../own.js';

type Tables = Map<string, Map<string, object>>;

/** What a transaction has written: undefined where it has deleted. */
type Draft = Map<string, Map<string, object | undefined>>;

export class MemoryDatabase implements Database {
  readonly scope = 'tab';
  readonly name: string;
  #tables: Tables = new Map();
  #checkpoint: DatabaseCheckpoint | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  transaction<T>(run: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
    return this.#serially(async () => {
      const tx = new MemoryTransaction(this.#tables, this.#checkpoint);
      const result = await run(tx);
      this.#checkpoint = tx.checkpoint;
      for (const [type, rows] of tx.draft) {
        const table = this.#tables.get(type) ?? new Map();
        this.#tables.set(type, table);
        for (const [id, row] of rows) {
          if (row) table.set(id, row);
          else table.delete(id);
        }
      }
      return result;
    });
  }

  clear(): Promise<void> {
    return this.#serially(async () => {
      this.#tables = new Map();
      this.#checkpoint = undefined;
    });
  }

  async get(entityType: string, entityId: string): Promise<object | undefined> {
    return this.#tables.get(entityType)?.get(entityId);
  }

  async list(entityType: string): Promise<readonly DatabaseRow[]> {
    return [...(this.#tables.get(entityType) ?? [])].map(([id, data]) => ({id, data}));
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }
}

class MemoryTransaction implements DatabaseTransaction {
  readonly draft: Draft = new Map();
  checkpoint: DatabaseCheckpoint | undefined;
  readonly #tables: Tables;

  constructor(tables: Tables, checkpoint: DatabaseCheckpoint | undefined) {
    this.#tables = tables;
    this.checkpoint = checkpoint;
  }

  upsertEntity(type: string, id: string, data: object, _timestamp?: number, partial?: boolean): void {
    const rows = this.#rows(type);
    const before = rows.has(id) ? rows.get(id) : this.#tables.get(type)?.get(id);
    rows.set(id, partial ? {...before, ...data} : data);
  }

  deleteEntity(type: string, id: string): void {
    this.#rows(type).set(id, undefined);
  }

  async applyChanges(changes: readonly Change[]): Promise<void> {
    for (const {type, entityType, entityId, data = {}, timestamp, partial} of changes) {
      if (type === 'delete') this.deleteEntity(entityType, entityId);
      else this.upsertEntity(entityType, entityId, data, timestamp, partial);
    }
    // Memory never makes anybody wait: without this a large transaction would be one long task of the page.
    await nextTask();
  }

  async readCheckpoint(): Promise<DatabaseCheckpoint | undefined> {
    return this.checkpoint;
  }

  writeCheckpoint(checkpoint: DatabaseCheckpoint): void {
    this.checkpoint = checkpoint;
  }

  #rows(type: string): Map<string, object | undefined> {
    const rows = this.draft.get(type) ?? new Map<string, object | undefined>();
    this.draft.set(type, rows);
    return rows;
  }
}

/** @param name tells several databases of a page apart. Default: the empty text */
export function memoryDatabase(name = ''): MemoryDatabase {
  return new MemoryDatabase(name);
}
