/** How long ago, in whole steps that a person cares about, and when the next step comes. */

const MINUTE = 60_000;
const STEPS: readonly [unit: Intl.RelativeTimeFormatUnit, size: number][] = [
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
];

export interface Ago {
  /** Undefined: just now. */
  step: {value: number; unit: Intl.RelativeTimeFormatUnit} | undefined;
  /** When it reads differently, in milliseconds since 1970. */
  nextAt: number;
}

/** A time that lies ahead, because a clock was set back, is just now. */
export function timeAgo(then: number, now: number): Ago {
  const age = now - then;
  for (const [unit, size] of STEPS) {
    const count = Math.floor(age / size);
    if (count >= 1) return {step: {value: -count, unit}, nextAt: then + (count + 1) * size};
  }
  return {step: undefined, nextAt: Math.min(then, now) + MINUTE};
}
