import type {Stretch} from './stretches.js';

/**
 * How a list has changed.
 * @param before the list before as texts, of which equal ones are the same item
 * @param after the list as texts
 * @param items the list
 */
export function stretchesOf<T>(before: readonly string[], after: readonly string[], items: readonly T[]): Stretch<T>[] {
  const places = new Map(before.map((text, place) => [text, place]));
  const stretches: Stretch<T>[] = [];
  items.forEach((item, at) => {
    const place = places.get(after[at] ?? '');
    const last = stretches.at(-1);
    if (place === undefined) {
      if (last && 'items' in last) last.items.push(item);
      else stretches.push({items: [item]});
    } else if (last && 'to' in last && last.to === place) {
      last.to++;
    } else {
      stretches.push({from: place, to: place + 1});
    }
  });
  return stretches;
}
