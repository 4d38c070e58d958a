/** Makes a failure smaller: actions are left out, many at once and then one by one, while the same invariant breaks. */
import type {Action, Plan} from './actions.js';
import {type Outcome, runPlan} from './run.js';
import type {Sabotage} from './sabotage.js';
import {Violation} from './trace.js';

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

/** What a person needs to find the cause. */
export function report({plan, failure, hash, tail}: Outcome, lines = 60): string {
  return [
    `seed ${plan.seed} (${plan.profiles} profiles of ${plan.tabs} tabs): ${failure?.message}`,
    `trace ${hash}, ${plan.actions.length} actions:`,
    ...plan.actions.map(describeAction),
    '…',
    ...tail.slice(-lines),
  ].join('\n');
}

function describeAction({kind, at, profile, tab, key, n, ms}: Action): string {
  return `  ${(at / 1000).toFixed(3)} ${kind} profile=${profile} tab=${tab} key=${key} n=${n} ms=${ms}`;
}
