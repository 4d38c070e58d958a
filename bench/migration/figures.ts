/** What the measurements say: before and after side by side, and what was promised of the one against the other. */
import type {Figure} from '../report.js';
import {quantile} from '../statistics.js';

/** How many times better it is to be where more was promised than to be no worse. */
export const MUCH = 5;

/** One line of the table. */
export interface Row {
  name: string;
  unit: string;
  before: number;
  after: number;
  isMoreBetter?: boolean;
  /** Times better that `after` must be. Default 1: no worse. */
  times?: number;
  /** In the row's unit: differences below it are the clock's. Default 0. */
  step?: number;
}

/** The worst that `after` may be. */
export function boundOf({before, isMoreBetter = false, times = 1, step = 0}: Row): number {
  return isMoreBetter ? before * times - step : before / times + step;
}

/** Undefined where nothing was promised of it, as of nothing that is to be several times less. */
export function isKept(row: Row): boolean | undefined {
  const {before, after, isMoreBetter = false, times = 1} = row;
  if (before === 0 && after === 0 && times > 1) return undefined;
  return isMoreBetter ? after >= boundOf(row) : after <= boundOf(row);
}

export function figuresOf(rows: readonly Row[]): Figure[] {
  return rows.flatMap(row => {
    const {name, unit, before, after, isMoreBetter} = row;
    const goal = isMoreBetter ? {atLeast: boundOf(row)} : {atMost: boundOf(row)};
    return [
      {name: `${name}: before`, value: before, unit},
      {name: `${name}: after`, value: after, unit, ...(isKept(row) === undefined ? {} : {goal})},
    ];
  });
}

const MARKS = {from: '<!-- bench: migration -->', to: '<!-- end -->'};

/** A page with the table of it between its marks. @throws where it has none */
export function withTable(page: string, note: string, rows: readonly Row[]): string {
  const [head, rest] = page.split(MARKS.from);
  const tail = rest?.split(MARKS.to)[1];
  if (head === undefined || tail === undefined) throw new Error(`The page lacks ${MARKS.from} … ${MARKS.to}`);
  const lines = rows.map(row => {
    const {name, unit, before, after} = row;
    const kept = isKept(row);
    return [name, shown(before, unit), shown(after, unit), kept === undefined ? '–' : kept ? 'yes' : '**no**'];
  });
  const cells = [['', 'before', 'after', 'as promised'], ...lines];
  const widths = [0, 1, 2, 3].map(column => Math.max(...cells.map(line => line[column]?.length ?? 0)));
  const isNumber = (column: number) => column === 1 || column === 2;
  const written = cells.map(line =>
    line.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    ),
  );
  const rule = widths.map((width, column) => (isNumber(column) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [title = [], ...body] = written;
  const table = [title, rule, ...body].map(line => `| ${line.join(' | ')} |`).join('\n');
  return `${head}${MARKS.from}\n\n${note}\n\n${table}\n\n${MARKS.to}${tail}`;
}

/** As people read it: `14,703 rows/s`. */
export function shown(value: number, unit: string): string {
  return `${value.toLocaleString('en', {maximumFractionDigits: value < 10 ? 1 : 0})} ${unit}`;
}

/** A total without what a page that does nothing, and is traced, would have used in that time. */
export function withoutIdle(total: number, milliseconds: number, idle: {total: number; milliseconds: number}): number {
  return Math.max(0, total - (idle.total / idle.milliseconds) * milliseconds);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
