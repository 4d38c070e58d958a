/** The queries that the page watches: looked at again when rows of their type may look different, told when they do. */
import type {Look} from '../database/database.js';
import {type EngineMessage, type Query, SyncError} from '../protocol/protocol.js';
import type {Stretch} from '../protocol/stretches.js';
import {stretchesOf} from '../protocol/stretches-of.js';

interface Watched {
  type: string;
  query: Query;
  /** The last answer, from which the next one is found; its rows as texts too, to tell what of it is another. */
  look: Look | undefined;
  told: string[] | undefined;
  running: boolean;
  dirty: boolean;
}

type Ask = (type: string, query: Query, before: Look | undefined) => Promise<Look>;

export class LiveQueries {
  readonly #watched = new Map<number, Watched>();
  readonly #ask: Ask;
  readonly #post: (message: EngineMessage) => void;

  constructor(ask: Ask, post: (message: EngineMessage) => void) {
    this.#ask = ask;
    this.#post = post;
  }

  watch(live: number, type: string, query: Query): void {
    this.#watched.set(live, {type, query, look: undefined, told: undefined, running: false, dirty: false});
    void this.#run(live);
  }

  unwatch(live: number): void {
    this.#watched.delete(live);
  }

  /** @param types null: rows of any type */
  touch(types: readonly string[] | null): void {
    for (const [live, watched] of this.#watched) {
      if (types === null || types.includes(watched.type)) void this.#run(live);
    }
  }

  async #run(live: number): Promise<void> {
    const watched = this.#watched.get(live);
    if (!watched) return;
    watched.dirty = true;
    if (watched.running) return;
    watched.running = true;
    while (watched.dirty && this.#watched.get(live) === watched) {
      watched.dirty = false;
      try {
        watched.look = await this.#ask(watched.type, watched.query, watched.look);
        const {rows} = watched.look;
        if (!rows || this.#watched.get(live) !== watched) continue;
        const texts = rows.map(row => JSON.stringify(row));
        const value = stretchesOf(watched.told ?? [], texts, rows);
        if (!isWhole(value, watched.told)) this.#post({kind: 'live', live, value});
        watched.told = texts;
      } catch (error) {
        watched.look = watched.told = undefined;
        if (this.#watched.get(live) !== watched) break;
        this.#post({kind: 'live-error', live, error: SyncError.from(error).toRecord()});
      }
    }
    watched.running = false;
  }
}

/** Whether they say that nothing is another than it was told. */
function isWhole(stretches: readonly Stretch<unknown>[], told: readonly string[] | undefined): boolean {
  const [first, ...more] = stretches;
  if (!first) return told?.length === 0;
  return more.length === 0 && 'to' in first && first.from === 0 && first.to === told?.length;
}
