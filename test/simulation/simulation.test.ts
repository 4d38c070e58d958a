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
import {ROW_BUGS} from './bugs-rows.js';
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
  for (const kind of ['crash-before', 'crash-after', 'abort', 'quota'] as const) {
    it(`loses and doubles nothing: ${kind}, each of the first 40`, async () => {
      for (let n = 0; n < 40; n++) await strike(crashPlan(kind, n));
    });
    it(`loses and doubles nothing: ${kind}, every second one of the first 12 of the user’s own database`, async () => {
      const own = {keeps: true, locks: true};
      for (let n = 1; n < 12; n += 2) await strike({...crashPlan(kind, n), own});
    });
  }
});

/** A plan whose fault finds nothing to strike has tested nothing. */
async function strike(plan: Plan): Promise<void> {
  const outcome = await runPlan(plan);
  await judge(outcome);
  assert.equal(outcome.struck, 1, writePlan(plan));
}

describe('what was found stays mended', () => {
  for (const {plan, breaks, cause} of KNOWN) {
    it(`${breaks}: ${cause}`, async () => {
      const {failure} = await runPlan(readPlan(plan));
      assert.equal(failure?.message, undefined);
    });
  }
});

describe('the simulator sees', () => {
  for (const [index, bug] of [...BUGS, ...ROW_BUGS].entries()) {
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

/** Three short days at work: writes from two tabs, a lost connection, a server that restarts, and one crash. */
function crashPlan(crash: ActionKind, n: number): Plan {
  const kinds: ActionKind[] = [crash, 'put', 'put', 'server-write', 'patch', 'read', 'reset', 'put', 'server-edit'];
  const rest: ActionKind[] = ['open-tab', 'remove', 'put', 'server-restart', 'put', 'read', 'open-tab', 'read-pairs'];
  const day = [...kinds, ...rest];
  const actions = [...day, ...day.slice(1), ...day.slice(1)].map((kind, index): Action => {
    return {kind, at: 1 + index * 150, profile: 0, tab: index, key: index, n: index === 0 ? n : 3 + index, ms: 400};
  });
  return {
    seed: n + 1,
    profiles: 1,
    tabs: 2,
    tokenLife: undefined,
    partial: n % 2 === 1,
    own: undefined,
    window: undefined,
    terse: false,
    actions,
  };
}
