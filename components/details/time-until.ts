/** How long until something, as a person counts it. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export interface Until {
  value: number;
  unit: 'second' | 'minute' | 'hour';
  /** When it reads differently, in milliseconds since 1970. */
  nextAt: number;
}

/** Seconds up to a minute and a half, then minutes up to an hour and a half. */
export function timeUntil(then: number, now: number): Until {
  const left = then - now;
  if (left < 1.5 * MINUTE) {
    const value = Math.ceil(left / SECOND);
    return {value, unit: 'second', nextAt: then - (value - 1) * SECOND};
  }
  const [unit, size] = left < 1.5 * HOUR ? (['minute', MINUTE] as const) : (['hour', HOUR] as const);
  const value = Math.round(left / size);
  // At half a unit less, but for the last before a smaller unit takes over; a moment later, for that is when it does.
  return {value, unit, nextAt: then - (value - 0.5) * size + 1};
}
