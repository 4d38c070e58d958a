/**
 * A list told as what has changed of it: of a thousand rows of which one is another, one travels, and the page keeps the
 * objects of all the others.
 */

/** Items of the list before, up to but not with `to`; or items that were not in it. */
export type Stretch<T> = {from: number; to: number} | {items: T[]};

/** The list, from the one before. */
export function joined<T>(before: readonly T[], stretches: readonly Stretch<T>[]): T[] {
  return stretches.flatMap(stretch => ('items' in stretch ? stretch.items : before.slice(stretch.from, stretch.to)));
}
