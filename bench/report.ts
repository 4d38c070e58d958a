/** How every bench tells its result: a table for people and, with `--json`, one line for machines. */

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What was promised, and so which way is better. Left out where a figure only informs. */
  goal?: {atLeast: number} | {atMost: number};
}

/** True or false where there is a goal, else null. */
export function isMet({value, goal}: Figure): boolean | null {
  if (goal === undefined) return null;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

/** The value of the goal with its direction, as it is shown: `≥ 50,000`. */
function goalText({goal}: Figure): string {
  if (goal === undefined) return '';
  return 'atLeast' in goal ? `≥ ${numberText(goal.atLeast)}` : `≤ ${numberText(goal.atMost)}`;
}

const numberText = (value: number) =>
  value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) < 10 ? 3 : Math.abs(value) < 1000 ? 1 : 0,
  });

/** The table, one figure a line, numbers to the right. */
export function reportTable(figures: readonly Figure[]): string {
  const rows = figures.map(figure => {
    const met = isMet(figure);
    return [figure.name, numberText(figure.value), figure.unit, goalText(figure), met === null ? '' : met ? '✔' : '✖'];
  });
  const width = (column: number) => Math.max(0, ...rows.map(row => row[column]?.length ?? 0));
  const right = (column: number) => column === 1 || column === 3;
  return rows
    .map(row =>
      row
        .map((text, column) => (right(column) ? text.padStart(width(column)) : text.padEnd(width(column))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The line for machines. `goal` and `met` are null where a figure only informs. */
export function reportJson(bench: string, figures: readonly Figure[]): string {
  return JSON.stringify({
    bench,
    figures: figures.map(figure => ({
      name: figure.name,
      value: figure.value,
      unit: figure.unit,
      goal: figure.goal ?? null,
      met: isMet(figure),
    })),
  });
}

/** Prints the result. Call it once, as the last thing: with `json` its line is the last of the output. */
export function report(bench: string, figures: readonly Figure[], {json = process.argv.includes('--json')} = {}): void {
  console.log(`${bench}\n${reportTable(figures)}`);
  if (json) console.log(reportJson(bench, figures));
}
