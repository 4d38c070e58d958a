/** Where a world lives: virtual time instead of the real one for as long as it lasts, and the passing of that time. */
import {type Cross, unwatched} from './crossings.js';
import {dice, replaceGlobals} from './dice.js';
import type {OwnKind} from './own-store.js';
import type {Sabotage} from './sabotage.js';
import {Violation} from './trace.js';
import {VirtualTime} from './virtual-time.js';
import type {Wants} from './wishes.js';
import {World} from './world.js';

export interface StageOptions {
  seed: number;
  sabotage?: Sabotage;
  /** Those who may log in; nobody needs to where there are none. */
  users?: readonly string[];
  /** Milliseconds for which a token is good. Default: ten minutes. */
  tokenLife?: number | undefined;
  /** What the n-th tab wants. Default: everything. */
  wishes?: ((tab: number) => Wants) | undefined;
  /** Whether pages wait for what becomes of what they queue. Default: no. */
  patient?: boolean | undefined;
  /** What databases of their own the users have. Default: none, but the embedded replica. */
  own?: OwnKind | undefined;
  /** Bytes of data that may be on their way to a tab. Default: 1 MiB. */
  window?: number | undefined;
  /** Whether the server names only the columns that have changed. Default: no. */
  terse?: boolean | undefined;
  /** Watches what crosses between engines and the outside, by the steps of this time. */
  watch?: ((time: VirtualTime) => Cross) | undefined;
}

/** Runs a play on a world of its own, which is returned as it was in the end; `failure` says what went wrong. */
export async function perform(options: StageOptions, play: (world: World) => Promise<void>): Promise<World> {
  const {
    seed,
    sabotage = {},
    users = [],
    tokenLife = 600_000,
    patient = false,
    own,
    window,
    terse = false,
    wishes = () => undefined,
  } = options;
  const time = new VirtualTime();
  const random = dice(seed ^ 0x5eed);
  const restore = replaceGlobals(() => Math.floor(time.now), random);
  const uninstall = sabotage.install?.();
  const cross = options.watch?.(time) ?? unwatched;
  const world = new World({time, random, sabotage, cross, patient, own, window, terse, users, tokenLife, wishes});
  const listenAgain = catchRejections(error => world.fail(new Violation('unhandled rejection', String(error))));
  try {
    await play(world);
  } catch (error) {
    world.fail(error);
  } finally {
    listenAgain();
    uninstall?.();
    restore();
  }
  if (world.failure) world.trace.add('FAILED', world.failure.message);
  return world;
}

/** Lets so many virtual milliseconds pass. */
export async function pass(world: World, ms: number): Promise<void> {
  await until(world, ms, () => false);
}

/** Runs until something is the case (looked at once a second, or as often as told), or so many milliseconds have passed. */
export async function until(world: World, ms: number, test: () => boolean, every = 1000): Promise<boolean> {
  const {time} = world;
  const end = time.elapsed + ms;
  let over = false;
  let looked = time.elapsed;
  time.at(ms, undefined, () => {
    over = true;
  });
  while (!over && !world.failure && (await time.step())) {
    world.check();
    if (time.elapsed - looked < every) continue;
    looked = time.elapsed;
    if (looked <= end && test()) return true;
  }
  return false;
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
