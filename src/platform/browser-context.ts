/** What page and worker both need to know of where they run. Small: it is part of what a page loads first. */
import type {Random} from './platform.js';

/** What this context lacks for a durable, shared client, in words for the state; empty where nothing is missing. */
export function missingForDurability(): string[] {
  const missing: string[] = [];
  if (!globalThis.navigator?.locks) missing.push('Web Locks (they need https or localhost)');
  if (!globalThis.indexedDB) missing.push('IndexedDB');
  if (!globalThis.BroadcastChannel) missing.push('BroadcastChannel');
  return missing;
}

export const browserRandom: Random = {
  fraction: () => Math.random(),
  // crypto.randomUUID is there in secure contexts only; getRandomValues everywhere. RFC 9562, version 4.
  uuid: () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
  },
};
