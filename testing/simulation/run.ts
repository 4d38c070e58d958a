/** One run of the simulator: a seed (or a plan), its actions, the healing, and what must be true at last. */
import {drawPlan, type Plan} from './actions.js';
import {dice} from './dice.js';
import type {Stores} from './disk.js';
import {recordsOf} from './ledger.js';
import {close, discardFailed} from './people.js';
import type {Profile} from './profile.js';
import {difference, durableOf, foldJournal, markOf} from './replica-fold.js';
import type {Sabotage} from './sabotage.js';
import {pass, perform, until} from './stage.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';
import {drained} from './virtual-time.js';
import {wishesOf} from './wishes.js';
import type {World} from './world.js';

export interface Outcome {
  /** What was drawn, or given. */
  plan: Plan;
  /** Of the trace: the same for the same plan, on the same version. */
  hash: string;
  steps: number;
  /** Virtual seconds. */
  seconds: number;
  /** Faults of storage that found something to strike. */
  struck: number;
  /** The first promise that was broken, or what was thrown; undefined where all held. */
  failure: Error | undefined;
  /** The last lines of the trace of a failure. */
  tail: string[];
}

/** Virtual milliseconds within which all is well again once everything works. */
const BOUND = 240_000;

/**
 * Draws a plan from a seed (who has which tabs, what they do, what goes wrong, and when) and lives it.
 * @param seed a whole number; the same one is the same run
 * @param sabotage what is to stand between the engine or the server and what they stand on
 * @returns what became of it; never rejects for a promise that was broken: that is `failure`
 */
export function runSeed(seed: number, sabotage?: Sabotage): Promise<Outcome> {
  return runPlan(drawPlan(seed, dice(seed)), sabotage);
}

/** Lives a plan, such as one that `shrink` has left of a failure. */
export async function runPlan(plan: Plan, sabotage: Sabotage = {}): Promise<Outcome> {
  const {seed, tokenLife, partial, own, window, terse} = plan;
  const wishes = partial ? wishesOf(seed) : undefined;
  // A database of one's own is one user's at a time: two who share a browser have two.
  const users = tokenLife === undefined ? [] : own ? ['ann'] : ['ann', 'bob'];
  const stage = {seed, sabotage, users, tokenLife, wishes, own, window, terse};
  const {failure, trace, time, struck} = await perform(stage, world => play(world, plan));
  const seconds = time.elapsed / 1000;
  const tail = failure ? trace.tail(4000) : [];
  return {plan, hash: trace.digest(), steps: time.steps, seconds, struck, failure, tail};
}

async function play(world: World, plan: Plan): Promise<void> {
  await world.begin(plan);
  await drained();
  const last = plan.actions.at(-1)?.at ?? 0;
  await pass(world, last + 1000);
  await endWell(world);
}

/** Everything works again, and everybody is there: then all must be well within a while, and nothing be left behind. */
export async function endWell(world: World): Promise<void> {
  if (world.failure) return;
  world.trace.add('—', 'heal');
  await world.heal();
  // What thawed tabs had been asked before comes first.
  await pass(world, 1000);
  await until(world, 60_000, () => world.profiles.every(profile => !profile.isLeaving));
  world.gather();
  await allWell(world);
  for (const profile of world.profiles) await finishOthersWork(world, profile);
  if (world.failure) return;
  world.ledger.settled();
  for (const {name, disk, tabs} of world.profiles) {
    world.ledger.survived(name, disk.all());
    for (const tab of tabs.splice(0)) close(world, tab);
  }
  await pass(world, 60_000);
  const {sockets} = world.server;
  if (!world.failure && sockets > 0) throw new Violation('14 cleanup', `the server still holds ${sockets} sockets`);
}

export async function allWell(world: World): Promise<void> {
  const well = await until(world, BOUND, () => tidy(world));
  if (!well && !world.failure) throw new Violation('12 liveness', complaint(world) ?? 'unknown');
}

/** What a user left unsent at their logout is sent when they come back, and only then. */
async function finishOthersWork(world: World, profile: Profile): Promise<void> {
  for (const [name, stores] of profile.disk.clients()) {
    if (!hasUnsent(stores) || world.failure) continue;
    const owner = profile.disk.ownerOf(name);
    if (owner === undefined || owner === null || owner === profile.user) {
      throw new Violation('12 liveness', `${profile.name}: work is left in ${name}, which is ${owner}'s`);
    }
    const [tab] = profile.tabs;
    tab?.ask({do: 'logout', unsent: 'keep', wipe: false, timeout: 0}, () => {
      profile.logIn(owner);
      world.connect(profile);
    });
    await pass(world, 1000);
    await allWell(world);
  }
}

/** A person who sees that operations failed throws them away; then: is all well? */
function tidy(world: World): boolean {
  for (const {tabs} of world.profiles) {
    const troubled = tabs.find(tab => tab.state && tab.state.failed > 0);
    if (troubled) discardFailed(world, troubled);
  }
  return complaint(world) === undefined;
}

/** What is not yet as it has to be. */
function complaint(world: World): string | undefined {
  for (const profile of world.profiles) {
    for (const tab of profile.tabs) {
      const wrong = ofTab(tab) ?? ofDatabase(world, profile, tab.databases.only) ?? tab.reads.outdated;
      if (wrong) return `${tab.name}: ${wrong}`;
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

function ofDatabase(
  {oracle: {head, restores}}: World,
  {disk, user, tabs, own}: Profile,
  name: string | undefined,
): string | undefined {
  if (name === undefined) return 'is between two databases';
  const stores = disk.stores(name);
  const durable = durableOf(stores);
  const kept = own && durable.stage ? undefined : durable.checkpoint;
  const checkpoint = own?.kind.keeps ? own.state.checkpoint?.at : kept;
  if (checkpoint?.lsn !== head.lsn || markOf(checkpoint) !== head.mark) {
    return `is at ${checkpoint?.lsn}, the server at ${head.lsn}`;
  }
  if (user !== undefined && checkpoint.subject !== user) return `shows ${checkpoint.subject}'s rows to ${user}`;
  const unsent = [...recordsOf(stores).values()].find(({stage}) => stage !== 'done');
  if (unsent) return `${unsent.id} is ${unsent.stage}`;
  // Rows that were written without their checkpoint, and that a restored server has not, nobody can know of.
  if (own && !own.kind.keeps && restores > 0) return undefined;
  // What the open tabs want together, and no more.
  return difference(
    own?.state.rows ?? foldJournal(stores),
    head.rows,
    checkpoint.subject,
    tabs.map(({wants}) => wants),
  );
}

function hasUnsent(stores: Stores): boolean {
  return [...recordsOf(stores).values()].some(({stage}) => stage !== 'done');
}
