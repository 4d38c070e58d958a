/** Small checks that the two frame parsers share. Each throws a SyncError `bad-frame` that names the field. */
import {SyncError} from './errors.js';
import {isId, isObject, isTypeName} from './json.js';
import {type Lsn, normaliseLsn} from './lsn.js';

export function badFrame(what: string, cause?: unknown): SyncError {
  return new SyncError('bad-frame', `Malformed frame: ${what}`, {cause});
}

/** The frame as an object, from a text of at most `limit` characters. @throws SyncError `bad-frame`, `frame-too-large` */
export function parseObject(text: string, limit: number): Record<string, unknown> {
  if (text.length > limit) {
    throw new SyncError('frame-too-large', `A frame of ${text.length} characters; the limit is ${limit}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badFrame('not JSON', cause);
  }
  if (!isObject(value)) throw badFrame('not an object');
  return value;
}

type Frame = Record<string, unknown>;

export function need<T>(frame: Frame, field: string, value: T | undefined): T {
  if (value !== undefined) return value;
  // Never String(type): what came may be an object whose own toString throws, or an array too deep to print.
  const {type} = frame;
  throw badFrame(`'${field}'${typeof type === 'string' ? ` of '${type.slice(0, 40)}'` : ''}`);
}

/** Own properties only: `toString` and friends must not pass for fields. */
export function own(frame: Frame, field: string): unknown {
  return Object.hasOwn(frame, field) ? frame[field] : undefined;
}

export function text(frame: Frame, field: string, max = 4096): string {
  return fitting(frame, field, (value): value is string => typeof value === 'string' && value.length <= max);
}

/** A field of which one look tells whether it is what it should be. */
export function fitting<T>(frame: Frame, field: string, fits: (value: unknown) => value is T): T {
  const value = own(frame, field);
  return need(frame, field, fits(value) ? value : undefined);
}

export function id(frame: Frame, field: string): string {
  return fitting(frame, field, isId);
}

export function typeName(frame: Frame, field: string): string {
  return fitting(frame, field, isTypeName);
}

export function lsn(frame: Frame, field: string): Lsn {
  return need(frame, field, normaliseLsn(own(frame, field)));
}

export function count(frame: Frame, field: string): number {
  return fitting(frame, field, (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0);
}

/** Milliseconds to wait, an hour at the most: what is asked for beyond that, by mistake or in malice, would be never. */
export function wait(frame: Frame, field: string): number {
  return Math.min(count(frame, field), 3_600_000);
}

export function time(frame: Frame, field: string): number {
  return fitting(frame, field, (value): value is number => Number.isFinite(value));
}

export function flag(frame: Frame, field: string): boolean {
  return fitting(frame, field, value => typeof value === 'boolean');
}

export function oneOf<const T extends string>(frame: Frame, field: string, values: readonly T[]): T {
  return fitting(frame, field, (value): value is T => values.some(candidate => candidate === value));
}

/** Reads a field that may be absent (or null, which counts as absent). */
export function optional<T>(frame: Frame, field: string, read: (frame: Frame, field: string) => T): T | undefined {
  const value = own(frame, field);
  return value === undefined || value === null ? undefined : read(frame, field);
}

/** An object without the fields that are undefined: what `exactOptionalPropertyTypes` wants to see. */
export function compact<T extends object>(value: {[K in keyof T]: T[K] | undefined}): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value as T;
}
