/** What a client wants of the server's types, and the short name under which a checkpoint remembers it. */
import type {Want} from './frames.js';

/**
 * A hash of the subscription, the same at client and server however it was spelled. Undefined means every type the
 * server publishes. 64 bits are plenty: only the client itself could choose a collision, against itself.
 */
export function subscriptionHash(want: readonly Want[] | undefined): string {
  if (!want) return 'all';
  const parts = want.map(item => {
    if (typeof item === 'string') return JSON.stringify([item]);
    const where = Object.entries(item.where ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(where.length ? [item.type, where] : [item.type]);
  });
  return fnv1a([...new Set(parts)].sort().join('\n'));
}

/** FNV-1a, 64 bits (draft-eastlake-fnv), over UTF-16 units. */
export function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
