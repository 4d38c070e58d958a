/** Tabs that want different things: when the union grows, when it shrinks, and what that costs. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {JournalRecord} from '../../src/database/database.js';
import {put} from '../../testing/simulation/people.js';
import {foldJournal} from '../../testing/simulation/replica-fold.js';
import {allWell} from '../../testing/simulation/run.js';
import {pass} from '../../testing/simulation/stage.js';
import type {Wants} from '../../testing/simulation/wishes.js';
import {allSynced, type Scene, scene, timeUntil} from './scene.js';

const storesOf = ({profile}: Scene) => {
  const [found] = profile.disk.clients();
  assert.ok(found);
  return found[1];
};
const types = (stage: Scene) =>
  [...new Set([...foldJournal(storesOf(stage)).keys()].map(place => place.split('/')[0]))].sort().join(' ');
/** Where the last swap was: another one has changed it. */
const base = (stage: Scene) => storesOf(stage).get('meta')?.rows.get('base');

const each = (...all: Wants[]) => ({wishes: (tab: number) => all[tab]});

/** Rows of all types at the server, and a tab for each wish. */
async function settle(stage: Scene): Promise<void> {
  const {world, profile} = stage;
  await world.server.write([
    ['task', 't', {h: 1}],
    ['pair', 'y', {t: 1}],
    ['own', 'anonymous-1', {owner: 'anonymous', t: 1}],
  ]);
  await allSynced(stage);
  for (const tab of profile.tabs) put(world, tab);
  await allSynced(stage);
  await pass(world, 1000);
}

describe('what all tabs want together', () => {
  it('is there as soon as the last of them is', () =>
    scene({tabs: 3, ...each(['task'], ['pair', 'task'], ['own', 'task'])}, async stage => {
      await settle(stage);
      assert.equal(types(stage), 'own pair task');
      await allWell(stage.world);
    }));

  it('shrinks a minute after a tab has gone, and not before', () =>
    scene({tabs: 2, ...each(['task'], ['pair', 'task'])}, async stage => {
      const {world, profile} = stage;
      await settle(stage);
      const before = base(stage);
      profile.tabs.at(-1)?.die();
      await pass(world, 50_000);
      assert.equal(types(stage), 'pair task');
      assert.equal(base(stage), before);
      const took = await timeUntil(world, 30_000, () => types(stage) === 'task', 'the pairs are gone');
      assert.ok(took > 5000, `${took} ms`);
      await allWell(world);
    }));

  for (const who of ['the leader', 'a follower']) {
    it(`outlives ${who} that is loaded again: no row is dropped or fetched`, () =>
      scene({tabs: 2, ...each(['task'], ['pair', 'task'], ['pair', 'task'])}, async stage => {
        const {world, profile, leader} = stage;
        await settle(stage);
        const pairs = profile.tabs[1];
        assert.ok(pairs);
        const isRight = () => (pairs.state?.role === 'leader') === (who === 'the leader');
        // The one that goes is the one with the pairs, leading or not.
        if (!isRight()) leader().restart();
        await timeUntil(world, 10_000, isRight, 'the right one leads');
        await allSynced(stage);
        const before = base(stage);
        pairs.die();
        await pass(world, 8000);
        world.openTab(profile);
        await allSynced(stage);
        await pass(world, 90_000);
        assert.equal(types(stage), 'pair task');
        assert.equal(base(stage), before);
        await allWell(world);
      }));
  }

  it('is exact for the first tab of all, which keeps the rows that it has', () =>
    scene({tabs: 1, ...each(['pair', 'task'], ['task', 'own'])}, async stage => {
      const {world, profile} = stage;
      await settle(stage);
      profile.tabs[0]?.die();
      await world.server.write([['task', 't', {h: 2}]]);
      world.openTab(profile);
      await timeUntil(world, 20_000, () => types(stage) === 'own task', 'what the new one wants');
      const records = [...(storesOf(stage).get('journal')?.rows.values() ?? [])] as JournalRecord[];
      const tasks = records.filter(
        record => record.kind === 'rows' && record.text.includes('"entityType":"task"'),
      ) as Extract<JournalRecord, {kind: 'rows'}>[];
      assert.ok(tasks.length > 0, 'rows that stay are copied');
      assert.ok(
        tasks.every(({text}) => !text.includes('"sync_data"')),
        'and not sent again',
      );
      await allWell(world);
    }));

  it('is everything while one wants everything', () =>
    scene({tabs: 2, ...each(undefined, ['task'])}, async stage => {
      await settle(stage);
      assert.equal(types(stage), 'own pair task');
      await allWell(stage.world);
    }));

  it('is without what the server does not have, which all tabs are told, and which goes with who wanted it', () =>
    scene({tabs: 2, ...each(['task'], ['nothing'])}, async stage => {
      const {world, profile} = stage;
      await timeUntil(
        world,
        20_000,
        () => profile.tabs.every(({state}) => state?.error?.code === 'unknown-type'),
        'said',
      );
      await world.server.write([['task', 't', {h: 1}]]);
      await timeUntil(world, 10_000, () => foldJournal(storesOf(stage)).has('task/t'), 'rows flow on');
      profile.tabs.find(tab => tab.wants?.includes('nothing'))?.die();
      await allSynced(stage, 90_000);
      await allWell(world);
    }));
});
