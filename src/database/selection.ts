/** Takes rows one by one and keeps those that a query selects, in order; with a limit, never more than twice as many. */
import type {Json, JsonObject} from '../protocol/protocol.js';
import {column, compareFolded, compareKeys, compareSame, compileWhere, keyOf, type RowQuery, wrong} from './query.js';

interface Candidate {
  id: string;
  row: JsonObject;
  key: Json;
}

export class Selection {
  readonly descending: boolean;
  readonly limit: number;
  /** The row to go on behind. */
  readonly after: Candidate | undefined;
  /** The column that rows are ordered by. */
  readonly orderedBy: string | undefined;
  readonly #test: (row: JsonObject) => boolean;
  #kept: Candidate[] = [];
  /** Once the limit is reached: the last of the best, which a further row must come before. */
  #worst: Candidate | undefined;

  /** @param after the row to go on behind, which the caller looked up */
  constructor(query: RowQuery, after?: {id: string; row: JsonObject}) {
    const {orderBy, limit = Number.POSITIVE_INFINITY} = query;
    // Hostile or untyped callers: half a row would break the array, and text would be compared as such.
    if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit >= 0)) {
      throw wrong('limit: use a whole number from 0 up');
    }
    if (orderBy !== undefined && typeof orderBy !== 'string') throw wrong('orderBy: use the name of a column');
    this.#test = compileWhere(query.where);
    this.descending = orderBy?.startsWith('-') ?? false;
    this.orderedBy = this.descending ? orderBy?.slice(1) : orderBy;
    this.limit = limit;
    this.after = after && this.#candidate(after.id, after.row);
  }

  /** Whether the query asks for such a row, were it not for the limit. */
  add(id: string, row: JsonObject): boolean {
    if (!this.#test(row)) return false;
    if (this.#worst && !this.after && this.#isTooLate(row, this.#worst)) return true;
    const candidate = this.#candidate(id, row);
    if (this.after && this.#compare(candidate, this.after) <= 0) return false;
    if (this.#worst && this.#compare(candidate, this.#worst) > 0) return true;
    this.#kept.push(candidate);
    if (this.#kept.length >= this.limit * 2 + 16) this.#prune();
    return true;
  }

  /** Takes rows out again, to be added as they are now. Returns whether any was in. */
  drop(ids: ReadonlySet<string>): boolean {
    const before = this.#kept.length;
    this.#kept = this.#kept.filter(({id}) => !ids.has(id));
    return this.#kept.length < before;
  }

  /** False where a row that was turned away for the limit's sake may belong in by now. */
  get isWhole(): boolean {
    return !this.#worst || this.#kept.length >= this.limit;
  }

  /** How many there are, where no limit was given. */
  get size(): number {
    return this.#kept.length;
  }

  result(): JsonObject[] {
    return this.entries().map(({row}) => row);
  }

  entries(): readonly {id: string; row: JsonObject}[] {
    this.#prune();
    return this.#kept;
  }

  #prune(): void {
    this.#kept.sort((a, b) => this.#compare(a, b));
    if (this.#kept.length < this.limit) return;
    this.#kept.length = this.limit;
    this.#worst = this.#kept[this.limit - 1];
  }

  /** Turns most rows of a scan away by the first letters of what they are ordered by, before anything is made of them. */
  #isTooLate(row: JsonObject, {key}: Candidate): boolean {
    const value = this.orderedBy === undefined ? undefined : column(row, this.orderedBy);
    if (typeof value !== 'string' || typeof key !== 'string') return false;
    const order = compareFolded(value, key);
    return this.descending ? order < 0 : order > 0;
  }

  #candidate(id: string, row: JsonObject): Candidate {
    return {id, row, key: this.orderedBy === undefined ? null : keyOf(column(row, this.orderedBy))};
  }

  #compare(a: Candidate, b: Candidate): number {
    const order = compareKeys(a.key, b.key);
    if (order !== 0) return this.descending ? -order : order;
    return compareSame(a.id, b.id);
  }
}
