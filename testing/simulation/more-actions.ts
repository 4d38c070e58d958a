/**
 * What happens besides, in every second run, and how the server speaks there: drawn from streams of their own, so that the
 * plans of other runs stay what they were.
 */
import type {Action} from './actions.js';
import {dice} from './dice.js';

export const MORE = {
  // pages
  query: 20,
  watch: 12,
  unwatch: 2,
  // network: frames get lost on a line that stays up
  lose: 3,
  // storage: full at the n-th commit
  quota: 3,
  // server
  'server-rows': 24,
  'server-huge': 2,
} as const;

export type MoreKind = keyof typeof MORE;

/** How the server speaks in a run. */
export interface Speech {
  /** Bytes of data that it may have on their way to a tab; undefined: as many as it is told by default. */
  window: number | undefined;
  /** Whether it names only the columns of a row that have changed. */
  terse: boolean;
}

export function drawSpeech(seed: number): Speech {
  const random = dice(seed ^ 0x3e1f);
  return {window: random.chance(0.25) ? 40_000 : undefined, terse: random.chance(0.35)};
}

/** @param last when the last of the others happens, in milliseconds from the start */
export function drawMore(seed: number, last: number): Action[] {
  const random = dice(seed ^ 0x70c5);
  if (!random.chance(0.5)) return [];
  const bag = (Object.keys(MORE) as MoreKind[]).flatMap(kind => Array<MoreKind>(MORE[kind]).fill(kind));
  const draw = (): Action => ({
    kind: random.pick(bag),
    at: random.below(last + 1),
    profile: random.below(1000),
    tab: random.below(1000),
    key: random.below(1000),
    n: random.between(1, 1000),
    ms: random.between(50, random.pick([500, 5000, 40_000])),
  });
  return Array.from({length: random.between(5, 60)}, draw);
}
