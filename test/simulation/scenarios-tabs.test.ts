/** Many tabs, one line: clocks that jump, leaders that stand still, go dumb or get stuck. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {OutboxRecord} from '../../src/queue/queue.js';
import {freeze, put, thaw} from '../../testing/simulation/people.js';
import type {Profile} from '../../testing/simulation/profile.js';
import {allWell} from '../../testing/simulation/run.js';
import {pass} from '../../testing/simulation/stage.js';
import type {Tab} from '../../testing/simulation/tab.js';
import {allSynced, isSynced, type Scene, scene, timeUntil} from './scene.js';

const HOUR = 3_600_000;

function leaders({profile}: Scene): number {
  return profile.tabs.filter(({state}) => state?.role === 'leader').length;
}

/** Whether an operation was answered whose rows have not come back, as the disk has it. */
function hasApplied({disk}: Profile): boolean {
  const records = disk.clients().flatMap(([, stores]) => [...(stores.get('outbox')?.rows.values() ?? [])]);
  return records.some(record => (record as OutboxRecord).stage === 'applied');
}

/** One leader, one socket, and every operation done, once. */
async function inOrder(stage: Scene): Promise<void> {
  const {world} = stage;
  await allWell(world);
  assert.equal(leaders(stage), 1);
  assert.deepEqual([...world.server.accepted().values()], [1]);
  world.ledger.settled();
}

describe('twenty tabs', () => {
  const jumps: Record<string, (stage: Scene) => void> = {
    'the wall clock jumps 8 h ahead': ({profile}) => {
      profile.wallOffset += 8 * HOUR;
    },
    'the wall clock jumps 8 h back': ({profile}) => {
      profile.wallOffset -= 8 * HOUR;
    },
    'both clocks jump 8 h ahead': ({profile}) => {
      profile.wallOffset += 8 * HOUR;
      profile.runningOffset += 8 * HOUR;
    },
  };
  for (const [name, jump] of Object.entries(jumps)) {
    it(`steal at most once when ${name}, and keep one socket`, () =>
      scene({tabs: 20}, async stage => {
        const {world, profile} = stage;
        await allSynced(stage);
        for (const tab of profile.tabs) put(world, tab);
        await pass(world, 7000);
        jump(stage);
        for (const tab of profile.tabs) put(world, tab);
        await pass(world, 60_000);
        assert.ok(profile.locks.steals <= 1, `${profile.locks.steals} steals`);
        assert.ok(profile.dials <= 2, `${profile.dials} dials`);
        await inOrder(stage);
      }));
  }

  it('steal at most once after a night in which nothing ran, and share one new socket', () =>
    scene({tabs: 20}, async stage => {
      const {world, profile} = stage;
      await allSynced(stage);
      for (const tab of profile.tabs) freeze(world, tab, 24 * HOUR);
      for (const link of profile.openLinks()) link.halfOpen();
      await pass(world, 8 * HOUR);
      for (const tab of [...profile.tabs].reverse()) {
        thaw(world, tab);
        await pass(world, 40);
      }
      const took = await allSynced(stage);
      assert.ok(took < 10_000, `${took} ms`);
      await pass(world, 60_000);
      assert.ok(profile.locks.steals <= 1, `${profile.locks.steals} steals`);
      assert.ok(profile.dials <= 3, `${profile.dials} dials`);
      await inOrder(stage);
    }));
});

describe('a leader that is frozen with the lock', () => {
  it('is stolen from once, stands down when it thaws, and nothing is done twice', () =>
    scene({tabs: 4}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const old = leader();
      put(world, old);
      // What it had sent is unanswered, and what comes for it waits at its door.
      await pass(world, 15);
      freeze(world, old, HOUR);
      const others = profile.tabs.filter(tab => tab !== old);
      for (const tab of others) put(world, tab);
      const tookOver = () => others.some(({state}) => state?.role === 'leader') && others.every(isSynced);
      const took = await timeUntil(world, 30_000, tookOver, 'another tab led');
      assert.ok(took < 15_000, `${took} ms`);
      assert.equal(profile.locks.steals, 1);
      await pass(world, 60_000);
      thaw(world, old);
      await timeUntil(world, 5000, () => old.state?.role === 'follower', 'the old leader stood down');
      put(world, old);
      await pass(world, 30_000);
      await inOrder(stage);
      assert.equal(profile.locks.steals, 1);
    }));
});

