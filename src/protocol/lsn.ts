/**
 * Log sequence numbers in the text form of Postgres: two hexadecimal halves, `X/Y`, 64 bits together.
 *
 * They are compared as integers, never as text: `0/A < 0/10 < A/0`. Postgres itself reads either case and
 * up to eight digits a half, padded or not (`pg_lsn_in`, src/backend/utils/adt/pg_lsn.c), and newer versions
 * print the second half padded; so all of these are read here too, and one canonical form is written.
 */
const SHAPE = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** A canonical LSN: upper case, no padding, such as `16/B374D48`. */
export type Lsn = string;

/** Where nothing has happened yet; below every LSN that a transaction can have. */
export const LSN_ZERO: Lsn = '0/0';

/** The LSN as a 64-bit integer, or undefined where the text is none. */
export function parseLsn(text: unknown): bigint | undefined {
  const match = typeof text === 'string' ? SHAPE.exec(text) : null;
  return match ? (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`) : undefined;
}

/** The canonical text of an LSN given as an integer. */
export function formatLsn(value: bigint): Lsn {
  return `${(value >> 32n).toString(16)}/${(value & 0xffffffffn).toString(16)}`.toUpperCase();
}

const CANONICAL = /^(?:0|[1-9A-F][0-9A-F]{0,7})\/(?:0|[1-9A-F][0-9A-F]{0,7})$/;

/** The canonical text of an LSN in any of its spellings, or undefined where the text is none. */
export function normaliseLsn(text: unknown): Lsn | undefined {
  // Nearly all are, and each frame has two.
  if (typeof text === 'string' && CANONICAL.test(text)) return text;
  const value = parseLsn(text);
  return value === undefined ? undefined : formatLsn(value);
}

/** Negative, zero or positive as `a` lies before, at or behind `b`. @throws RangeError where one is no LSN. */
export function compareLsn(a: Lsn, b: Lsn): number {
  if (a === b) return 0;
  const left = parseLsn(a);
  const right = parseLsn(b);
  if (left === undefined || right === undefined) throw new RangeError('Not an LSN');
  return left < right ? -1 : left > right ? 1 : 0;
}
