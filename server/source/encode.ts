/** Rows, keys and changes as the JSON texts that travel. Pure; shared by the sources so that they spell alike. */
import {hasUnsafeInteger, isId, type Json, type JsonObject, MAX_DEPTH} from '../../src/protocol/protocol.js';
import type {Filter} from './change-source.js';

/** A change as it stands in a frame. `row` is spliced in as it is: parsing it only to print it again would cost most. */
export function changeText(table: string, id: string, row: string | null): string {
  const head = `"entityType":${JSON.stringify(table)},"entityId":${JSON.stringify(id)}`;
  return row === null ? `{"type":"delete",${head}}` : `{"type":"update",${head},"data":${row}}`;
}

/** The columns of a key as one entity id: alone as it is, several as a JSON array. */
export function encodeKey(parts: readonly string[]): string {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : JSON.stringify(parts);
}

/** The columns of an entity id, or undefined where it is none of a key of `width` columns. */
export function decodeKey(id: string, width: number): string[] | undefined {
  if (!id.isWellFormed() || id.includes('\0')) return undefined;
  if (width === 1) return [id];
  try {
    const parts: unknown = JSON.parse(id);
    if (!Array.isArray(parts) || parts.length !== width) return undefined;
    const ok = parts.every(
      (part): part is string => typeof part === 'string' && part.isWellFormed() && !part.includes('\0'),
    );
    // One spelling only, or two ids would mean one row.
    return ok && JSON.stringify(parts) === id ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a row passes: every column equal as text, so that `5` finds the int8 that travels as '5'. */
export function matches(row: JsonObject, filter: Filter): boolean {
  return filter.every(([column, wanted]) => {
    const value = Object.hasOwn(row, column) ? row[column] : undefined;
    if (value === null || value === undefined || wanted === null) return (value ?? null) === wanted;
    return typeof value !== 'object' && String(value) === String(wanted);
  });
}

/** Numbers outside strings: the only tokens of JSON that start with a digit or a minus. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * A row that a client can take: free-form JSON columns may hold numbers that `JSON.parse` would lose digits of or make
 * infinite (those become strings, as int8 and numeric do), or nest deeper than the protocol allows (then the column
 * travels as its JSON text). Left alone, one such row would stop the stream of everyone who sees it.
 */
export function wireSafe(row: string): string {
  let text = row;
  if (hasUnsafeInteger(text) || /\d{300}|\d[eE]\+?\d{3}/.test(text)) {
    text = text.replace(TOKENS, token =>
      token.startsWith('"') || (Number.isFinite(Number(token)) && !hasUnsafeInteger(token)) ? token : `"${token}"`,
    );
  }
  // Few rows have so many brackets at all, deep or not.
  if ((text.match(/[[{]/g)?.length ?? 0) < MAX_DEPTH || nesting(text) < MAX_DEPTH) return text;
  const value = JSON.parse(text) as JsonObject;
  const flat = Object.entries(value).map(([column, item]): [string, Json] => {
    const inner = JSON.stringify(item);
    return [column, nesting(inner) < MAX_DEPTH - 1 ? item : inner];
  });
  return JSON.stringify(Object.fromEntries(flat));
}

function nesting(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth);
    else if (!token.startsWith('"')) depth--;
  }
  return deepest;
}

/** Characters of a row beyond which its frame would not fit the 8 MiB that a client takes. */
const LARGEST = 7 * 1024 * 1024;

/**
 * Whether a change can travel at all: its id is one that frames can carry, its row fits. What can't is left out, for
 * everyone and always, rather than let stop the stream of all who see its table.
 */
export function canTravel(id: string, row: string | null): boolean {
  return isId(id) && (row === null || row.length < LARGEST / 3 || Buffer.byteLength(row) < LARGEST);
}
