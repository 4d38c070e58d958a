/** Several trackers in one page are several tabs to each other: they share the origin's locks and channels, and nothing else. */
import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {browserPlatform} from '../platform/browser-platform.js';
import {GlobalConnectionTracker} from './global-connection-tracker.js';

describe('GlobalConnectionTracker', () => {
  const open: GlobalConnectionTracker[] = [];
  let name: string;
  beforeEach(() => {
    name = crypto.randomUUID();
  });
  afterEach(() => {
    for (const tracker of open.splice(0)) tracker.cleanup();
  });

  const tab = (clock = browserPlatform().clock) => {
    const tracker = new GlobalConnectionTracker({name, platform: {...browserPlatform(), clock}});
    open.push(tracker);
    return tracker;
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) await settle();
  };
  const locks = async () => {
    const {held = [], pending = []} = await navigator.locks.query();
    return [...held, ...pending].filter(lock => lock.name?.startsWith(name)).length;
  };
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      error => error.code,
    );

  it('tells of an attempt and a connection at once here, and in other tabs as soon as they hear of it', async () => {
    const [one, other] = [tab(), tab()];
    one.startConnectionAttempt('a');
    expect(one.isAttemptingConnection('a')).to.equal(true);
    await until(() => other.isAttemptingConnection('a'));
    expect(await one.registerConnection('a')).to.equal(true);
    expect(one.isAttemptingConnection('a'), 'a success is no attempt any more').to.equal(false);
    await until(() => other.isClientConnected('a') && !other.isAttemptingConnection('a'));
    expect(other.isClientConnected('b')).to.equal(false);
    one.closeConnection('a');
    await until(() => !other.isClientConnected('a'));
  });

  it('tells a tab that comes later what was there before', async () => {
    await tab().registerConnection('a');
    const later = tab();
    await until(() => later.isClientConnected('a'));
  });

  it('gives one tab its turn at a time, and one the connection', async () => {
    const [one, other] = [tab(), tab()];
    const first = one.startConnectionAttempt('a');
    expect(await first.turn).to.equal(true);
    const second = other.startConnectionAttempt('a');
    let hadTurn = false;
    void second.turn.then(() => {
      hadTurn = true;
    });
    await other.startConnectionAttempt('another client').turn;
    expect(hadTurn).to.equal(false);
    expect(await one.registerConnection('a')).to.equal(true);
    expect(await second.turn).to.equal(true);
    expect(await other.registerConnection('a'), 'there is one already').to.equal(false);
    await until(() => other.isClientConnected('a'));
    one.closeConnection('a');
    await until(() => !other.isClientConnected('a'));
    expect(await other.registerConnection('a')).to.equal(true);
  });

  it('asked twice at once, says the same twice', async () => {
    const [one, other] = [tab(), tab()];
    await one.registerConnection('a');
    expect(await Promise.all([other.registerConnection('a'), other.registerConnection('a')])).to.deep.equal([
      false,
      false,
    ]);
    expect(await Promise.all([one.registerConnection('a'), one.registerConnection('a')])).to.deep.equal([true, true]);
    const closing = other.registerConnection('b');
    other.closeConnection('b');
    expect(await closing, 'closed before it was there').to.equal(false);
  });

  it('ends an attempt by its own release only, and no other tab’s by anything', async () => {
    const [one, other] = [tab(), tab()];
    const mine = one.startConnectionAttempt('a');
    other.startConnectionAttempt('a');
    await until(() => one.isAttemptingConnection('a') && other.isAttemptingConnection('a'));
    mine();
    mine();
    await until(() => one.isAttemptingConnection('a'));
    one.endConnectionAttempt('a');
    one.closeConnection('a');
    await settle();
    expect(other.isAttemptingConnection('a')).to.equal(true);
    await until(() => one.isAttemptingConnection('a'));
    other.endConnectionAttempt('a');
    await until(() => !one.isAttemptingConnection('a'));
  });

  it('two attempts of one tab end one by one', async () => {
    const tracker = tab();
    const [first, second] = [tracker.startConnectionAttempt('a'), tracker.startConnectionAttempt('a')];
    first();
    expect(tracker.isAttemptingConnection('a')).to.equal(true);
    expect(await second.turn).to.equal(true);
    second();
    expect(tracker.isAttemptingConnection('a')).to.equal(false);
  });

  it('an attempt that was ended before its turn never has it', async () => {
    const [one, other] = [tab(), tab()];
    await one.startConnectionAttempt('a').turn;
    const waiting = other.startConnectionAttempt('a');
    waiting();
    expect(await waiting.turn).to.equal(false);
  });

  it('waits for the attempt of another tab by its end, and not at all where there is none', async () => {
    const [one, other] = [tab(), tab(new FakeClock())];
    await other.waitForExistingAttempt('a');
    const attempt = one.startConnectionAttempt('a');
    await attempt.turn;
    const waiting = other.waitForExistingAttempt('a');
    attempt();
    await waiting;
  });

  it('tells a time-out as one, and leaves no timer behind either way', async () => {
    const clock = new FakeClock();
    const [one, other] = [tab(), tab(clock)];
    const attempt = one.startConnectionAttempt('a');
    await attempt.turn;
    const late = codeOf(other.waitForExistingAttempt('a', {timeout: 200}));
    await clock.advance(199);
    expect(clock.pending).to.equal(1);
    await clock.advance(1);
    expect(await late).to.equal('timed-out');
    attempt();
    await other.waitForExistingAttempt('a');
    expect(clock.pending).to.equal(0);
  });

  it('gives everything up with cleanup, and tells those who wait', async () => {
    const [one, other] = [tab(), tab()];
    const attempt = one.startConnectionAttempt('a');
    await attempt.turn;
    await one.registerConnection('b');
    await until(() => other.isClientConnected('b'));
    const waiting = codeOf(other.waitForExistingAttempt('a'));
    const queued = other.startConnectionAttempt('a');
    other.cleanup();
    expect(await waiting).to.equal('closed');
    expect(await queued.turn).to.equal(false);
    expect(await codeOf(other.waitForExistingAttempt('a'))).to.equal('closed');
    expect(await other.registerConnection('a')).to.equal(false);
    const late = other.startConnectionAttempt('c');
    expect([await late.turn, other.isAttemptingConnection('c')], 'it is closed').to.deep.equal([false, false]);
    late();
    one.cleanup();
    while ((await locks()) > 0) await settle();
  });

  it('forgets a tab that is gone without a word', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const context = frame.contentWindow as unknown as typeof globalThis;
    const survivor = tab();
    const channel = new context.BroadcastChannel(name);
    await new Promise<void>(held => {
      void context.navigator.locks.request(`${name}/tab/x`, () => {
        held();
        return new Promise(() => {});
      });
    });
    channel.postMessage({tab: 'x', asks: false, attempting: ['a'], connected: ['b']});
    await until(() => survivor.isAttemptingConnection('a') && survivor.isClientConnected('b'));
    frame.remove();
    await until(() => !survivor.isAttemptingConnection('a') && !survivor.isClientConnected('b'));
  });

  it('does not take the word of what does not speak as a tab', async () => {
    const tracker = tab();
    const channel = new BroadcastChannel(name);
    for (const message of [
      null,
      'x',
      {},
      {tab: 1},
      {tab: 'x', attempting: 'a', connected: []},
      {tab: 'x', attempting: [1], connected: []},
    ]) {
      channel.postMessage(message);
    }
    channel.postMessage({tab: crypto.randomUUID(), asks: false, attempting: [], connected: ['last']});
    await settle();
    expect(tracker.isAttemptingConnection('a')).to.equal(false);
    channel.close();
  });
});
