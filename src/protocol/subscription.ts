/** What a client wants of the server's types, and the short name under which a checkpoint remembers it. */
import type {Want} from './frames.js';
import {isObject, isTypeName, type JsonObject} from './json.js';
import {findFlaw} from './json-flaws.js';

/**
 * A hash of the subscription, the same at client and server however it was spelled. Undefined means every type the
 * server publishes. 64 bits are plenty: only the client itself could choose a collision, against itself.
 */
export function subscriptionHash(want: readonly Want[] | undefined): string {
  if (!want) return 'all';
  return fnv1a([...new Set(want.map(spell))].sort().join('\n'));
}

/** One part of a subscription, in the one way of all in which it can be spelled. */
function spell(item: Want): string {
  if (typeof item === 'string') return JSON.stringify([item]);
  const where = Object.entries(item.where ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(where.length ? [item.type, where] : [item.type]);
}

export function typeOf(want: Want): string {
  return typeof want === 'string' ? want : want.type;
}

/** All that any of these wants, each part once, and no part of a type that is wanted whole. Undefined: everything. */
export function unionOf(all: readonly (readonly Want[] | undefined)[]): Want[] | undefined {
  if (all.includes(undefined)) return undefined;
  const parts = new Map(all.flatMap(wants => wants ?? []).map(want => [spell(want), want]));
  return [...parts].flatMap(([text, want]) => {
    const whole = spell(typeOf(want));
    return text === whole || !parts.has(whole) ? [want] : [];
  });
}

/** A subscription that came from outside, or undefined: it is none. */
export function readWants(list: unknown): Want[] | undefined {
  if (!Array.isArray(list) || list.length > 1000) return undefined;
  const wants = list.flatMap((item: unknown): Want[] => {
    if (isTypeName(item)) return [item];
    const {type, where} = isObject(item) ? item : {};
    if (!isTypeName(type)) return [];
    if (where === undefined) return [{type}];
    return isObject(where) && !findFlaw(where) ? [{type, where: where as JsonObject}] : [];
  });
  return wants.length === list.length ? wants : undefined;
}

/** FNV-1a, 64 bits (draft-eastlake-fnv), over UTF-16 units. */
export function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
