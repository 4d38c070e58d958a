import {expect} from '@open-wc/testing';
import {EventLog} from '../../test/helpers/events.js';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {freshName} from '../../test/helpers/storage.js';
import {browserPlatform} from '../platform/browser-platform.js';
import type {Platform} from '../platform/platform.js';
import {GlobalConnectionTracker, type TrackerHooks} from './global-connection-tracker.js';
import {CHANNEL_FORMAT, type Place} from './tracker.js';

/** Real Web Locks and channels; each tracker stands for a tab. */
describe('the tracker', () => {
  let name: string;
  let log: EventLog;
  let epoch: number;
  let leading: Set<string>;
  const trackers: GlobalConnectionTracker[] = [];

  const open = (
    tab: string,
    hooks: Partial<TrackerHooks> = {},
    platform: Platform = browserPlatform(),
    place: Place = 'worker',
  ) => {
    const tracker = new GlobalConnectionTracker(
      platform,
      {name, place},
      {
        async promote() {
          leading.add(tab);
          log.add(`${tab} leads`);
          if (leading.size > 1) log.add(`two lead: ${[...leading]}`);
          return ++epoch;
        },
        async demote() {
          await settle();
          leading.delete(tab);
          log.add(`${tab} stands down`);
        },
        announced: ({kind}) => log.add(`${tab} hears ${kind}`),
        tabs: count => log.add(`${tab} counts ${count}`),
        second: () => {},
        leaderless: () => log.add(`${tab} misses a leader`),
        woke: () => log.add(`${tab} woke`),
        outdated: () => log.add(`${tab} is outdated`),
        failed: ({code}) => log.add(`${tab} failed ${code}`),
        ...hooks,
      },
    );
    trackers.push(tracker);
    tracker.start();
    return tracker;
  };
  const twoLed = () => log.lines.filter(line => line.startsWith('two lead'));

  beforeEach(() => {
    name = freshName('tracker');
    log = new EventLog();
    epoch = 0;
    leading = new Set();
  });
  afterEach(async () => {
    await Promise.all(trackers.splice(0).map(tracker => tracker.stop()));
  });

  it('makes one tab the leader, and hands over to the next when it goes', async () => {
    const a = open('a');
    await log.has('a counts 1');
    expect(a.isLeader).to.equal(true);
    const b = open('b');
    await log.has('a hears hello');
    expect(b.isLeader).to.equal(false);
    await a.stop();
    await log.has('b leads');
    expect(a.isLeader).to.equal(false);
    expect(log.lines.indexOf('a stands down')).to.be.below(log.lines.indexOf('b leads'));
  });
  it('has one leader at a time, of many tabs that come and go', async () => {
    const tabs = Array.from({length: 10}, (_, index) => open(`t${index}`));
    for (let round = 0; round < 9; round++) {
      await log.passes(lines => lines.filter(line => line.endsWith(' leads')).length > round);
      const leader = tabs.find(tab => leading.has(`t${tabs.indexOf(tab)}`));
      await leader?.stop();
    }
    await log.passes(lines => lines.filter(line => line.endsWith(' leads')).length === 10);
    expect(twoLed()).to.deep.equal([]);
  });
  it('resigning queues up behind the others, and leads again when they are gone', async () => {
    const a = open('a');
    await log.has('a leads');
    const b = open('b');
    await log.has('a hears hello');
    await settle();
    a.resign();
    await log.has('b leads');
    expect(log.count('a stands down')).to.equal(1);
    await b.stop();
    await log.has('a leads', 2);
    expect(twoLed()).to.deep.equal([]);
  });
  it('resigning alone leads again at once', async () => {
    const a = open('a');
    await log.has('a leads');
    a.resign();
    await log.has('a leads', 2);
    expect(log.count('a stands down')).to.equal(1);
  });
  it('resigning as a follower is nothing', async () => {
    open('a');
    await log.has('a leads');
    open('b').resign();
    await log.has('a hears hello');
    expect(leading).to.deep.equal(new Set(['a']));
  });
  it('tries again where it could not take over, and lets others try meanwhile', async () => {
    const clock = new FakeClock();
    let failures = 2;
    const promote = async () => {
      if (failures-- > 0) throw new Error('no storage');
      log.add('a leads');
      return 1;
    };
    open('a', {promote}, {...browserPlatform(), clock});
    await log.has('a failed storage-failed');
    const b = open('b');
    await log.has('b leads');
    await b.stop();
    await clock.advance(1000);
    await log.has('a failed storage-failed', 2);
    await settle();
    await clock.advance(1000);
    await log.has('a leads');
  });
  it('stands down from what it could take over only in part', async () => {
    const promote = async () => {
      leading.add('a');
      throw new Error('no storage');
    };
    open('a', {promote}, {...browserPlatform(), clock: new FakeClock()});
    await log.has('a failed storage-failed');
    expect(log.lines).to.deep.equal(['a stands down', 'a failed storage-failed']);
    expect(leading).to.deep.equal(new Set());
  });
  it('stopped while it takes over leaves the lock, and never leads', async () => {
    let over: AbortSignal | undefined;
    const promote = (signal: AbortSignal) => {
      over = signal;
      log.add('a takes over');
      return new Promise<number>(() => {});
    };
    const a = open('a', {promote});
    await log.has('a takes over');
    await a.stop();
    expect(over?.aborted).to.equal(true);
    expect(log.count('a leads')).to.equal(0);
    open('b');
    await log.has('b leads');
  });
  it('stopped before it leads never does', async () => {
    open('a');
    await log.has('a leads');
    const b = open('b');
    await b.stop();
    await trackers[0]?.stop();
    expect(log.count('b leads')).to.equal(0);
  });
  it('stopped twice is stopped', async () => {
    const a = open('a');
    await log.has('a leads');
    await Promise.all([a.stop(), a.stop()]);
    expect(log.count('a stands down')).to.equal(1);
  });
  it('leaves no lock behind', async () => {
    const a = open('a');
    const b = open('b');
    await log.passes(lines => lines.some(line => line.endsWith(' counts 2')));
    await Promise.all([a.stop(), b.stop()]);
    const {held = [], pending = []} = await navigator.locks.query();
    expect([...held, ...pending].filter(lock => lock.name?.startsWith(name))).to.deep.equal([]);
  });

  it('counts the tabs, those that come and those that go', async () => {
    open('a');
    await log.has('a counts 1');
    const b = open('b');
    await log.has('a counts 2');
    const c = open('c');
    await log.has('a counts 3');
    await Promise.all([b.stop(), c.stop()]);
    await log.passes(lines => lines.lastIndexOf('a counts 1') > lines.lastIndexOf('a counts 3'));
  });

  it('tells the other tabs, and not itself', async () => {
    const a = open('a');
    await log.has('a leads');
    open('b');
    await log.has('a hears hello');
    a.announce({kind: 'outbox', seqs: [1]});
    await log.has('b hears outbox');
    expect(log.count('a hears outbox')).to.equal(0);
  });
  it('hears nothing hostile, and goes on hearing', async () => {
    open('a');
    await log.has('a leads');
    const hostile = new BroadcastChannel(name);
    const messages: unknown[] = [
      null,
      'x',
      5,
      [],
      {},
      {format: CHANNEL_FORMAT},
      {format: CHANNEL_FORMAT, announcement: null},
      {format: CHANNEL_FORMAT, announcement: {kind: 'state', facts: null}},
      {format: CHANNEL_FORMAT, announcement: {kind: 'outbox', seqs: 'x'}},
      {format: 99, announcement: {kind: 'moved'}},
      new Uint8Array(1000),
      {format: CHANNEL_FORMAT, announcement: {kind: 'moved'}},
    ];
    for (const message of messages) hostile.postMessage(message);
    await log.has('a hears moved');
    hostile.close();
    expect(log.lines.filter(line => line.startsWith('a hears') && !/hello|moved/.test(line))).to.deep.equal([]);
  });
  it('stopped hears and says nothing more', async () => {
    const a = open('a');
    await log.has('a leads');
    const b = open('b');
    await log.has('a hears hello');
    await a.stop();
    a.announce({kind: 'moved'});
    b.announce({kind: 'moved'});
    await log.has('b leads');
    expect(log.lines.filter(line => line.endsWith('hears moved'))).to.deep.equal([]);
  });

  describe('a leader that is silent', () => {
    const SILENCE = 7000;
    /** A tab whose time is the test's, on the real locks and channels. */
    const timed = (tab: string, clock: FakeClock, more: Partial<Platform> = {}) =>
      open(tab, {}, {...browserPlatform(), clock, ...more});
    /** Holds the lock like a worker that hangs: it says nothing, and notices nothing. */
    const hang = () => {
      let lost = false;
      const held = new Promise<() => boolean>(resolve => {
        void browserPlatform().locks.request(`${name}/leader`, new AbortController().signal, signal => {
          resolve(() => lost);
          return new Promise<void>(end => {
            signal.addEventListener('abort', () => {
              lost = true;
              end();
            });
          });
        });
      });
      return held;
    };
    /** Time passes, second by second, as it does. */
    const pass = async (clocks: FakeClock[], ms: number) => {
      for (let second = 0; second < ms / 1000; second++) {
        for (const clock of clocks) await clock.advance(1000);
        await settle();
      }
    };
    /** Whatever was on its way through locks and channels has arrived. */
    const quiet = async () => {
      const echo = new BroadcastChannel(`${name}/quiet`);
      const voice = new BroadcastChannel(`${name}/quiet`);
      for (let round = 0; round < 5; round++) {
        await browserPlatform().locks.request(`${name}/quiet`, new AbortController().signal, async () => {});
        await new Promise<void>(resolve => {
          echo.onmessage = () => resolve();
          voice.postMessage(round);
        });
      }
      echo.close();
      voice.close();
    };

    it('loses the lock to one thief, of many that wait', async () => {
      const lost = await hang();
      const clocks = Array.from({length: 5}, () => new FakeClock());
      clocks.forEach((clock, index) => {
        timed(`t${index}`, clock);
      });
      await pass(clocks, SILENCE);
      await log.passes(lines => lines.some(line => line.endsWith(' leads')));
      expect(lost()).to.equal(true);
      await pass(clocks, 20_000);
      await quiet();
      expect(log.lines.filter(line => line.endsWith(' leads')).length).to.equal(1);
    });
    it('because its storage hangs before it could lead leaves the lock to the next', async () => {
      const a = new FakeClock();
      const promote = () =>
        new Promise<number>(() => {
          log.add('a takes over');
        });
      open('a', {promote}, {...browserPlatform(), clock: a});
      await log.has('a takes over');
      open('b');
      await log.has('a hears hello');
      await pass([a], 11_000);
      await log.has('b leads');
    });
    it('for long, as nobody can lead, is not believed any more', async () => {
      await hang();
      const a = new FakeClock();
      timed('a', a, {channels: {open: () => ({post() {}, close() {}})}});
      for (let second = 0; second < 15; second++) await pass([a], 1000);
      expect(log.count('a misses a leader')).to.equal(1);
    });
    it('that a thief is about to take over from is not stolen from by another meanwhile', async () => {
      await hang();
      const a = new FakeClock();
      const b = new FakeClock();
      let finish = () => {};
      const promote = () =>
        new Promise<number>(resolve => {
          log.add('a takes over');
          finish = () => resolve(1);
        });
      open('a', {promote}, {...browserPlatform(), clock: a});
      await pass([a], SILENCE);
      await log.has('a takes over');
      timed('b', b);
      await pass([b], 3 * SILENCE);
      await quiet();
      expect(log.count('b leads')).to.equal(0);
      finish();
    });
    it('keeps it as long as it says once in a while that it lives', async () => {
      const a = new FakeClock();
      const b = new FakeClock();
      timed('a', a);
      await log.has('a leads');
      timed('b', b);
      await log.has('a hears hello');
      await pass([a, b], 30_000);
      await quiet();
      expect(log.count('b leads')).to.equal(0);
    });
    it('keeps it if it answers when asked, though its own timers stand still', async () => {
      const b = new FakeClock();
      timed('a', new FakeClock());
      await log.has('a leads');
      timed('b', b);
      await log.has('a hears hello');
      await pass([b], 5000);
      await quiet();
      await pass([b], 1000);
      await quiet();
      await pass([b], 4000);
      await quiet();
      expect(log.count('b leads')).to.equal(0);
    });
    it('is not stolen from by a tab that did not run itself', async () => {
      const lost = await hang();
      const b = new FakeClock();
      timed('b', b);
      for (let round = 0; round < 10; round++) {
        await pass([b], 4000);
        b.jump(8 * 3600_000);
        await pass([b], 1000);
      }
      await quiet();
      expect(lost()).to.equal(false);
      expect(log.count('b woke')).to.equal(10);
    });
    it('is not stolen from by a tab that does not hear itself', async () => {
      const lost = await hang();
      const b = new FakeClock();
      timed('b', b, {channels: {open: () => ({post() {}, close() {}})}});
      await pass([b], SILENCE);
      await quiet();
      await pass([b], 2000);
      await quiet();
      expect(lost()).to.equal(false);
    });
    it('stands down when it is stolen from, and queues up again', async () => {
      const a = new FakeClock();
      const b = new FakeClock();
      const frozen = {channels: {open: () => ({post() {}, close() {}})}};
      const thawed = timed('a', a, frozen);
      await log.has('a leads');
      timed('b', b);
      await pass([b], SILENCE);
      await log.has('b leads');
      await log.has('a stands down');
      expect(thawed.isLeader).to.equal(false);
      await trackers[1]?.stop();
      await log.has('a leads', 2);
    });
    it('stopped while a thief is at work leaves nothing behind', async () => {
      const lost = await hang();
      const b = new FakeClock();
      const thief = timed('b', b, {channels: {open: () => ({post() {}, close() {}})}});
      await pass([b], SILENCE);
      await quiet();
      await thief.stop();
      expect(b.pending).to.equal(0);
      expect(lost()).to.equal(false);
    });
  });

  describe('a leader with no use for the line', () => {
    it('gives it to another, and not back and forth for ever', async () => {
      const clock = new FakeClock();
      const platform = {...browserPlatform(), clock};
      const a = open('a', {}, platform);
      await log.has('a counts 1');
      const b = open('b', {}, platform);
      await log.has('a counts 2');
      a.yield();
      await log.has('b counts 2');
      b.yield();
      await log.has('a leads', 2);
      await log.has('a counts 2', 2);
      a.yield();
      expect(a.isLeader).to.equal(true);
      await clock.advance(60_000);
      a.yield();
      await log.has('b leads', 2);
    });
    it('keeps it where there is no other', async () => {
      const a = open('a');
      await log.has('a counts 1');
      a.yield();
      expect(a.isLeader).to.equal(true);
    });
    it('loses it to one that has', async () => {
      open('a');
      await log.has('a leads');
      open('b');
      const c = open('c');
      await log.has('a counts 3');
      c.takeOver();
      await log.has('c leads');
      await log.has('a stands down');
      expect(log.count('b leads')).to.equal(0);
    });
  });

  it('tells of a tab of a newer version, and of no older one', async () => {
    open('a');
    await log.has('a leads');
    const other = new BroadcastChannel(name);
    for (const format of [CHANNEL_FORMAT - 1, 'of tomorrow', undefined]) other.postMessage({format});
    other.postMessage({format: CHANNEL_FORMAT + 1, announcement: {kind: 'hello'}});
    await log.has('a is outdated');
    other.close();
    expect(log.count('a is outdated')).to.equal(1);
    expect(log.count('a hears hello')).to.equal(0);
  });

  describe('an engine in the page', () => {
    it('gives the line to one in a worker that comes', async () => {
      open('a', {}, browserPlatform(), 'page');
      await log.has('a leads');
      open('b');
      await log.has('b leads');
      expect(log.count('a stands down')).to.equal(1);
    });
    it('gives it to one that was there before, as soon as that one hears of it', async () => {
      const clock = new FakeClock();
      const platform = {...browserPlatform(), clock};
      const b = open('b', {}, platform);
      await log.has('b leads');
      open('a', {}, browserPlatform(), 'page');
      await log.has('b hears hello');
      b.resign();
      await log.has('a leads');
      await log.has('b leads', 2);
    });
    it('keeps it among its like', async () => {
      const a = open('a', {}, browserPlatform(), 'page');
      await log.has('a leads');
      open('b', {}, browserPlatform(), 'page');
      await log.has('a counts 2');
      expect(a.isLeader).to.equal(true);
    });
  });
});
