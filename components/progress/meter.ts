/**
 * How fast rows come, and how long the rest will take: measured over the last seconds, told only where it can be known.
 * An estimate that jumps is worse than none, so it is rounded as coarsely as a person would say it.
 */

/** Milliseconds over which the rate is measured. */
const WINDOW = 4000;
/** Below this there is too little to go by. */
const ENOUGH = 1000;
/** Nobody has to be told of less. */
const WORTH_TELLING = 2;

interface Sample {
  at: number;
  received: number;
}

export interface Left {
  value: number;
  unit: 'second' | 'minute' | 'hour';
}

export class Meter {
  #samples: Sample[] = [];

  /** What has come so far, at a time in milliseconds. Less than before is another transfer. */
  note(received: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && received < last.received) this.#samples = [];
    this.#samples = [...this.#samples.filter(sample => at - sample.at <= WINDOW), {at, received}];
  }

  /** Rows a second; undefined until there is enough to go by, and when nothing has come for as long as is measured. */
  rate(now: number): number | undefined {
    const recent = this.#samples.filter(sample => now - sample.at <= WINDOW);
    const [first] = recent;
    const last = recent.at(-1);
    if (!first || !last || now - first.at < ENOUGH || last.received === first.received) return undefined;
    return ((last.received - first.received) / (now - first.at)) * 1000;
  }

  /** How long the rest will take; undefined where nobody can say. */
  left(total: number | null, now: number): Left | undefined {
    const rate = this.rate(now);
    const received = this.#samples.at(-1)?.received ?? 0;
    if (total === null || rate === undefined || received >= total) return undefined;
    const seconds = (total - received) / rate;
    if (seconds < WORTH_TELLING) return undefined;
    if (seconds < 10) return {value: Math.round(seconds), unit: 'second'};
    if (seconds < 55) return {value: Math.round(seconds / 5) * 5, unit: 'second'};
    if (seconds < 3300) return {value: Math.max(1, Math.round(seconds / 60)), unit: 'minute'};
    return {value: Math.max(1, Math.round(seconds / 3600)), unit: 'hour'};
  }

  reset(): void {
    this.#samples = [];
  }
}
