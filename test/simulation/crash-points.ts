/**
 * A crash at every await: a small day of a leader and a follower is lived once, to count where their engines and the outside
 * meet (crossings.ts), and then once more for each of these places with the tab that is there killed just before it, or just
 * after. What follows is the same as in all runs: the tab comes back, the pages look at everything, the network heals, all
 * invariants hold at each step, and in the end nothing is lost, doubled or left.
 *
 * JavaScript runs to its end between two crossings. So this is every `await` of `enqueue`, of sending, of acknowledgements and
 * of applying, and every place between them, that can be told apart from outside: a transaction asked for, each of its
 * requests and their results, its commit, its word of it; a frame sent or taken; a lock asked for, granted, given back; a word
 * to other tabs or from them; a timer set or fired; a message to the page or from it. What is left out: looking at a clock, a
 * die or `navigator.onLine`, which leave no trace outside, and locks that are stolen, since nobody steals in this day.
 *
 * Just after one crossing and just before the next one of the same tab in the same event is the same place, and is visited
 * once. Whoever dies does so in three ways: the worker alone, which its page replaces; the tab; the whole browser with the
 * power, and with it what was committed but not yet on the disk.
 */
import type {Action, ActionKind} from '../../testing/simulation/actions.js';
import {type Crossing, Crossings, type Strike} from '../../testing/simulation/crossings.js';
import {endWell} from '../../testing/simulation/run.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';
import {pass, perform, until} from '../../testing/simulation/stage.js';
import {Violation} from '../../testing/simulation/trace.js';
import {drained, type Process} from '../../testing/simulation/virtual-time.js';
import type {World} from '../../testing/simulation/world.js';

const FATES = ['worker', 'tab', 'power'] as const;
export type Fate = (typeof FATES)[number];

export interface CrashPoint extends Pick<Strike, 'n' | 'when'> {
  crossing: Crossing;
  fate: Fate;
}

const SEED = 1;
/** Milliseconds after which a person opens again what has gone. */
const BACK_AFTER = 300;

/** What happens, by milliseconds: to the first tab, which leads, or the second; or at the server. `n` as in actions.ts. */
const DAY: readonly [at: number, kind: ActionKind, tab: number, key: number, n: number][] = [
  [5, 'put', 0, 0, 2],
  [250, 'put', 0, 2, 2],
  [252, 'put', 1, 1, 2],
  [320, 'patch', 1, 0, 2],
  [380, 'server-edit', 0, 1, 1],
  [400, 'server-write', 0, 0, 1],
  // Refused, and another one for its key behind it.
  [460, 'put', 1, 2, 20],
  [461, 'put', 0, 2, 2],
  [520, 'server-big', 0, 0, 1],
  [560, 'remove', 0, 0, 2],
  [640, 'put', 0, 1, 2],
  [700, 'discard', 1, 0, 1],
];
/** Milliseconds after which nothing of it is under way any more, and each tab has ticked. */
const LAST = 1300;

/** Lives the day; `strike` says who dies where. Returns what was crossed, and what went wrong. */
async function live(sabotage: Sabotage, strike?: Omit<Strike, 'kill'>, fate: Fate = 'tab') {
  let crossings: Crossings | undefined;
  let world: World | undefined;
  let count = 0;
  const kill = (tab: Process) => {
    if (world) die(world, tab, fate);
  };
  const watch = (time: {steps: number}) => {
    crossings = new Crossings(() => time.steps, strike && {...strike, kill});
    return crossings.cross;
  };
  const ended = await perform({seed: SEED, sabotage, watch, patient: true}, async stage => {
    world = stage;
    await world.begin({profiles: 1, tabs: 2, actions: DAY.map(actionOf)});
    await drained();
    await pass(world, LAST);
    count = crossings?.seen.length ?? 0;
    if (strike) await comeBack(world);
    await settle(world);
    await endWell(world);
  });
  return {seen: crossings?.seen.slice(0, count) ?? [], failure: ended.failure, trace: ended.trace};
}

function actionOf([at, kind, tab, key, n]: (typeof DAY)[number]): Action {
  return {kind, at, profile: 0, tab, key, n, ms: 0};
}

/** From the middle of what it does: what it still says is heard by nobody. */
function die(world: World, process: Process, fate: Fate): void {
  const [profile] = world.profiles;
  if (!profile) return;
  world.trace.add('—', `${fate} of ${process.name} dies`);
  const dying = fate === 'power' ? profile.tabs.map(tab => tab.process) : [process];
  for (const each of dying) profile.bury(each);
  world.time.at(0, undefined, () => {
    const tabs = profile.tabs.filter(tab => dying.includes(tab.process));
    for (const tab of tabs) fate === 'worker' ? tab.restart() : tab.die();
    if (fate === 'power') profile.disk.losePower(Number.POSITIVE_INFINITY);
    world.ledger.survived(profile.name, profile.disk.all());
    if (fate === 'worker') return;
    for (const _ of tabs) world.time.at(BACK_AFTER, undefined, () => world.openTab(profile));
  });
}

/** All tabs stand again, and look at everything. */
async function comeBack(world: World): Promise<void> {
  const [profile] = world.profiles;
  if (!profile) return;
  const back = await until(
    world,
    30_000,
    () => profile.tabs.length === 2 && profile.tabs.every(({state}) => state),
    50,
  );
  if (!back && !world.failure) throw new Violation('12 liveness', 'not all tabs came back');
  world.ledger.survived(profile.name, profile.disk.all());
  for (const tab of profile.tabs) {
    for (const {key} of world.ledger.operations.values()) tab.reads.get(key);
    tab.reads.list('pair');
  }
}

/** Whoever waits for an operation is told, also where the worker that was asked first is gone. */
async function settle(world: World): Promise<void> {
  const tabs = () => world.profiles.flatMap(profile => profile.tabs);
  const told = await until(world, 60_000, () => tabs().every(({waiting}) => waiting.length === 0), 100);
  if (told || world.failure) return;
  const left = tabs().map(({name, waiting}) => `${name}: ${waiting}`);
  throw new Violation('12 liveness', `nobody is told: ${left.join('; ')}`);
}

/** Every place at which somebody can die, each of the three ways. @throws Error where the day itself does not end well */
export async function crashPoints(sabotage: Sabotage = {}): Promise<CrashPoint[]> {
  const {seen, failure} = await live(sabotage);
  if (failure) throw failure;
  return seen.flatMap((crossing, n): CrashPoint[] => {
    const next = seen[n + 1];
    const isSame = next?.step === crossing.step && next.tab === crossing.tab;
    const moments = isSame ? (['before'] as const) : (['before', 'after'] as const);
    return moments.flatMap(when => FATES.map(fate => ({n, when, crossing, fate})));
  });
}

/** @throws Error where a day with this crash does not end as all have to */
export async function crashAt({n, when, crossing, fate}: CrashPoint, sabotage: Sabotage = {}): Promise<void> {
  const {seen, failure, trace} = await live(sabotage, {n, when}, fate);
  const there = seen[n];
  const where = `${fate} killed ${when} crossing ${n}, ${crossing.tab}: ${crossing.what}`;
  if (failure) throw new Error(`${failure.message}\n${where}\n${trace.tail(60).join('\n')}`, {cause: failure});
  // Up to there it is the same day, or nothing was tested.
  if (there?.what !== crossing.what || there.tab !== crossing.tab)
    throw new Error(`${where}: not there, but ${there?.what}`);
}
