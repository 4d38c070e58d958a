/** One page's connection to its profile's database: each call takes time, in which the page may die or stand still. */
import type {Database, DatabaseRow, DatabaseTransaction} from '../../src/database/own.js';
import type {Change, DatabaseCheckpoint} from '../../src/protocol/protocol.js';
import type {Dice} from './dice.js';
import {changed, type OwnState, type OwnStore} from './own-store.js';
import type {Process, VirtualTime} from './virtual-time.js';

export interface OwnHost {
  time: VirtualTime;
  random: Dice;
  store: OwnStore;
  page: Process;
  /** The fault struck: the page is gone. */
  kill(): void;
  /** It stands still. */
  freeze(ms: number): void;
}

export class OwnPage implements Database {
  readonly #host: OwnHost;

  constructor(host: OwnHost) {
    this.#host = host;
  }

  async transaction<T>(run: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
    const {store, page, freeze} = this.#host;
    const late = store.strike('begin');
    if (late) {
      freeze(late.ms);
      await this.#pause();
    }
    await store.enter(page);
    try {
      const began = store.version;
      const {rows, checkpoint} = store.state;
      const draft = {rows, checkpoint};
      const result = await run(this.#open(draft));
      if (draft.rows !== rows || draft.checkpoint !== checkpoint) await this.#commit(draft, began);
      return result;
    } finally {
      store.leave(page);
    }
  }

  clear(): Promise<void> {
    return this.#write({rows: new Map(), checkpoint: undefined});
  }

  async get(entityType: string, entityId: string): Promise<object | undefined> {
    await this.#pause();
    const row = this.#host.store.state.rows.get(`${entityType}/${entityId}`);
    return row === undefined ? undefined : JSON.parse(row);
  }

  async list(entityType: string): Promise<readonly DatabaseRow[]> {
    await this.#pause();
    const {rows} = this.#host.store.state;
    const mine = [...rows].filter(([place]) => place.startsWith(`${entityType}/`));
    return mine.map(([place, row]) => ({id: place.slice(entityType.length + 1), data: JSON.parse(row) as object}));
  }

  async #write(after: OwnState): Promise<void> {
    const {store, page} = this.#host;
    await store.enter(page);
    try {
      await this.#commit(after, store.version);
    } finally {
      store.leave(page);
    }
  }

  #open(draft: OwnState): DatabaseTransaction {
    const write = async (change: Change) => {
      await this.#pause();
      draft.rows = changed(draft.rows, [change]);
    };
    const rows: DatabaseTransaction = {
      upsertEntity: (entityType, entityId, data, _timestamp, partial = false) =>
        write({type: 'update', entityType, entityId, data: data as NonNullable<Change['data']>, partial}),
      deleteEntity: (entityType, entityId) => write({type: 'delete', entityType, entityId}),
      applyChanges: async changes => {
        await this.#pause();
        draft.rows = changed(draft.rows, changes);
      },
    };
    if (!this.#host.store.kind.keeps) return rows;
    return {
      ...rows,
      readCheckpoint: async () => {
        await this.#pause();
        return structuredClone(draft.checkpoint);
      },
      writeCheckpoint: async (checkpoint: DatabaseCheckpoint) => {
        await this.#pause();
        draft.checkpoint = structuredClone(checkpoint);
      },
    };
  }

  /** @throws Error where somebody else has committed since, the disk is full, or a fault says so */
  async #commit(after: OwnState, began: number): Promise<void> {
    const {store, page} = this.#host;
    store.landing.add(page);
    await this.#land(after, began).finally(() => store.landing.delete(page));
  }

  async #land(after: OwnState, began: number): Promise<void> {
    const {store, page, kill, freeze} = this.#host;
    await this.#pause();
    const fault = store.strike('commit');
    if (fault?.kind === 'hang') await this.#pause(fault.ms);
    if (fault?.kind === 'freeze') {
      freeze(fault.ms);
      await this.#pause();
    }
    if (fault?.kind === 'reject') throw new Error('The database has failed');
    if (store.full || fault?.kind === 'quota') throw new DOMException('The disk is full', 'QuotaExceededError');
    if (store.version !== began) throw new Error('The database was changed meanwhile');
    if (fault?.kind === 'kill-before') kill();
    if (!page.alive) return new Promise(() => {});
    store.commit(page.name, after);
    if (fault?.kind === 'kill-after') kill();
    await this.#pause();
  }

  #pause(ms = this.#host.random.fraction() * 2): Promise<void> {
    const {time, page} = this.#host;
    return new Promise(resolve => {
      time.at(ms, page, resolve);
    });
  }
}
