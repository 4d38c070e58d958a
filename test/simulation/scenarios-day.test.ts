/** A day in the life of one profile, with everything that happens to a line: in virtual time, with every invariant held. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {Action, ActionKind} from '../../testing/simulation/actions.js';
import {dice} from '../../testing/simulation/dice.js';
import {runPlan} from '../../testing/simulation/run.js';
import {report} from '../../testing/simulation/shrink.js';

const DAY = 24 * 3_600_000;
const EVENTS = 400;

const KINDS: readonly ActionKind[] = [
  ...(['put', 'put', 'put', 'patch', 'remove', 'read', 'read-own', 'server-edit', 'server-own'] as const),
  ...([
    'reset',
    'reset',
    'half-open',
    'offline',
    'offline-silent',
    'stall-up',
    'stall-down',
    'server-restart',
  ] as const),
  ...(['logout', 'login', 'login', 'login', 'mute', 'visible', 'force', 'disconnect', 'connect'] as const),
  ...(['open-tab', 'close-tab', 'kill-tab', 'restart-worker', 'freeze', 'sleep'] as const),
];

function dayPlan(seed: number) {
  const random = dice(seed);
  const actions = Array.from({length: EVENTS}, (_, index): Action => {
    const [profile, tab, key] = [random.below(1000), random.below(1000), random.below(1000)];
    const at = Math.round(((index + random.fraction()) * DAY) / EVENTS);
    return {
      kind: random.pick(KINDS),
      at,
      profile,
      tab,
      key,
      n: random.between(1, 1000),
      ms: random.between(50, 600_000),
    };
  });
  return {
    seed,
    profiles: 1,
    tabs: 2,
    tokenLife: 3_600_000,
    partial: false,
    own: undefined,
    window: undefined,
    terse: false,
    actions,
  };
}

describe('24 hours of flaps, expiries and logouts', () => {
  for (const seed of [1, 2, 3]) {
    it(`leave everything in order, from seed ${seed}`, async () => {
      const outcome = await runPlan(dayPlan(seed));
      if (outcome.failure) assert.fail(report(outcome));
      assert.ok(outcome.seconds * 1000 > 0.99 * DAY);
    });
  }
});
