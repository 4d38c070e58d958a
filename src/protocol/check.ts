/** Small checks that the two frame parsers share. Each throws a SyncError `bad-frame` that names the field. */
import {SyncError} from './errors.js';
import {isObject, isTypeName} from './json.js';
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
  const value = own(frame, field);
  return need(frame, field, typeof value === 'string' && value.length <= max ? value : undefined);
}

export function id(frame: Frame, field: string): string {
  const value = text(frame, field, 1024);
  return need(frame, field, value.length > 0 && value.isWellFormed() && !value.includes('\0') ? value : undefined);
}

export function typeName(frame: Frame, field: string): string {
  const value = own(frame, field);
  return need(frame, field, isTypeName(value) ? value : undefined);
}

export function lsn(frame: Frame, field: string): Lsn {
  return need(frame, field, normaliseLsn(own(frame, field)));
}

export function count(frame: Frame, field: string): number {
  const value = own(frame, field);
  return need(frame, field, Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined);
}

/** Milliseconds to wait, an hour at the most: what is asked for beyond that, by mistake or in malice, would be never. */
export function wait(frame: Frame, field: string): number {
  return Math.min(count(frame, field), 3_600_000);
}

export function time(frame: Frame, field: string): number {
  const value = own(frame, field);
  return need(frame, field, typeof value === 'number' && Number.isFinite(value) ? value : undefined);
}

export function flag(frame: Frame, field: string): boolean {
  const value = own(frame, field);
  return need(frame, field, typeof value === 'boolean' ? value : undefined);
}

export function oneOf<const T extends string>(frame: Frame, field: string, values: readonly T[]): T {
  const value = own(frame, field);
  return need(
    frame,
    field,
    values.find(candidate => candidate === value),
  );
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
