/** What happens in a run, drawn from its seed beforehand: plain data, so that a failure can be told with less of it. */
import type {Dice} from './dice.js';
import {drawMore, drawSpeech, type MoreKind, type Speech} from './more-actions.js';
import {drawOwn, type OwnKind} from './own-store.js';
import {drawIsPartial} from './wishes.js';

const WEIGHTS = {
  // pages
  put: 22,
  patch: 8,
  remove: 5,
  read: 14,
  'read-pairs': 4,
  'read-own': 3,
  connect: 3,
  disconnect: 2,
  force: 2,
  resync: 1,
  retry: 2,
  discard: 2,
  visible: 1,
  mute: 1,
  logout: 2,
  login: 4,
  // tabs
  'open-tab': 4,
  'close-tab': 2,
  'kill-tab': 3,
  'kill-leader': 1,
  'restart-worker': 2,
  freeze: 3,
  // network
  reset: 3,
  'half-open': 2,
  'stall-up': 1,
  'stall-down': 1,
  slow: 1,
  'ack-lost': 2,
  offline: 2,
  'offline-silent': 1,
  'say-offline': 1,
  duplicate: 2,
  lossy: 1,
  // storage and clocks
  'crash-before': 2,
  'crash-after': 2,
  abort: 1,
  full: 1,
  'power-loss': 1,
  evict: 0.3,
  'version-change': 0.5,
  'copy-profile': 0.5,
  'lock-lost': 1,
  'clock-jump': 1,
  sleep: 1,
  // server
  'server-write': 8,
  'server-big': 1,
  'server-edit': 4,
  'server-own': 3,
  'server-restart': 2,
  backup: 2,
  restore: 1,
  rotate: 0.5,
  trim: 1,
} as const;

export type ActionKind = keyof typeof WEIGHTS | MoreKind;

export interface Action {
  kind: ActionKind;
  /** Milliseconds from the start. */
  at: number;
  /** Numbers from which each kind takes what it needs, so that leaving one action out changes no other. */
  profile: number;
  tab: number;
  key: number;
  n: number;
  ms: number;
}

export interface Plan extends Speech {
  seed: number;
  profiles: number;
  tabs: number;
  /** Milliseconds for which a token is good; undefined: nobody needs one. */
  tokenLife: number | undefined;
  /** Whether tabs want different things, which the seed says then; else all want everything. */
  partial: boolean;
  /** What databases of their own the users have; undefined: the embedded replica. */
  own: OwnKind | undefined;
  actions: Action[];
}

export function drawPlan(seed: number, random: Dice): Plan {
  const bag = Object.entries(WEIGHTS) as [keyof typeof WEIGHTS, number][];
  const total = bag.reduce((sum, [, weight]) => sum + weight, 0);
  const drawKind = (): keyof typeof WEIGHTS => {
    let left = random.fraction() * total;
    for (const [kind, weight] of bag) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'put';
  };
  // Some runs are calm and some are storms.
  const count = random.between(20, 110);
  const pace = random.pick([100, 600, 2500]);
  const actions: Action[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    at += random.fraction() * 2 * pace;
    actions.push({
      kind: drawKind(),
      at: Math.round(at),
      profile: random.below(1000),
      tab: random.below(1000),
      key: random.below(1000),
      n: random.between(1, 1000),
      ms: random.between(50, random.pick([500, 5000, 40_000])),
    });
  }
  const crowded = random.chance(0.03);
  return {
    seed,
    profiles: crowded ? 1 : random.between(1, 3),
    tabs: crowded ? 20 : random.between(1, 3),
    tokenLife: random.pick([undefined, undefined, 8000, 60_000, 3_600_000]),
    partial: drawIsPartial(seed),
    own: drawOwn(seed),
    ...drawSpeech(seed),
    actions: [...actions, ...drawMore(seed, Math.round(at))].sort((a, b) => a.at - b.at),
  };
}
