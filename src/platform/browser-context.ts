/** What page and worker both need to know of where they run. Small: it is part of what a page loads first. */
import type {Random} from './platform.js';

/** Whether a client can be durable and share with other tabs: Web Locks want https or localhost, IndexedDB can be blocked. */
export function canLast(): boolean {
  return Boolean(globalThis.navigator?.locks && globalThis.indexedDB && globalThis.BroadcastChannel);
}

export const browserRandom: Random = {
  fraction: () => Math.random(),
  // crypto.randomUUID is there in secure contexts only; getRandomValues everywhere. RFC 9562, version 4: each 0 and 1 of the
  // pattern becomes any digit, its 8 one of 8 to b.
  uuid: () =>
    crypto.randomUUID
      ? crypto.randomUUID()
      : '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, digit => {
          const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
          return (Number(digit) ^ (byte & (digit === '8' ? 3 : 15))).toString(16);
        }),
};
