/** What one page reads and follows: each answer is held against what it knows (knowledge.ts) and what there was (readers.ts). */
import type {JsonObject, Query} from '../../src/protocol/protocol.js';
import {joined, type Stretch} from '../../src/protocol/stretches.js';
import type {Asked} from './knowledge.js';
import {type Ask, Readers} from './readers.js';
import type {Tab} from './tab.js';

/** A query that the page follows. */
interface Live {
  type: string;
  query: Query;
  /** Undefined before the first answer of this engine, and where there is none. */
  rows: JsonObject[] | undefined;
  /** As things stood at the last word of it. */
  since: Since;
}

interface Since {
  ask: Ask;
  asked: Asked;
}

export class PageReads {
  readonly #tab: Tab;
  readonly #readers: Readers;
  readonly #lives = new Map<number, Live>();
  #count = 0;

  constructor(tab: Tab) {
    this.#tab = tab;
    this.#readers = new Readers(tab);
  }

  get(key: string): void {
    const [type = '', entityId = ''] = key.split('/');
    const {ask, asked} = this.#since(key);
    this.#tab.ask({do: 'get', type, entityId}, row => {
      this.#tab.knowledge.shown(key, asked, row as JsonObject | undefined);
      this.#readers.answered(ask, {do: 'get', type, id: entityId}, row);
    });
  }

  list(type: string, query: Query = {}): void {
    const since = this.#since();
    this.#tab.ask({do: 'list', type, query}, rows => this.#shown(since, type, query, rows as JsonObject[]));
  }

  count(type: string, query: Query): void {
    const {ask} = this.#since();
    this.#tab.ask({do: 'count', type, query}, count => this.#readers.answered(ask, {do: 'count', type, query}, count));
  }

  watch(type: string, query: Query): void {
    const live = ++this.#count;
    this.#lives.set(live, {type, query, rows: undefined, since: this.#since()});
    this.#tab.tell({kind: 'watch', live, type, query});
  }

  unwatch(): void {
    for (const live of this.#lives.keys()) this.#tab.tell({kind: 'unwatch', live});
    this.#lives.clear();
  }

  /** Of another engine. */
  watchAgain(): void {
    for (const [live, watched] of this.#lives) {
      const {type, query} = watched;
      watched.rows = undefined;
      this.#tab.tell({kind: 'watch', live, type, query});
    }
  }

  followed(number: number, stretches: Stretch<JsonObject>[]): void {
    const live = this.#lives.get(number);
    if (!live) return;
    const {type, query, since} = live;
    live.rows = joined(live.rows ?? [], stretches);
    live.since = this.#since();
    // Told when something has changed, which may take as long as it takes; but never back.
    this.#shown(since, type, query, live.rows, Number.NEGATIVE_INFINITY);
  }

  lost(number: number): void {
    const live = this.#lives.get(number);
    if (live) live.rows = undefined;
  }

  /** What is wrong, now that all is quiet, with what it follows. */
  get outdated(): string | undefined {
    for (const {type, query, rows} of this.#lives.values()) {
      // Nothing is shown behind a row that is gone.
      const wrong = rows && this.#readers.stale({do: 'list', type, query}, rows);
      if (wrong) return wrong;
    }
    return undefined;
  }

  #since(key = ''): Since {
    return {ask: this.#readers.ask(), asked: this.#tab.knowledge.asked(key)};
  }

  #shown({ask, asked}: Since, type: string, query: Query, rows: readonly JsonObject[], oldest?: number): void {
    const {knowledge} = this.#tab;
    if (type === 'pair' && Object.keys(query).length === 0) knowledge.shownPairs(asked, rows);
    if (type === 'own') knowledge.shownOwn(asked, rows);
    this.#readers.answered(ask, {do: 'list', type, query}, rows, oldest);
  }
}
