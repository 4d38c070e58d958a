/** Makes a failure smaller: actions are left out, many at once and then one by one, while the same invariant breaks. */
import type {Plan} from './actions.js';
import {writePlan} from './plan-text.js';
import {type Outcome, runPlan} from './run.js';
import type {Sabotage} from './sabotage.js';
import {Violation} from './trace.js';

/** @param tries runs at the most. @returns the smallest failure found, at worst the one given */
export async function shrink(failed: Outcome, sabotage?: Sabotage, tries = 150): Promise<Outcome> {
  let best = failed;
  let left = tries;
  for (let size = Math.ceil(best.plan.actions.length / 2); size >= 1 && left > 0; size = nextSize(size)) {
    for (let from = 0; from < best.plan.actions.length && left > 0; left--) {
      const {actions} = best.plan;
      const plan: Plan = {...best.plan, actions: [...actions.slice(0, from), ...actions.slice(from + size)]};
      const outcome = await runPlan(plan, sabotage);
      if (isSame(outcome.failure, failed.failure)) best = outcome;
      else from += size;
    }
  }
  return best;
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

function isSame(a: Error | undefined, b: Error | undefined): boolean {
  const nameOf = (error: Error | undefined) => (error instanceof Violation ? error.invariant : error?.name);
  return a !== undefined && nameOf(a) === nameOf(b);
}

/** What a person needs to find the cause, and to keep it from coming back. */
export function report({plan, failure, hash, tail}: Outcome, lines = 60): string {
  return [
    `seed ${plan.seed}: ${failure?.message}`,
    `SIMULATION_SEED=${plan.seed} runs the whole of it. What is left of it fails as well, with trace ${hash}:`,
    writePlan(plan),
    'Once it is mended, keep these lines in KNOWN of test/simulation/seeds.ts, with what the cause was.',
    '…',
    ...tail.slice(-lines),
  ].join('\n');
}
