/** The value below which the share `q` (0 to 1) of the values lies: 0.5 is the median. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** How many times the other's value, in the middle: of quotients by turn, as both of a turn found the machine alike. */
export function medianRatio(values: readonly number[], others: readonly number[]): number {
  return quantile(
    values.map((value, turn) => value / (others[turn] ?? Number.NaN)),
    0.5,
  );
}
