/** Lines that break, lie, crawl or run out, on the virtual clock: what a person would have to wait for. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {freeze, thaw} from '../../testing/simulation/people.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';
import {pass, until} from '../../testing/simulation/stage.js';
import {allSynced, type Scene, scene, timeUntil} from './scene.js';

/** Milliseconds until the leader has noticed that its line is dead. */
function timeToNotice({world, leader}: Scene): Promise<number> {
  return timeUntil(world, 60_000, () => !leader().state?.isConnected, 'the dead line was noticed');
}

function breakLine({profile}: Scene): void {
  for (const link of profile.openLinks()) link.halfOpen();
}

/** Rows of about a kilobyte. */
async function fill({world}: Scene, count: number): Promise<void> {
  const rows = Array.from({length: count}, (_, index): ['task', string, {blob: string}] => {
    return ['task', `r${String(index).padStart(6, '0')}`, {blob: 'x'.repeat(1000)}];
  });
  await world.server.write(rows);
}

/** Counts rows of snapshots as they arrive. */
function countingRows(count: (rows: number) => void): Sabotage {
  return {
    sockets: port => ({
      connect: (url, handlers) =>
        port.connect(url, {
          ...handlers,
          message: text => {
            if (text.startsWith('{"type":"sync_data"')) count(JSON.parse(text).changes.length);
            handlers.message(text);
          },
        }),
    }),
  };
}

describe('a half-open line', () => {
  it('is noticed within 26 s by itself, whenever it breaks', () =>
    scene({}, async stage => {
      await allSynced(stage);
      for (let round = 0; round < 20; round++) {
        await pass(stage.world, 800 * round);
        breakLine(stage);
        const took = await timeToNotice(stage);
        assert.ok(took <= 26_000, `${took} ms in round ${round}`);
        await allSynced(stage);
      }
    }));

  const occasions: Record<string, (stage: Scene) => Promise<void>> = {
    'the page becomes visible': async ({leader}) => leader().tell({kind: 'visible'}),
    'the browser says it is online': async ({profile}) => profile.say(true),
    'the machine wakes up': async ({world, leader}) => {
      const tab = leader();
      freeze(world, tab, 10_000_000);
      await pass(world, 10 * 60_000);
      thaw(world, tab);
    },
  };
  for (const [occasion, bringAbout] of Object.entries(occasions)) {
    it(`is noticed within 3 s once ${occasion}`, () =>
      scene({}, async stage => {
        await allSynced(stage);
        await pass(stage.world, 2000);
        breakLine(stage);
        await bringAbout(stage);
        const took = await timeToNotice(stage);
        // The page's word itself takes a moment.
        assert.ok(took <= 3050, `${took} ms`);
        await allSynced(stage);
      }));
  }
});

describe('a server that accepts and then drops', () => {
  it('is tried ever more rarely: no greeting resets the backoff', () =>
    scene({}, async ({world, profile}) => {
      let greetings = 0;
      const drop = () => {
        const greeted = profile.tabs.some(({state}) => state?.isConnected);
        if (greeted) greetings++;
        if (greeted) for (const link of profile.openLinks()) link.reset();
        return false;
      };
      await until(world, 5 * 60_000, drop, 5);
      const before = profile.dials;
      await until(world, 5 * 60_000, drop, 5);
      // At half a second to thirty there are twenty in five minutes on average.
      assert.ok(greetings >= profile.dials - before, 'it was dropped before it was greeted');
      assert.ok(profile.dials - before <= 40, `${profile.dials - before} dials in five minutes, ${before} before`);
    }));
});

