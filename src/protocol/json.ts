/** What a JSON text can say, and the checks that keep hostile JSON out. */

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
export type JsonObject = {[key: string]: Json};

/** Values may nest this deep; beyond it `JSON.stringify` and structured clone run out of stack somewhere. */
export const MAX_DEPTH = 64;

/** Bytes of the text in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An id as it may travel: text of 1 to 1,024 characters, well-formed, without NUL (Postgres has no place for it). */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= 1024 &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}

/** A type name as it may travel: an id of at most 255 characters that can't be mistaken for an object's own machinery. */
export function isTypeName(value: unknown): value is string {
  return (
    isId(value) && value.length <= 255 && value !== '__proto__' && value !== 'constructor' && value !== 'prototype'
  );
}

/** What is wrong with a parsed value: too deep, or a number such as `1e999`, which JSON.parse makes infinite. */
export type ValueFlaw = 'depth' | 'number' | 'unsafe-integer';

/**
 * Looks through a parsed JSON value. Returns the first flaw, or undefined. `unsafe-integer` is a suspicion only: the
 * number is a whole one beyond 2^53, so if its text was a plain integer digits were lost; see `hasUnsafeInteger`.
 */
export function findFlaw(value: unknown, depth = 0): ValueFlaw | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'number';
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? 'unsafe-integer' : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return 'depth';
  let suspicion: ValueFlaw | undefined;
  // Object.values rather than for…in: own properties only, whatever was done to Object.prototype.
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item === 'string' || item === null || typeof item === 'boolean') continue;
    const flaw = findFlaw(item, depth + 1);
    if (flaw === 'unsafe-integer') suspicion = flaw;
    else if (flaw) return flaw;
  }
  return suspicion;
}

/** Whether a JSON text spells a number as a plain integer of 16 or more digits, outside strings: digits JSON.parse loses. */
export function hasUnsafeInteger(text: string): boolean {
  // Few texts have so many digits in a row anywhere.
  if (!/\d{16}/.test(text)) return false;
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  // Whole numbers are matched, fractions and exponents with them, so that the digits of 0.30000000000000004 are not taken for one.
  for (const [digits, rest] of bare.matchAll(/-?\d+((?:\.\d+)?(?:[eE][+-]?\d+)?)/g)) {
    if (rest === '' && !Number.isSafeInteger(Number(digits))) return true;
  }
  return false;
}
