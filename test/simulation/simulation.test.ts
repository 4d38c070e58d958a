/**
 * The simulator's own tests: a fixed list of seeds that have to pass, failures that were found, the proof that the same
 * seed is the same run, and the proof that it sees: bugs planted one at a time. New seeds are in new-seeds.test.ts.
 */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {Action, ActionKind, Plan} from '../../testing/simulation/actions.js';
import {readPlan, writePlan} from '../../testing/simulation/plan-text.js';
import {type Outcome, runPlan, runSeed} from '../../testing/simulation/run.js';
import {report, shrink} from '../../testing/simulation/shrink.js';
import {BUGS} from './bugs.js';
import {FIXED, KNOWN, SEEN_AT} from './seeds.js';

/** Seeds at which a planted bug has to be seen, from where it was seen first: the code around it may change. */
const TRIES = 150;

async function judge(outcome: Outcome): Promise<void> {
  if (outcome.failure) assert.fail(report(await shrink(outcome)));
}

describe('a run', () => {
  it('is the same for the same seed, to the last frame', async () => {
    for (const seed of FIXED.slice(0, 5)) {
      const [one, two] = [await runSeed(seed), await runSeed(seed)];
      assert.equal(one.hash, two.hash, `seed ${seed}`);
      assert.equal(one.steps, two.steps);
    }
  });

  it('takes no real time, and leaves the real clock as it was', async () => {
    const began = performance.now();
    const clock = Date.now;
    const {seconds} = await runSeed(FIXED[0] ?? 1);
    assert.ok(performance.now() - began < seconds * 1000);
    assert.equal(Date.now, clock);
  });
});

describe('the fixed seeds', () => {
  it(`hold all invariants: ${FIXED.length} of them`, async () => {
    for (const seed of FIXED) await judge(await runSeed(seed));
  });
});

describe('a crash at the n-th commit', () => {
  for (const kind of ['crash-before', 'crash-after'] as const) {
    it(`loses and doubles nothing: ${kind.slice(6)} each of the first 40`, async () => {
      for (let n = 0; n < 40; n++) await judge(await runPlan(crashPlan(kind, n)));
    });
  }
});

describe('what was found stays mended', () => {
  for (const {plan, breaks, cause} of KNOWN) {
    it(`${breaks}: ${cause}`, async () => {
      const {failure} = await runPlan(readPlan(plan));
      assert.equal(failure?.message, undefined);
    });
  }
});

describe('the simulator sees', () => {
  for (const [index, bug] of BUGS.entries()) {
    it(bug.name, async t => {
      const from = SEEN_AT[index] ?? 1;
      for (let seed = from; seed < from + TRIES; seed++) {
        const {failure} = await runSeed(seed, bug.sabotage);
        if (!bug.seenBy.test(failure?.message ?? '')) continue;
        t.diagnostic(`seed ${seed}: ${failure?.message}`);
        return;
      }
      assert.fail(`not at any of ${TRIES} seeds from ${from} on`);
    });
  }

  it('and tells it with fewer actions', async () => {
    const {sabotage = {}} = BUGS.find(({name}) => name.includes('overtakes')) ?? {};
    const failed = await runSeed(2, sabotage);
    const smaller = await shrink(failed, sabotage);
    assert.ok(smaller.failure);
    assert.ok(smaller.plan.actions.length < failed.plan.actions.length / 2);
    assert.match(report(smaller), /^seed \d+/);
    assert.deepEqual(readPlan(writePlan(smaller.plan)), smaller.plan);
  });
});

/** A short day at work: writes from two tabs, a lost connection, a server that restarts, and one crash. */
function crashPlan(crash: ActionKind, n: number): Plan {
  const kinds: ActionKind[] = [crash, 'put', 'put', 'server-write', 'patch', 'read', 'reset', 'put', 'server-edit'];
  const rest: ActionKind[] = ['open-tab', 'remove', 'put', 'server-restart', 'put', 'read', 'open-tab', 'read-pairs'];
  const actions = [...kinds, ...rest].map((kind, index): Action => {
    return {kind, at: 1 + index * 150, profile: 0, tab: index, key: index, n: index === 0 ? n : 3 + index, ms: 400};
  });
  return {seed: n + 1, profiles: 1, tabs: 2, tokenLife: undefined, partial: n % 2 === 1, own: undefined, actions};
}
