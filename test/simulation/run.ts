/** One run of the simulator: a seed (or a plan), its actions, the healing, and what must be true at last. */
import {drawPlan, type Plan, type Without} from './actions.js';
import {dice, replaceGlobals} from './dice.js';
import {recordsOf} from './ledger.js';
import {difference, durableOf, foldJournal} from './replica-fold.js';
import type {Sabotage} from './sabotage.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';
import {drained, VirtualTime} from './virtual-time.js';
import {World} from './world.js';

export interface Outcome {
  plan: Plan;
  hash: string;
  steps: number;
  /** Virtual seconds. */
  seconds: number;
  failure: Error | undefined;
  tail: string[];
}

export interface RunOptions {
  sabotage?: Sabotage;
  without?: Without;
}

/** Virtual milliseconds within which all is well again once everything works. */
const BOUND = 240_000;

export function runSeed(seed: number, options: RunOptions = {}): Promise<Outcome> {
  return runPlan(drawPlan(seed, dice(seed), options.without), options.sabotage);
}

export async function runPlan(plan: Plan, sabotage: Sabotage = {}): Promise<Outcome> {
  const time = new VirtualTime();
  const random = dice(plan.seed ^ 0x5eed);
  const restore = replaceGlobals(() => Math.floor(time.now), random);
  const uninstall = sabotage.install?.();
  const world = new World(time, random, sabotage);
  const listenAgain = catchRejections(error => world.fail(new Violation('unhandled rejection', String(error))));
  try {
    await play(world, plan);
  } catch (error) {
    world.fail(error);
  } finally {
    listenAgain();
    uninstall?.();
    restore();
  }
  const {failure, trace} = world;
  if (failure) trace.add('FAILED', failure.message);
  const seconds = time.elapsed / 1000;
  return {plan, hash: trace.digest(), steps: time.steps, seconds, failure, tail: failure ? trace.tail(4000) : []};
}

/** A rejection that nobody handles is a fault of the run, not of the test around it. Returns what puts all back. */
function catchRejections(listener: (error: unknown) => void): () => void {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listener);
  return () => {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  };
}

async function play(world: World, plan: Plan): Promise<void> {
  await world.begin(plan);
  await drained();
  const last = plan.actions.at(-1)?.at ?? 0;
  await until(world, last + 1000, () => false);
  if (world.failure) return;
  world.trace.add('—', 'heal');
  await world.heal();
  // What thawed tabs had been asked before comes first.
  await until(world, world.time.elapsed + 1000, () => false);
  for (const profile of world.profiles) world.connect(profile);
  const began = world.time.elapsed;
  if (!(await until(world, began + BOUND, () => tidy(world)))) {
    if (!world.failure) throw new Violation('12 liveness', complaint(world) ?? 'unknown');
    return;
  }
  world.ledger.settled();
  for (const {name, disk, tabs} of world.profiles) {
    world.ledger.survived(
      name,
      [...disk.databases.values()].map(({stores}) => stores),
    );
    for (const tab of tabs.splice(0)) world.close(tab);
  }
  await until(world, world.time.elapsed + 5000, () => false);
}

/** Runs until something is the case (looked at once a second), or a time has come. */
async function until(world: World, elapsed: number, test: () => boolean): Promise<boolean> {
  const {time} = world;
  let over = false;
  let looked = time.elapsed;
  time.at(elapsed - time.elapsed, undefined, () => {
    over = true;
  });
  while (!over && !world.failure && (await time.step())) {
    world.check();
    if (time.elapsed - looked < 1000) continue;
    looked = time.elapsed;
    if (test()) return true;
  }
  return false;
}

/** A person who sees that operations failed throws them away; then: is all well? */
function tidy(world: World): boolean {
  for (const {tabs} of world.profiles) {
    const troubled = tabs.find(tab => tab.state && tab.state.failed > 0);
    if (troubled) world.discardFailed(troubled);
  }
  return complaint(world) === undefined;
}

/** What is not yet as it has to be. */
function complaint(world: World): string | undefined {
  const {head} = world.oracle;
  for (const {name, tabs, disk} of world.profiles) {
    for (const tab of tabs) {
      const wrong = ofTab(tab);
      if (wrong) return `${tab.process.name}: ${wrong}`;
    }
    for (const {stores} of disk.databases.values()) {
      if (!stores.has('outbox')) continue;
      const {checkpoint} = durableOf(stores);
      const unsent = [...recordsOf(stores).values()].find(({stage}) => stage !== 'done');
      if (unsent) return `${name}: ${unsent.id} is ${unsent.stage}`;
      if (checkpoint?.lsn !== head.lsn || checkpoint.mark !== head.mark) {
        return `${name} is at ${checkpoint?.lsn}, the server at ${head.lsn}`;
      }
      const wrong = difference(foldJournal(stores), head.rows);
      if (wrong) return `${name}: ${wrong}`;
    }
  }
  return undefined;
}

function ofTab({state}: Tab): string | undefined {
  if (!state) return 'has no state';
  const {status, pending, failed, error} = state;
  if (status === 'synced' && pending === 0 && failed === 0) return undefined;
  return `${status}, ${pending} pending, ${failed} failed${error ? `, ${error.code}: ${error.message}` : ''}`;
}
