/** Which declared index answers a query, if any does. What is found by it is tested again: a range may hold too much. */
import {isObject, type Json} from '../protocol/protocol.js';
import type {ColumnIndex, KeyRange} from './column-index.js';
import {compareKeys, keyOf, type RowQuery} from './query.js';
import type {Selection} from './selection.js';

export interface QueryPlan {
  index: ColumnIndex;
  ranges: readonly KeyRange[];
  /** Rows come in the order that the query asks for: once there are enough of them, no more need be looked at. */
  inOrder: boolean;
}

/** Of an index that selects and one that sorts the first is taken, unless it does both. */
export function planQuery(
  indexes: ReadonlyMap<string, ColumnIndex> | undefined,
  {where = {}}: RowQuery,
  {orderedBy, limit}: Selection,
): QueryPlan | undefined {
  if (!indexes) return undefined;
  let plan: QueryPlan | undefined;
  for (const [name, index] of indexes) {
    const ranges = Object.hasOwn(where, name) ? rangesOf(where[name]) : undefined;
    if (!ranges) continue;
    const [range] = ranges;
    // Within one key entries lie by id, which is the order of a query that names none.
    const isOne = ranges.length === 1 && range?.low === range?.high && range?.low !== undefined;
    const inOrder = ranges.length === 1 && (orderedBy === name || (orderedBy === undefined && isOne));
    if (!plan || inOrder) plan = {index, ranges, inOrder};
  }
  const sorting = orderedBy === undefined ? undefined : indexes.get(orderedBy);
  if (plan || !sorting || limit === Number.POSITIVE_INFINITY) return plan;
  return {index: sorting, ranges: [{}], inOrder: true};
}

/** Undefined where a condition, which was found valid before, says nothing about the order of keys. */
function rangesOf(condition: unknown): KeyRange[] | undefined {
  if (!isObject(condition)) return [point(condition as Json)];
  const {in: list, ...others} = condition;
  if (Array.isArray(list)) {
    const keys = new Set(list.map(item => keyOf(item as Json)));
    // Objects are no two the same to a Set: the same range would be walked twice.
    return [...keys].some(key => typeof key === 'object' && key !== null) ? undefined : [...keys].map(point);
  }
  let range: KeyRange = {};
  for (const [operator, operand] of Object.entries(others)) {
    const {low, high} = rangeOf(operator, keyOf(operand as Json) as string | number);
    if (low !== undefined && (range.low === undefined || compareKeys(low, range.low) > 0)) range = {...range, low};
    if (high !== undefined && (range.high === undefined || compareKeys(high, range.high) < 0)) range = {...range, high};
  }
  return [range];
}

function point(value: Json | undefined): KeyRange {
  const key = keyOf(value);
  return {low: key, high: key};
}

function rangeOf(operator: string, key: string | number): KeyRange {
  const [first, last] = typeof key === 'string' ? [''] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (operator === 'prefix') return {low: key, high: successor(String(key))};
  return operator.startsWith('g') ? {low: key, high: last} : {low: first, high: key};
}

/** The first text behind all that begin so; undefined where there is none. */
function successor(prefix: string): string | undefined {
  const last = prefix.charCodeAt(prefix.length - 1);
  if (Number.isNaN(last)) return undefined;
  return last === 0xffff ? successor(prefix.slice(0, -1)) : prefix.slice(0, -1) + String.fromCharCode(last + 1);
}
