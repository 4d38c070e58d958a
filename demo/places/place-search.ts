/**
 * The search: one query at a time against the local replica, the latest wish wins. Pages follow as somebody scrolls.
 */
import type {Query} from 'sync-elements';
import type {SyncProvider} from 'sync-elements/components';
import {type Place, readPlace} from './place.js';

const PAGE = 200;

export interface Results {
  prefix: string;
  /** How many there are, not how many are loaded. */
  total: number;
  places: readonly Place[];
  /** Milliseconds until the first page and the count were there. */
  took: number;
}

export class PlaceSearch {
  /** Undefined until the first answer. */
  results: Results | undefined;
  readonly #provider: SyncProvider;
  readonly #changed: () => void;
  #wanted = '';
  #running = false;
  /** Set while what is shown is not what was asked for last. */
  #stale = false;

  constructor(provider: SyncProvider, changed: () => void) {
    this.#provider = provider;
    this.#changed = changed;
  }

  /** Asks anew, also for the same prefix: the data may have changed. */
  ask(prefix: string): void {
    this.#wanted = prefix.trim();
    this.#stale = true;
    void this.#run();
  }

  /** Whether an answer is still to come. */
  get busy(): boolean {
    return this.#stale || this.#running;
  }

  get complete(): boolean {
    const {results} = this;
    return results !== undefined && results.places.length >= results.total;
  }

  more(): void {
    if (!this.complete) void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      if (this.#stale) await this.#first();
      else await this.#next();
    } catch {
      // The status in the header says what is wrong; what is shown stays.
    }
    this.#running = false;
    this.#changed();
    if (this.#stale) await this.#run();
  }

  async #first(): Promise<void> {
    this.#stale = false;
    const prefix = this.#wanted;
    const started = performance.now();
    const query = queryFor(prefix);
    const [total, rows] = await Promise.all([
      this.#provider.count('place', query),
      this.#provider.list('place', {...query, orderBy: 'name', limit: PAGE}),
    ]);
    this.results = {prefix, total, places: rows.map(readPlace), took: performance.now() - started};
  }

  async #next(): Promise<void> {
    const {results} = this;
    const last = results?.places.at(-1);
    if (!results || !last) return;
    const query = {...queryFor(results.prefix), orderBy: 'name', limit: PAGE, after: last.id};
    const rows = await this.#provider.list('place', query);
    // Fewer than counted: a place has gone in between, and this is the end.
    const total = rows.length === 0 ? results.places.length : results.total;
    this.results = {...results, total, places: [...results.places, ...rows.map(readPlace)]};
  }
}

function queryFor(prefix: string): Query {
  return prefix ? {where: {name: {prefix}}} : {};
}