describe('a slow link', () => {
  it('of 50 kB/s still finishes a snapshot of 5 MB, on one socket', () =>
    scene({}, async stage => {
      stage.profile.bandwidth = 50;
      await fill(stage, 5000);
      const took = await allSynced(stage, 200_000);
      assert.ok(took > 90_000, `the link was not slow: ${took} ms`);
      assert.equal(stage.profile.dials, 1);
    }));

  it('of 50 kB/s gets a row of 5 MB through, which takes longer than any silence is allowed to last', () =>
    scene({}, async stage => {
      const {world, profile} = stage;
      profile.bandwidth = 50;
      await allSynced(stage);
      await world.server.write([['task', 'large', {blob: 'x'.repeat(5_000_000)}]]);
      const took = await timeUntil(world, 130_000, () => received(stage), 'the row is there');
      assert.ok(took > 95_000, `the link was not slow: ${took} ms`);
      assert.equal(profile.dials, 1);
    }));

  it('of 50 kB/s gets a row of 1.25 MB through, of which the server says nothing before', () =>
    scene({sabotage: withoutFrames('large_frame')}, async stage => {
      const {world, profile} = stage;
      profile.bandwidth = 50;
      await allSynced(stage);
      await world.server.write([['task', 'large', {blob: 'x'.repeat(1_250_000)}]]);
      await timeUntil(world, 150_000, () => received(stage), 'the row is there');
      assert.ok(profile.dials > 1 && profile.dials <= 3, `${profile.dials} dials`);
    }));
});

/** Whether all that the server has is there. */
function received({world, profile}: Scene): boolean {
  return profile.tabs.every(({state}) => state?.lastLSN === world.oracle.head.lsn);
}

/** Frames that begin so never arrive; nor, once something was heard that begins like that, any other. */
function withoutFrames(type: string, last?: string): Sabotage {
  return {
    sockets: port => ({
      connect: (url, handlers) => {
        let isDead = false;
        return port.connect(url, {
          ...handlers,
          message: text => {
            if (isDead || text.startsWith(`{"type":"${type}"`)) return;
            handlers.message(text);
            isDead = last !== undefined && text.startsWith(`{"type":"${last}"`);
          },
        });
      },
    }),
  };
}

describe('a line that dies over and over before it has caught up', () => {
  /** Milliseconds from each greeting to the end of its line. */
  async function patience(last: string): Promise<number[]> {
    const lasted: number[] = [];
    await scene({sabotage: withoutFrames('none', last)}, async ({world, profile}) => {
      let since: number | undefined;
      await until(
        world,
        20 * 60_000,
        () => {
          const isOpen = profile.tabs.some(({state}) => state?.isConnected);
          if (isOpen) since ??= world.time.elapsed;
          else if (since !== undefined) {
            lasted.push(world.time.elapsed - since);
            since = undefined;
          }
          return false;
        },
        20,
      );
    });
    return lasted;
  }

  it('is noticed within 26 s each time, where no row was to come', async () => {
    const lasted = await patience('welcome');
    assert.ok(lasted.length > 10, `${lasted.length} lines`);
    assert.ok(Math.max(...lasted) <= 26_000, `${lasted}`);
  });

  it('is noticed within a minute at the latest, where one may have been on its way', async () => {
    const lasted = await patience('sync_start');
    assert.ok(lasted.length > 10, `${lasted.length} lines`);
    assert.ok((lasted[0] ?? 0) <= 26_000 && Math.max(...lasted) <= 60_000, `${lasted}`);
  });
});

describe('a token that expires in the middle of a snapshot', () => {
  const rows = 3000;

  it('is replaced on the open line', () =>
    scene({users: ['ann'], tokenLife: 20_000}, async stage => {
      stage.profile.bandwidth = 50;
      await fill(stage, rows);
      const took = await allSynced(stage, 200_000);
      assert.ok(took > 40_000, `no token expired: ${took} ms`);
      assert.equal(stage.profile.dials, 1);
    }));

  it('and is not replaced in time ends the line: the next one goes on where that was', async () => {
    let received = 0;
    const sabotage = countingRows(count => {
      received += count;
    });
    await scene({users: ['ann'], tokenLife: 20_000, sabotage}, async stage => {
      const {world, profile} = stage;
      profile.bandwidth = 50;
      await fill(stage, rows);
      await pass(world, 5000);
      for (const tab of profile.tabs) tab.mute = true;
      await timeUntil(world, 40_000, () => profile.openLinks().length === 0, 'the server closed the line');
      const before = received;
      assert.ok(before > 200 && before < rows, `${before} rows of ${rows} when it was closed`);
      for (const tab of profile.tabs) tab.mute = false;
      await allSynced(stage, 200_000);
      // What was on its way, unacknowledged, comes again, and no more.
      assert.ok(received < rows + 1200, `${received} rows for ${rows}`);
    });
  });
});
