/**
 * A crash at every await, enumerated (crash-points.ts says what that means): each place once, with the three ways to die in
 * turns. SIMULATION_CRASHES=all tries all three at each.
 */
import assert from 'node:assert/strict';
import {before, describe, it} from 'node:test';
import {CRASH_BUGS} from './bugs-crash.js';
import {type CrashPoint, crashAt, crashPoints} from './crash-points.js';

/** There were 999 crossings, and 1,332 places, when this was written: a day that shrinks tests less, and has to say so. */
const LEAST = {places: 1150, ofOneTab: 450};

const everyWay = process.env['SIMULATION_CRASHES'] === 'all';

describe('a crash at every await', () => {
  let points: CrashPoint[] = [];

  before(async () => {
    points = await crashPoints();
  });

  it('is at every port, in both directions, of the leader and of the follower', t => {
    const places = points.length / 3;
    t.diagnostic(`${places} places, ${new Set(points.map(({n}) => n)).size} crossings`);
    assert.ok(places >= LEAST.places, `${places} places`);
    for (const tab of ['p0.0', 'p0.1']) {
      const mine = points.filter(({crossing}) => crossing.tab === tab);
      assert.ok(mine.length / 3 >= LEAST.ofOneTab, `${mine.length / 3} places of ${tab}`);
      const met = new Set(mine.map(({crossing}) => crossing.what));
      const missing = EVERYWHERE.filter(what => !met.has(what));
      assert.deepEqual(missing, [], tab);
    }
    const met = new Set(points.map(({crossing}) => crossing.what));
    assert.deepEqual(
      OF_THE_LEADER.filter(what => !met.has(what)),
      [],
    );
  });

  it('loses nothing, doubles nothing and lies to nobody', async t => {
    const chosen = points.filter((_, index) => everyWay || index % 3 === Math.floor(index / 3) % 3);
    for (const point of chosen) await crashAt(point);
    t.diagnostic(`${chosen.length} crashes, each with a day before and a night after it`);
  });

  for (const {name, seenBy, sabotage, near} of CRASH_BUGS) {
    it(`sees that ${name}, which nobody sees before`, async t => {
      // Throws where the day itself, without a crash, shows anything.
      const places = await crashPoints(sabotage);
      const moments = places.filter(({crossing}) => near.test(crossing.what)).map(({n}) => n);
      const chosen = places.filter(({n}) => moments.some(moment => Math.abs(n - moment) < 5));
      for (const [tried, point] of chosen.entries()) {
        const seen = await crashAt(point, sabotage).then(
          () => '',
          (error: Error) => error.message,
        );
        if (!seenBy.test(seen)) continue;
        t.diagnostic(`at the ${tried + 1}. of ${chosen.length} places tried: ${seen.split('\n', 2).join(', ')}`);
        return;
      }
      assert.fail(`not at any of ${chosen.length} places`);
    });
  }
});

const EVERYWHERE = [
  'page asks enqueue',
  'tell page answer',
  'append outbox',
  'append outbox: answered',
  'commit outbox',
  'transaction outbox',
  'transaction outbox: answered',
  'request tab',
  'announce outbox',
  'timer set',
  'timer fired',
];

const OF_THE_LEADER = [
  'dial',
  'socket open',
  'send operations',
  'send received',
  'frame operation_ack',
  'frame operation_nack',
  'frame changes',
  'add journal',
  'commit journal+meta',
  'transaction journal+meta: answered',
  'granted leader',
  'hear outbox',
  'hear commit',
];
