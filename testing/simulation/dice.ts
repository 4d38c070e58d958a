/** Seeded randomness and the globals it replaces while a run lasts: nothing of a run depends on anything but its seed. */

import type {UUID} from 'node:crypto';
import crypto from 'node:crypto';
import {syncBuiltinESMExports} from 'node:module';
import {type SeededRandom, seededRandom} from './random.js';

export interface Dice extends SeededRandom {
  uuid(): UUID;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
}

export function dice(seed: number): Dice {
  const random = seededRandom(seed);
  const hex = (digits: number) => Array.from({length: digits}, () => random.below(16).toString(16)).join('');
  return {
    ...random,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    between: (low, high) => low + random.below(high - low + 1),
    chance: probability => random.fraction() < probability,
  };
}

/**
 * What the server's code takes from outside (the wall clock, random names, chance), and what the client's code finds in every
 * browser but not in Node 20. Returns what puts it all back.
 */
export function replaceGlobals(now: () => number, random: Dice): () => void {
  const before = {now: Date.now, random: Math.random, uuid: crypto.randomUUID};
  Date.now = now;
  Math.random = random.fraction;
  crypto.randomUUID = random.uuid;
  syncBuiltinESMExports();
  const isOld = !('withResolvers' in Promise);
  if (isOld) Object.defineProperty(Promise, 'withResolvers', {value: withResolvers, configurable: true});
  return () => {
    if (isOld) Reflect.deleteProperty(Promise, 'withResolvers');
    Date.now = before.now;
    Math.random = before.random;
    crypto.randomUUID = before.uuid;
    syncBuiltinESMExports();
  };
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: PromiseWithResolvers<T>['resolve'] = () => {};
  let reject: PromiseWithResolvers<T>['reject'] = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return {promise, resolve, reject};
}
