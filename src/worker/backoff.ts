/** How long to wait before the next try. */

const FLOOR = 500;
const CEILING = 29_500;

/**
 * Half a second plus a random part of an exponentially growing span ("full jitter", so that a crowd that lost its server
 * spreads out): 500 ms + random(0, min(29.5 s, 500 ms · 2ⁿ)).
 * @param attempt how many tries have failed before, from 0
 * @param fraction a random number from 0 up to but not 1
 */
export function backoff(attempt: number, fraction: number): number {
  return FLOOR + fraction * Math.min(CEILING, FLOOR * 2 ** Math.min(attempt, 16));
}
