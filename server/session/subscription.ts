/**
 * What one client sees: which tables, and of each which rows. Filters look at the old and the new image of a row:
 * leaving is a delete, entering a full row.
 */
import {type JsonObject, SyncError, type SyncFrame, subscriptionHash, type Want} from '../../src/protocol/protocol.js';
import type {Identity, RowRule, SyncServerOptions} from '../options.js';
import type {Filter, LogChange, SourceTable} from '../source/change-source.js';
import {canTravel, changeText, matches} from '../source/encode.js';

/** Filters by table, of which a row passes any one; an empty list lets every row pass. */
export interface Subscription {
  readonly tables: ReadonlyMap<string, readonly Filter[]>;
  /** As the client spells it, to compare with its `have`. */
  readonly hash: string;
  /** Permissions included: what a cursor or a checkpoint's mark is bound to. */
  readonly fingerprint: string;
  /** Why a part of it is not served, where only a part is not. */
  readonly unserved: SyncError | undefined;
}

/** What a greeting wants, and what it says its checkpoint had: under the rules of today, both. */
export interface Subscriptions {
  readonly wanted: Subscription;
  readonly had: Subscription | undefined;
}

type Rows = ((table: string, identity: Identity) => RowRule) | undefined;

/** @throws SyncError `unknown-type`, `unknown-column` where nothing of what is wanted is published */
export function resolveGreeting(
  {want, had}: SyncFrame,
  {source: {tables}, rows}: Pick<SyncServerOptions, 'source' | 'rows'>,
  identity: Identity,
): Subscriptions {
  const wanted = resolveSubscription(want, tables, rows, identity);
  if (wanted.tables.size === 0 && wanted.unserved) throw wanted.unserved;
  return {wanted, had: had && resolveSubscription(had === 'all' ? undefined : had, tables, rows, identity)};
}

/**
 * The union of what several tabs want is one subscription: a part that is not published must not take the rest from them,
 * so it is left out, and said.
 */
function resolveSubscription(
  want: readonly Want[] | undefined,
  tables: ReadonlyMap<string, SourceTable>,
  rows: Rows,
  identity: Identity,
): Subscription {
  const wanted = new Map<string, Filter[]>();
  const whole = new Set<string>();
  let unserved: SyncError | undefined;
  for (const item of want ?? [...tables.keys()]) {
    const {type, where} = typeof item === 'string' ? {type: item, where: undefined} : {where: undefined, ...item};
    const table = tables.get(type);
    const filter = table ? toFilter(table, where ?? {}) : new SyncError('unknown-type', `'${type}' is not published`);
    if (filter instanceof SyncError) {
      unserved ??= filter;
      continue;
    }
    wanted.set(type, [...(wanted.get(type) ?? []), filter]);
    if (filter.length === 0) whole.add(type);
  }
  for (const type of whole) wanted.set(type, []);
  const rules: [string, RowRule][] = [];
  for (const [type, filters] of wanted) {
    const rule = rows?.(type, identity) ?? true;
    if (rule === true) continue;
    rules.push([type, rule]);
    const table = tables.get(type);
    if (rule === false || !table) {
      wanted.delete(type);
      continue;
    }
    const own = toFilter(table, rule);
    if (own instanceof SyncError) throw own;
    wanted.set(type, filters.length ? filters.map(filter => [...filter, ...own]) : own.length ? [own] : []);
  }
  const hash = subscriptionHash(want);
  return {tables: wanted, hash, fingerprint: rules.length ? `${hash}.${fingerprint(rules)}` : hash, unserved};
}

function toFilter(table: SourceTable, where: JsonObject): Filter | SyncError {
  const filter: Filter[number][] = [];
  for (const [column, value] of Object.entries(where)) {
    if (table.columns && !table.columns.has(column)) {
      return new SyncError('unknown-column', `'${table.name}' has no published column '${column.slice(0, 100)}'`);
    }
    if (typeof value === 'object' && value !== null) {
      return new SyncError('unknown-column', `'where' compares with plain values only`);
    }
    if (typeof value === 'string' && value !== '' && (!value.isWellFormed() || value.includes('\0'))) {
      return new SyncError('unknown-column', `'where' holds text that no column can hold`);
    }
    filter.push([column, value]);
  }
  return filter;
}

/** Types of which both let the same rows through: whoever has those of the one need not be sent those of the other. */
export function sameTypes(one: Subscription, other: Subscription): string[] {
  return [...other.tables].flatMap(([type, filters]) => {
    const before = one.tables.get(type);
    return before && spell(before) === spell(filters) ? [type] : [];
  });
}

function spell(filters: readonly Filter[]): string {
  return JSON.stringify(filters.map(filter => JSON.stringify([...filter].sort())).sort());
}

/** The rules as a short text: rows that a client may no longer see make its checkpoint another one's. */
function fingerprint(rules: readonly [string, RowRule][]): string {
  const wants = rules.map(([type, rule]): Want => {
    if (typeof rule === 'boolean') return {type, where: {'': rule}};
    return {type, where: Object.fromEntries(Object.entries(rule))};
  });
  return subscriptionHash(wants);
}

/** The change as this client is to see it, or undefined: it concerns no row it sees. */
export function visibleChange(subscription: Subscription, change: LogChange): string | undefined {
  const filters = subscription.tables.get(change.table);
  if (!filters) return undefined;
  // A row that has grown too large is none to the client: what it had of it would be wrong.
  if (!canTravel(change.id, change.row))
    return canTravel(change.id, null) ? changeText(change.table, change.id, null) : undefined;
  if (filters.length === 0) return change.text;
  if (change.row !== null && passes(filters, change.row)) return change.text;
  const seen = change.old === '' || (change.old !== null && passes(filters, change.old));
  return seen ? changeText(change.table, change.id, null) : undefined;
}

function passes(filters: readonly Filter[], row: string): boolean {
  const value = JSON.parse(row) as JsonObject;
  return filters.some(filter => matches(value, filter));
}
