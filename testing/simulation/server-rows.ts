/** What the host's own code writes at the server: transactions of any shape, drawn by their number. */
import {dice} from './dice.js';

export type Columns = Record<string, string | number>;
export type RowWrite = [table: string, id: string, columns: Columns | null];

/** With case and accents, which queries ignore; some are the same then. */
export const WORDS = ['Zahn', 'zähne', 'éclair', 'Eclair', 'ECLAIR', 'x', ''] as const;

const COUNT = 6;

/**
 * One transaction on rows that nobody else writes: rows come, change in one column or several, go, come again within it, take
 * another key (the old row goes, and one like it comes), and any of them more than once.
 * @param owners whom rows may be given to, which are wanted or not by that
 * @param read a row as it is before the transaction
 */
export function drawRows(
  number: number,
  owners: readonly string[],
  read: (table: string, id: string) => Columns | null,
): RowWrite[] {
  const random = dice(number ^ 0x10cb);
  const id = () => `i${random.below(COUNT)}`;
  const h = () => random.below(10);
  const s = () => random.pick(WORDS);
  const writes: RowWrite[] = [];
  for (let left = random.pick([1, 1, 2, 3, 8]); left > 0; left--) {
    const at = id();
    const to = id();
    const shapes: (() => RowWrite[])[] = [
      () => [['pair', at, {h: h(), s: s()}]],
      () => [['pair', at, {h: h()}]],
      () => [['pair', at, {s: s()}]],
      () => [['pair', at, null]],
      () => [
        ['pair', at, {h: h()}],
        ['pair', at, {h: h(), s: s()}],
      ],
      () => [
        ['pair', at, null],
        ['pair', at, {h: h(), s: s()}],
      ],
      () => [
        ['pair', at, {h: h()}],
        ['pair', at, null],
      ],
      () => {
        const {id: _, ...row} = read('pair', at) ?? {h: h()};
        return [
          ['pair', at, null],
          ['pair', to, row],
        ];
      },
    ];
    if (owners.length > 0) shapes.push(() => [['own', `anonymous-${random.below(3)}`, {owner: random.pick(owners)}]]);
    writes.push(...random.pick(shapes)());
  }
  return writes;
}

/** One that is larger than a small window, and some of whose rows come twice. */
export function hugeRows(number: number): RowWrite[] {
  const random = dice(number ^ 0x4b1d);
  const rows = Array.from({length: random.between(6, 12)}, (_, index): RowWrite[] => {
    const blob = 'x'.repeat(random.between(10_000, 50_000));
    const row: RowWrite = ['pair', `i${index % COUNT}`, {blob, h: random.below(10)}];
    return random.chance(0.2) ? [row, ['pair', `i${index % COUNT}`, null]] : [row];
  });
  return rows.flat();
}
