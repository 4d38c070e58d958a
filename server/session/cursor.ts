/**
 * Where a snapshot goes on. The text is opaque to the client, which keeps it with the rows it stands for and brings it
 * back: hostile input then. It says by itself which history and subscription it belongs to, so that a resumed snapshot
 * never joins rows of two.
 */
import {isId, isObject, isTypeName, type Lsn, normaliseLsn} from '../../src/protocol/protocol.js';
import type {Position} from '../source/change-source.js';

export interface Cursor {
  generation: string;
  /** The transaction that the snapshot is to be replayed from. */
  lsn: Lsn;
  mark: string;
  /** The head when the last rows were read: they may hold what was committed up to there. */
  read: Position;
  /** Fingerprint of the subscription, permissions included. */
  subscription: string;
  /** Types whose rows do not come: the client kept those it had. */
  keep: string[];
  /** The table the snapshot is in, and the last id of it that went out; null: all rows are out. */
  at: {table: string; id: string | undefined} | null;
}

export function encodeCursor({generation, lsn, mark, read, subscription, keep, at}: Cursor): string {
  const place = at && (at.id === undefined ? [at.table] : [at.table, at.id]);
  return JSON.stringify([3, generation, lsn, mark, read.lsn, read.mark, subscription, keep, place]);
}

export function decodeCursor(text: string): Cursor | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== 3) return undefined;
  const [, generation, lsnText, mark, readText, readMark, subscription, keep, place] = value as unknown[];
  const lsn = normaliseLsn(lsnText);
  const readLsn = normaliseLsn(readText);
  if (lsn === undefined || readLsn === undefined) return undefined;
  if (!isId(generation) || !isId(mark) || !isId(readMark) || !isId(subscription)) return undefined;
  if (!Array.isArray(keep) || !keep.every(isTypeName)) return undefined;
  const origin = {generation, lsn, mark, read: {lsn: readLsn, mark: readMark}, subscription, keep};
  if (place === null) return {...origin, at: null};
  if (!Array.isArray(place) || isObject(place) || place.length < 1 || place.length > 2) return undefined;
  const [table, id] = place as unknown[];
  if (!isTypeName(table) || !(id === undefined || isId(id))) return undefined;
  return {...origin, at: {table, id}};
}
