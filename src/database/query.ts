/** What a query selects, as pure functions of rows. */
import {isObject, type Json, type JsonObject, SyncError} from '../protocol/protocol.js';

/** See `Query` of the service, which is this. */
export interface RowQuery {
  where?: Record<string, unknown>;
  orderBy?: string;
  limit?: number;
  after?: string;
}

/** Text without case and accents: what `prefix` and `orderBy` compare, so that every device gives the same order. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // Plain ASCII, which is most text, needs no decomposition.
  for (let index = 0; index < lower.length; index++) {
    if (lower.charCodeAt(index) > 127) return lower.normalize('NFD').replace(/\p{M}/gu, '');
  }
  return lower;
}

/**
 * Whether the folded text begins so. Most rows of a scan differ from an ASCII prefix in the first letter or two: they are
 * turned away before anything is folded.
 */
export function hasPrefix(text: string, prefix: string): boolean {
  for (let index = 0; index < prefix.length; index++) {
    const code = text.charCodeAt(index);
    // Also where the text has ended (NaN), and where a combining mark may follow the last letter.
    if (!(code < 128)) return fold(text).startsWith(prefix);
    const lower = code >= 65 && code <= 90 ? code + 32 : code;
    if (lower === prefix.charCodeAt(index)) continue;
    return prefix.charCodeAt(index) > 127 ? fold(text).startsWith(prefix) : false;
  }
  return true;
}

type Test = (row: JsonObject) => boolean;

/** Own columns only: every object has a `constructor`. */
function column(row: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

/** @throws SyncError `invalid-query` */
export function compileWhere(where: Record<string, unknown> | undefined): Test {
  if (where !== undefined && !isObject(where)) throw wrong('where: use an object of columns');
  const tests = Object.entries(where ?? {}).map(([column, condition]) => compileCondition(column, condition));
  return row => tests.every(test => test(row));
}

function compileCondition(name: string, condition: unknown): Test {
  if (!isObject(condition)) return row => same(column(row, name), condition as Json);
  const entries = Object.entries(condition);
  if (entries.length === 0) throw invalid(name);
  const tests = entries.map(([operator, operand]): Test => {
    switch (operator) {
      case 'in': {
        if (!Array.isArray(operand)) throw invalid(name);
        return row => operand.some(item => same(column(row, name), item as Json));
      }
      case 'prefix': {
        if (typeof operand !== 'string') throw invalid(name);
        const prefix = fold(operand);
        return row => {
          const value = column(row, name);
          return typeof value === 'string' && hasPrefix(value, prefix);
        };
      }
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte': {
        if (typeof operand !== 'number' && typeof operand !== 'string') throw invalid(name);
        return row => {
          const value = column(row, name);
          if (typeof value !== typeof operand) return false;
          const order = (value as typeof operand) < operand ? -1 : (value as typeof operand) > operand ? 1 : 0;
          return operator === 'gt'
            ? order > 0
            : operator === 'gte'
              ? order >= 0
              : operator === 'lt'
                ? order < 0
                : order <= 0;
        };
      }
      default:
        throw invalid(name);
    }
  });
  return row => tests.every(test => test(row));
}

function wrong(what: string): SyncError {
  return new SyncError('invalid-query', what);
}

function invalid(name: string): SyncError {
  return wrong(`where.${name}: use a value, {in}, {gt, gte, lt, lte} or {prefix}`);
}

function same(a: Json | undefined, b: Json): boolean {
  if (a === b) return true;
  return typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b);
}

interface Candidate {
  id: string;
  row: JsonObject;
  key: Json | undefined;
}

/** Takes rows one by one and keeps those that a query selects, in order; with a limit, never more than twice as many. */
export class Selection {
  readonly #test: Test;
  readonly #column: string | undefined;
  readonly #descending: boolean;
  readonly #limit: number;
  readonly #after: Candidate | undefined;
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
    this.#descending = orderBy?.startsWith('-') ?? false;
    this.#column = this.#descending ? orderBy?.slice(1) : orderBy;
    this.#limit = limit;
    this.#after = after && this.#candidate(after.id, after.row);
  }

  add(id: string, row: JsonObject): void {
    if (!this.#test(row)) return;
    const candidate = this.#candidate(id, row);
    if (this.#after && this.#compare(candidate, this.#after) <= 0) return;
    if (this.#worst && this.#compare(candidate, this.#worst) > 0) return;
    this.#kept.push(candidate);
    if (this.#kept.length >= this.#limit * 2 + 16) this.#prune();
  }

  result(): JsonObject[] {
    this.#prune();
    return this.#kept.map(({row}) => row);
  }

  #prune(): void {
    this.#kept.sort((a, b) => this.#compare(a, b));
    if (this.#kept.length < this.#limit) return;
    this.#kept.length = this.#limit;
    this.#worst = this.#kept[this.#limit - 1];
  }

  #candidate(id: string, row: JsonObject): Candidate {
    const value = this.#column === undefined ? undefined : column(row, this.#column);
    return {id, row, key: typeof value === 'string' ? fold(value) : value};
  }

  #compare(a: Candidate, b: Candidate): number {
    const order = compareKeys(a.key, b.key);
    if (order !== 0) return this.#descending ? -order : order;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  }
}

/** Absent and null first, then booleans, numbers, text, everything else as JSON. */
function compareKeys(a: Json | undefined, b: Json | undefined): number {
  const left = rank(a);
  const right = rank(b);
  if (left !== right) return left - right;
  if (left === 0 || a === b) return 0;
  return left === 4 ? compareSame(JSON.stringify(a), JSON.stringify(b)) : compareSame(a as number, b as number);
}

function compareSame<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(value: Json | undefined): number {
  switch (typeof value) {
    case 'boolean':
      return 1;
    case 'number':
      return 2;
    case 'string':
      return 3;
    default:
      return value === undefined || value === null ? 0 : 4;
  }
}