describe('a leader that is of no use', () => {
  it('yields where its page gives no token, and a tab whose page does takes over', () =>
    scene({tabs: 3, users: ['ann'], tokenLife: 20_000}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const dumb = leader();
      dumb.mute = true;
      const others = profile.tabs.filter(tab => tab !== dumb);
      const useful = () => others.some(({state}) => state?.role === 'leader') && profile.tabs.every(isSynced);
      const took = await timeUntil(world, 90_000, useful, 'another tab led');
      assert.ok(took > 10_000, `it was gone before its token had expired: ${took} ms`);
      put(world, dumb);
      await pass(world, 10_000);
      await inOrder(stage);
    }));

  it('yields where nothing that it applies gets done, and another tab goes on', () =>
    scene({tabs: 3}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const stuck = leader();
      stuck.databases.hung = true;
      await world.server.write([['task', 'news', {h: 1}]]);
      const others = profile.tabs.filter(tab => tab !== stuck);
      const [writer] = others;
      assert.ok(writer);
      put(world, writer);
      const done = () => others.some(({state}) => state?.role === 'leader') && others.every(isSynced);
      await timeUntil(world, 120_000, done, 'another tab led');
      await pass(world, 10_000);
      assert.deepEqual([...world.server.accepted().values()], [1]);
      world.ledger.settled();
    }));

  it('because its storage hangs before it could lead leaves the line to the next', () =>
    scene({tabs: 3}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const first = leader();
      const next = profile.tabs.find(tab => tab !== first);
      assert.ok(next);
      next.databases.hung = true;
      first.die();
      await pass(world, 3000);
      await world.server.write([['task', 'news', {h: 1}]]);
      const others = profile.tabs.filter(tab => tab !== next && tab !== first);
      const led = () => others.some(({state}) => state?.role === 'leader') && others.every(isSynced);
      await timeUntil(world, 60_000, led, 'a tab that can lead leads');
      next.databases.hung = false;
    }));
});

describe('a logout', () => {
  it('ends with the line closed, though another tab asks for it while the database is being left', () =>
    scene({tabs: 2, users: ['ann']}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const leaving = leader();
      const other = profile.tabs.find(tab => tab !== leaving);
      assert.ok(other);
      // All of it is done but the last step, which says that the database is none of this user's any more.
      profile.disk.hold('instances');
      let over = false;
      profile.wanted = false;
      leaving.ask({do: 'logout', unsent: 'discard', wipe: true, timeout: 1000}, () => {
        over = true;
        profile.user = undefined;
      });
      await pass(world, 3000);
      other.ask({do: 'connect'});
      await pass(world, 500);
      const {dials} = profile;
      other.die();
      profile.disk.release('instances');
      await timeUntil(world, 5000, () => over, 'logged out');
      await pass(world, 30_000);
      assert.deepEqual([leaving.state?.status, profile.dials], ['idle', dials]);
    }));
});

