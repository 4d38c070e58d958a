/**
 * Whether an answer to a reader may be true: there has to be one state of the rows on the disk, not older than what this page
 * was shown before and not older than a lease lets it be, out of which the answer is what the query asks for, row by row, with
 * what is queued here laid on top. Of what others have queued, or was settled of late, a tab may know or not; of its own
 * pending work it has to know.
 */
import {isDeepStrictEqual} from 'node:util';
import type {JsonObject, Query} from '../../src/protocol/protocol.js';
import type {Edit, Rows} from './history.js';
import {order, passes, type Row} from './reference-query.js';

/** One row as a reader may see it; undefined: not at all. */
type Variant = JsonObject | undefined;

/** A write that lies on top, surely or perhaps. */
export interface Lying extends Pick<Edit, 'key' | 'type' | 'payload' | 'partial'> {
  isDue: boolean;
}

/** What a reader may see of one type: id → all that its row may be. */
export type Sight = ReadonlyMap<string, readonly Variant[]>;

/** @param bases states of the rows, of which rows that somebody has written here may be any; the others are of the first */
export function sightOf(type: string, bases: readonly Rows[], edits: readonly Lying[]): Sight {
  const prefix = `${type}/`;
  const sight = new Map<string, readonly Variant[]>();
  for (const [place, text] of bases[0] ?? []) {
    if (place.startsWith(prefix)) sight.set(place.slice(prefix.length), [parsed(text)]);
  }
  const written = new Set(edits.map(({key}) => key).filter(key => key.startsWith(prefix)));
  for (const key of written) {
    const rows = bases.map(rows => rows.get(key)).map(text => (text === undefined ? undefined : parsed(text)));
    const mine = edits.filter(edit => edit.key === key);
    sight.set(key.slice(prefix.length), mine.reduce(lay, distinct(rows)));
  }
  return sight;
}

/** `upsert` merges columns; `partial` needs a row to merge into. */
function lay(all: readonly Variant[], {type, payload, partial, isDue}: Lying): readonly Variant[] {
  const edited = all.map(row => (type === 'delete' ? undefined : row || !partial ? {...row, ...payload} : undefined));
  return distinct(isDue ? edited : [...all, ...edited]);
}

function distinct(variants: readonly Variant[]): readonly Variant[] {
  return variants.filter((one, index) => variants.findIndex(other => isDeepStrictEqual(one, other)) === index);
}

/** What is wrong with a list, or undefined. @param idOf of a row that was made here, which has no column to say it */
export function wrongList(
  query: Query,
  sight: Sight,
  rows: readonly JsonObject[],
  idOf: (row: JsonObject) => string,
): string | undefined {
  const {after} = query;
  const shown = rows.map(row => ({id: idOf(row), row}));
  if (after === undefined) return wrongBehind(query, sight, shown, undefined);
  let wrong: string | undefined = `rows behind ${after}, which is gone`;
  for (const row of sight.get(after) ?? []) {
    if (!row) continue;
    wrong = wrongBehind(query, sight, shown, {id: after, row});
    if (!wrong) return undefined;
  }
  return wrong;
}

function wrongBehind(query: Query, sight: Sight, shown: readonly Row[], anchor: Row | undefined): string | undefined {
  const {limit = Number.POSITIVE_INFINITY} = query;
  const isAsked = (one: Row) => passes(query, one) && (!anchor || order(query, one, anchor) > 0);
  if (shown.length > limit) return `${shown.length} rows`;
  for (const [index, one] of shown.entries()) {
    const before = shown[index - 1];
    if (before && order(query, before, one) >= 0) return `${one.id} behind ${before.id}`;
    if (!isAsked(one)) return `${one.id}, which nobody asked for`;
    if (!sight.get(one.id)?.some(row => isDeepStrictEqual(row, one.row))) {
      return `${one.id} as ${JSON.stringify(one.row)} instead of ${JSON.stringify(sight.get(one.id))}`;
    }
  }
  const ids = new Set(shown.map(({id}) => id));
  const last = shown.length >= limit ? shown.at(-1) : undefined;
  for (const [id, variants] of sight) {
    if (ids.has(id) || limit === 0) continue;
    const mayLack = variants.some(row => !row || !isAsked({id, row}) || (last && order(query, {id, row}, last) > 0));
    if (!mayLack) return `nothing of ${id}, which is ${JSON.stringify(variants)}`;
  }
  return undefined;
}

/** What is wrong with a count, or undefined. */
export function wrongCount(query: Query, sight: Sight, count: number): string | undefined {
  let [least, most] = [0, 0];
  for (const [id, variants] of sight) {
    const counted = variants.map(row => row !== undefined && passes(query, {id, row}));
    if (counted.every(Boolean)) least++;
    if (counted.some(Boolean)) most++;
  }
  return count < least || count > most ? `${count}, not ${least} to ${most}` : undefined;
}

/** What is wrong with one row, or undefined. */
export function wrongRow(id: string, sight: Sight, row: Variant): string | undefined {
  const variants = sight.get(id) ?? [undefined];
  if (variants.some(one => isDeepStrictEqual(one, row))) return undefined;
  return `${id} as ${JSON.stringify(row)} instead of ${JSON.stringify(variants)}`;
}

const texts = new Map<string, JsonObject>();

/** Rows come again and again: each text is parsed once, more or less. */
function parsed(text: string): JsonObject {
  const known = texts.get(text);
  if (known) return known;
  if (texts.size > 5000) texts.clear();
  const row = JSON.parse(text) as JsonObject;
  texts.set(text, row);
  return row;
}
