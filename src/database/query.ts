/** What a query selects and how rows are ordered, as pure functions of rows. */
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

/** `fold(text)` against a text that is folded already; most differ in their first letters, and nothing is folded then. */
export function compareFolded(text: string, folded: string): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return compareSame(fold(text), folded);
    const order = (code >= 65 && code <= 90 ? code + 32 : code) - folded.charCodeAt(index);
    // NaN where `folded` has ended: the text may go on with nothing but a combining mark.
    if (order !== 0) return order < 0 ? -1 : order > 0 ? 1 : compareSame(fold(text), folded);
  }
  return text.length === folded.length ? 0 : -1;
}

type Test = (row: JsonObject) => boolean;

/** Own columns only: every object has a `constructor`. */
export function column(row: JsonObject, name: string): Json | undefined {
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
        // As rows are sorted: what is listed behind a row is what is greater.
        const bound = keyOf(operand) as string & number;
        return row => {
          const value = column(row, name);
          if (typeof value !== typeof operand) return false;
          const order = typeof value === 'string' ? compareFolded(value, bound) : compareSame(value as number, bound);
          if (order === 0) return operator.length === 3;
          return operator.startsWith('g') === order > 0;
        };
      }
      default:
        throw invalid(name);
    }
  });
  return row => tests.every(test => test(row));
}

/** An `invalid-query`. */
export function wrong(what: string): SyncError {
  return new SyncError('invalid-query', what);
}

function invalid(name: string): SyncError {
  return wrong(`where.${name}: use a value, {in}, {gt, gte, lt, lte} or {prefix}`);
}

function same(a: Json | undefined, b: Json): boolean {
  if (a === b) return true;
  return typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b);
}

/** What a column is sorted and indexed by: absent counts as null. */
export function keyOf(value: Json | undefined): Json {
  return typeof value === 'string' ? fold(value) : (value ?? null);
}

/** Null first, then booleans, numbers, text, everything else as JSON. */
export function compareKeys(a: Json, b: Json): number {
  if (typeof a === 'string' && typeof b === 'string') return compareSame(a, b);
  const left = rank(a);
  const right = rank(b);
  if (left !== right) return left - right;
  if (left === 0 || a === b) return 0;
  return left === 4 ? compareSame(JSON.stringify(a), JSON.stringify(b)) : compareSame(a as number, b as number);
}

export function compareSame<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(value: Json): number {
  switch (typeof value) {
    case 'boolean':
      return 1;
    case 'number':
      return 2;
    case 'string':
      return 3;
    default:
      return value === null ? 0 : 4;
  }
}
