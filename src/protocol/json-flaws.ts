/** The checks that keep hostile JSON out, for who reads what others have written. A page's first load does without. */
import {MAX_DEPTH} from './json.js';

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