describe('an outbox that hangs', () => {
  const isBlocked = ({state}: Tab) => state?.error?.code === 'storage-blocked';
  const isAt = (world: Scene['world']) => (tab: Tab) => tab.state?.lastLSN === world.oracle.head.lsn;

  it('in the leader alone gives the line to a tab whose own goes on, which sends what waits', () =>
    scene({tabs: 3}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const stuck = leader();
      stuck.databases.hungStores.add('outbox');
      const others = profile.tabs.filter(tab => tab !== stuck);
      const [writer] = others;
      assert.ok(writer);
      put(world, writer);
      await timeUntil(world, 15_000, () => isBlocked(stuck), 'the leader says so');
      const led = () => others.some(({state}) => state?.role === 'leader') && others.every(isSynced);
      const took = await timeUntil(world, 10_000, led, 'another tab led');
      assert.ok(took < 3000, `${took} ms`);
      assert.equal(profile.locks.steals, 1);
      await pass(world, 10_000);
      assert.deepEqual([...world.server.accepted().values()], [1]);
      world.ledger.settled();
      // Its own changes still get nowhere, and it says so.
      assert.ok(isBlocked(stuck) && stuck.state?.role === 'follower');
    }));

  it('in the leader as it comes to greet does so too', () =>
    scene({tabs: 2}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const stuck = leader();
      stuck.databases.hungStores.add('meta');
      for (const link of profile.openLinks()) link.reset();
      const led = () => profile.tabs.some(tab => tab !== stuck && isSynced(tab) && tab.state?.role === 'leader');
      await timeUntil(world, 60_000, led, 'another tab led');
    }));

  it('in every tab, as a transaction of somebody holds it, takes the line from nobody: rows come, and all tabs say what is wrong', () =>
    scene({tabs: 3}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const first = leader();
      profile.disk.hold('outbox');
      for (const tab of profile.tabs) put(world, tab);
      await timeUntil(world, 15_000, () => profile.tabs.every(isBlocked), 'all tabs say so');
      for (let minute = 0; minute < 5; minute++) {
        await world.server.write([['task', 'news', {h: minute}]]);
        await timeUntil(world, 5000, () => profile.tabs.every(isAt(world)), 'the rows are there');
        await pass(world, 60_000);
        assert.ok(profile.tabs.every(isBlocked));
      }
      assert.deepEqual([leader(), profile.locks.steals, profile.dials], [first, 0, 1]);
      profile.disk.release('outbox');
      await allSynced(stage);
      await pass(world, 5000);
      await inOrder(stage);
      assert.equal(leader(), first);
    }));

  it('in the only tab says so, and keeps the line', () =>
    scene({tabs: 1}, async stage => {
      const {world, profile, leader} = stage;
      await allSynced(stage);
      const only = leader();
      only.databases.hungStores.add('outbox');
      await timeUntil(world, 30_000, () => isBlocked(only), 'it says so');
      await world.server.write([['task', 'news', {h: 1}]]);
      await timeUntil(world, 5000, () => isAt(world)(only), 'the rows are there');
      await pass(world, 300_000);
      assert.deepEqual([only.state?.role, only.state?.isConnected, profile.dials], ['leader', true, 1]);
    }));

  it('in all tabs for each by itself does not send the line round all the time', () =>
    scene({tabs: 2}, async stage => {
      const {world, profile} = stage;
      await allSynced(stage);
      for (const tab of profile.tabs) tab.databases.hungStores.add('outbox');
      await pass(world, 10 * 60_000);
      assert.ok(profile.locks.steals <= 2, `${profile.locks.steals} steals`);
    }));
});

describe('what a leader wrote into the outbox as it died', () => {
  it('is read by the next one before the stream begins: what a restored server has forgotten goes out again', () =>
    scene({tabs: 2}, async stage => {
      const {world, profile, leader} = stage;
      const {server} = world;
      await allSynced(stage);
      server.backup();
      const first = leader();
      profile.channels.lossy = true;
      // The server has answered, the rows are not written yet, and the other tab has heard nothing of it.
      profile.disk.hold('journal');
      put(world, first);
      await timeUntil(world, 10_000, () => hasApplied(profile), 'the change is answered');
      first.die();
      server.restore(server.backups.length - 1);
      await server.start();
      profile.disk.release('journal');
      // It has the line, and can't read the outbox yet.
      profile.disk.hold('outbox');
      await timeUntil(world, 10_000, () => server.accepted().size > 0, 'the next one was greeted');
      await pass(world, 2000);
      profile.disk.release('outbox');
      profile.channels.lossy = false;
      await allSynced(stage, 10_000);
      await inOrder(stage);
    }));
});

describe('a page that makes up a token each time, for a server that takes none', () => {
  for (const tabs of [1, 2, 5]) {
    it(`does not dial for ever: ${tabs} tabs`, () =>
      scene({tabs, users: ['ann'], tokenLife: 20_000}, async ({world, profile}) => {
        await pass(world, 10_000);
        let made = 0;
        world.token = () => ` ${++made}`;
        await pass(world, 30_000);
        const dials = profile.dials;
        await pass(world, 120_000);
        assert.ok(profile.dials - dials < 12, `${profile.dials - dials} dials in two minutes`);
      }));
  }
});
