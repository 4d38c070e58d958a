/**
 * Seeds that nobody has run before, for as long as SIMULATION_SECONDS says: CI takes five minutes. They follow from what is
 * checked out, so that each change has seeds of its own and a red run is red again for whoever looks into it;
 * SIMULATION_FROM=7 begins elsewhere. One that fails is made smaller and told. SIMULATION_SEED=7 runs that one and tells all
 * of it.
 */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {describe, it} from 'node:test';
import {runSeed} from '../../testing/simulation/run.js';
import {report, shrink} from '../../testing/simulation/shrink.js';

const seconds = Number(process.env['SIMULATION_SECONDS'] ?? 0);
const one = process.env['SIMULATION_SEED'];

/** Of the content that is checked out, whatever the commit is called; of the time, where that can't be told. */
function firstSeed(): number {
  const from = process.env['SIMULATION_FROM'];
  if (from !== undefined) return Number(from);
  try {
    const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], {stdio: ['ignore', 'pipe', 'ignore']});
    return Number.parseInt(tree.toString().slice(0, 7), 16);
  } catch {
    return Date.now() % 1e9;
  }
}

describe('new seeds', () => {
  it('hold all invariants for as long as asked', {
    skip: seconds > 0 ? false : 'SIMULATION_SECONDS is not set',
  }, async t => {
    const end = performance.now() + seconds * 1000;
    let count = 0;
    for (let seed = firstSeed(); performance.now() < end; seed++, count++) {
      const outcome = await runSeed(seed);
      if (outcome.failure) assert.fail(report(await shrink(outcome)));
    }
    t.diagnostic(`${count} seeds in ${seconds} s`);
  });

  it('one by name', {skip: one ? false : 'SIMULATION_SEED is not set'}, async () => {
    const outcome = await runSeed(Number(one));
    if (outcome.failure) assert.fail(report(outcome, 400));
  });
});
