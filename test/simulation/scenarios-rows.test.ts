/** The rows on a disk: damaged under a client, and compacted under readers. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {JsonObject} from '../../src/protocol/protocol.js';
import {put} from '../../testing/simulation/people.js';
import {foldJournal} from '../../testing/simulation/replica-fold.js';
import {allWell} from '../../testing/simulation/run.js';
import {pass} from '../../testing/simulation/stage.js';
import {allSynced, type Scene, scene, timeUntil} from './scene.js';

const client = ({profile}: Scene) => {
  const [found] = profile.disk.clients();
  assert.ok(found);
  return {name: found[0], stores: found[1]};
};
const journal = (stage: Scene) => client(stage).stores.get('journal')?.rows ?? new Map();

/** Nobody wrote it: a disk that fails, or a file that is gone. */
function damage(stage: Scene): void {
  const {name, stores} = client(stage);
  const rows = new Map(journal(stage));
  const [last] = [...rows].filter(([, record]) => (record as {text?: string}).text !== undefined).at(-1) ?? [];
  assert.ok(last !== undefined);
  rows.set(last, {kind: 'changes', text: '{"changes":['});
  const database = stage.profile.disk.databases.get(name);
  assert.ok(database);
  database.stores = new Map([...stores, ['journal', {rows, counter: 0}]]);
}

describe('rows on a disk', () => {
  for (const reader of ['the leader', 'a follower']) {
    it(`that are damaged are found by ${reader}, and come anew; nothing that was queued is lost`, () =>
      scene({tabs: 2}, async stage => {
        const {world, profile, leader} = stage;
        await allSynced(stage);
        for (const tab of profile.tabs) put(world, tab);
        await allSynced(stage);
        const base = client(stage).stores.get('meta')?.rows.get('base');
        for (const tab of profile.tabs) tab.restart();
        await allSynced(stage);
        damage(stage);
        const tab = reader === 'the leader' ? leader() : profile.tabs.find(each => each !== leader());
        assert.ok(tab);
        let refusal = '';
        tab.ask({do: 'list', type: 'task', query: {}}, undefined, ({code}) => (refusal = code));
        put(world, tab);
        await timeUntil(world, 20_000, () => client(stage).stores.get('meta')?.rows.get('base') !== base, 'a snapshot');
        assert.equal(refusal, 'corrupt-data');
        await allSynced(stage);
        let shown: JsonObject[] = [];
        tab.ask({do: 'list', type: 'task', query: {}}, value => (shown = value as JsonObject[]));
        await pass(world, 1000);
        const rows = [...foldJournal(client(stage).stores).keys()].filter(place => place.startsWith('task/'));
        assert.equal(shown.length, rows.length);
        assert.ok(rows.length > 0);
        await allWell(world);
        world.ledger.settled();
      }));
  }

  it('are compacted while tabs read and write, and stay what they were', () =>
    scene({tabs: 3}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      for (let turn = 0; turn < 40; turn++) {
        for (const tab of profile.tabs) put(world, tab);
        leader().reads.list('pair');
        await pass(world, 1500);
      }
      await allSynced(stage);
      await pass(world, 3000);
      const floor = client(stage).stores.get('meta')?.rows.get('floor');
      assert.ok(floor, 'nothing was compacted');
      const rows = foldJournal(client(stage).stores).size;
      assert.ok(journal(stage).size <= 2 * rows + 10, `${journal(stage).size} records of ${rows} rows`);
      await allWell(world);
    }));
});
