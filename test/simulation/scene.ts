/** Scenarios: one client and its tabs, brought to where something goes wrong. */
import assert from 'node:assert/strict';
import type {Profile} from '../../testing/simulation/profile.js';
import {perform, type StageOptions, until} from '../../testing/simulation/stage.js';
import type {Tab} from '../../testing/simulation/tab.js';
import type {World} from '../../testing/simulation/world.js';

export interface Scene {
  world: World;
  profile: Profile;
  /** @throws where nobody leads */
  leader(): Tab;
}

/** Opens so many tabs of one profile, and fails with the last of the trace if anything does not hold. */
export async function scene(
  {tabs = 1, seed = 1, ...options}: Partial<StageOptions> & {tabs?: number},
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const world = await perform({seed, ...options}, async world => {
    await world.begin({profiles: 1, tabs, actions: []});
    const [profile] = world.profiles;
    assert.ok(profile);
    const leader = () => {
      const found = profile.tabs.find(({state, process}) => state?.role === 'leader' && !process.frozen);
      assert.ok(found, 'nobody leads');
      return found;
    };
    await play({world, profile, leader});
  });
  if (world.failure) assert.fail(`${world.failure.stack}\n${world.trace.tail(60).join('\n')}`);
}

/** Virtual milliseconds until something is the case. @throws after `limit` */
export async function timeUntil(world: World, limit: number, test: () => boolean, what: string): Promise<number> {
  const began = world.time.elapsed;
  if (test()) return 0;
  const came = await until(world, limit, test, 20);
  if (world.failure) throw world.failure;
  assert.ok(came, `${what}: not within ${limit} ms`);
  return world.time.elapsed - began;
}

export function isSynced({state, process}: Tab): boolean {
  return process.frozen || state?.status === 'synced';
}

/** Virtual milliseconds until every tab that runs says `synced`. */
export function allSynced({world, profile}: Scene, limit = 30_000): Promise<number> {
  return timeUntil(world, limit, () => profile.tabs.every(isSynced), 'synced in all tabs');
}
