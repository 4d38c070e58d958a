/** The queries that the page watches: looked at again when rows of their type may look different, told when they do. */
import type {Look} from '../database/database.js';
import {type EngineMessage, type Query, SyncError} from '../protocol/protocol.js';

interface Watched {
  type: string;
  query: Query;
  /** The last answer, from which the next one is found; as text too, to tell a real change from a touch. */
  look: Look | undefined;
  told: string | undefined;
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
        const {rows: value} = watched.look;
        if (!value) continue;
        const text = JSON.stringify(value);
        if (text !== watched.told && this.#watched.get(live) === watched) this.#post({kind: 'live', live, value});
        watched.told = text;
      } catch (error) {
        watched.look = watched.told = undefined;
        if (this.#watched.get(live) !== watched) break;
        this.#post({kind: 'live-error', live, error: SyncError.from(error).toRecord()});
      }
    }
    watched.running = false;
  }
}
