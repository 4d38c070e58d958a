import {expect} from '@open-wc/testing';
import {IDLE_STATE, type SyncState, type SyncStatus} from '../shared/core.js';
import {Announcer, REST} from '../status/announcer.js';
import {ManualTimers} from '../testing/manual-timers.js';
import {MIN_SHOWN, PATIENCE, SteadyState} from './steady-state.js';

const state = (status: SyncStatus, more: Partial<SyncState> = {}): SyncState => ({
  ...IDLE_STATE,
  isConnected: true,
  status,
  ...more,
});

describe('a steady status', () => {
  function steady() {
    const timers = new ManualTimers();
    const shown: (string | undefined)[] = [];
    const subject = new SteadyState(() => shown.push(subject.shown?.status), timers);
    return {timers, shown, subject};
  }

  it('never shows what passes quickly', () => {
    const {timers, shown, subject} = steady();
    subject.offer(state('synced'));
    subject.offer(state('pending', {pending: 1}));
    timers.pass(PATIENCE - 1);
    subject.offer(state('synced'));
    timers.pass(10_000);
    expect(new Set(shown)).to.deep.equal(new Set(['synced']));
  });

  it('shows what lasts, counting from the first of what passes', () => {
    const {timers, shown, subject} = steady();
    subject.offer(state('synced'));
    subject.offer(state('connecting'));
    timers.pass(PATIENCE / 2);
    subject.offer(state('syncing'));
    timers.pass(PATIENCE / 2);
    expect(shown).to.deep.equal(['synced', 'syncing']);
  });

  it('then shows it long enough to be read', () => {
    const {timers, shown, subject} = steady();
    subject.offer(state('synced'));
    subject.offer(state('syncing'));
    timers.pass(PATIENCE + 1);
    subject.offer(state('synced'));
    expect(shown.at(-1)).to.equal('syncing');
    timers.pass(MIN_SHOWN);
    expect(shown.at(-1)).to.equal('synced');
    expect(timers.waiting).to.equal(0);
  });

  it('shows what needs a person at once', () => {
    for (const status of ['offline', 'needs-auth', 'error'] as const) {
      const {timers, shown, subject} = steady();
      subject.offer(state('syncing'));
      timers.pass(PATIENCE);
      subject.offer(state(status));
      expect(shown.at(-1)).to.equal(status);
    }
  });

  it('does not begin with a status that is only where everything begins', () => {
    const {timers, shown, subject} = steady();
    subject.offer(state('idle'));
    subject.offer(state('connecting'));
    timers.pass(PATIENCE - 1);
    subject.offer(state('synced'));
    expect(shown).to.deep.equal(['synced']);
    expect(timers.waiting).to.equal(0);
  });

  it('keeps counts up to date', () => {
    const {subject} = steady();
    subject.offer(state('offline', {pending: 1}));
    subject.offer(state('offline', {pending: 2}));
    expect(subject.shown?.pending).to.equal(2);
  });
});

describe('an announcer', () => {
  function announcer() {
    const timers = new ManualTimers();
    const said: string[] = [];
    return {
      timers,
      said,
      subject: new Announcer(({status, pending, failed}) => said.push(`${status} ${pending || failed}`), timers),
    };
  }

  it('says nothing of a page that opens well', () => {
    const {timers, said, subject} = announcer();
    subject.offer(state('connecting'));
    subject.offer(state('synced'));
    timers.pass(REST);
    expect(said).to.deep.equal([]);
  });

  it('says at once what a page opens with that needs a person', () => {
    const {timers, said, subject} = announcer();
    subject.offer(state('needs-auth'));
    timers.pass(REST);
    expect(said).to.deep.equal(['needs-auth 0']);
  });

  it('says each rest once, with the count it has by then', () => {
    const {timers, said, subject} = announcer();
    subject.offer(state('synced'));
    timers.pass(REST);
    subject.offer(state('offline', {pending: 1}));
    subject.offer(state('offline', {pending: 2}));
    timers.pass(REST);
    subject.offer(state('offline', {pending: 3}));
    timers.pass(REST);
    subject.offer(state('syncing'));
    subject.offer(state('synced'));
    timers.pass(REST);
    expect(said).to.deep.equal(['offline 2', 'synced 0']);
  });

  it('says nothing of an offline that was over before anybody could have listened', () => {
    const {timers, said, subject} = announcer();
    subject.offer(state('synced'));
    timers.pass(REST);
    subject.offer(state('offline'));
    timers.pass(REST - 1);
    subject.offer(state('synced'));
    timers.pass(10 * REST);
    expect(said).to.deep.equal([]);
  });

  const refusals = (failed: number) =>
    state('error', {failed, error: {code: 'operations-failed', message: 'm', action: 'review'}});

  it('says again that the server refused what was tried again, although the way there said nothing', () => {
    const {timers, said, subject} = announcer();
    subject.offer(refusals(1));
    timers.pass(REST);
    subject.offer(state('pending', {isConnected: true, failed: 0, pending: 1}));
    subject.offer(refusals(1));
    timers.pass(REST);
    expect(said).to.deep.equal(['error 1', 'error 1']);
  });

  it('says that more was refused, once for all that came together, and nothing where it gets less', () => {
    const {timers, said, subject} = announcer();
    subject.offer(refusals(1));
    timers.pass(REST);
    for (let failed = 2; failed <= 9; failed++) subject.offer(refusals(failed));
    timers.pass(REST);
    for (let failed = 8; failed >= 3; failed--) subject.offer(refusals(failed));
    timers.pass(REST);
    subject.offer(refusals(4));
    timers.pass(REST);
    expect(said).to.deep.equal(['error 1', 'error 9', 'error 4']);
  });

  it('does not repeat a rest that was only left for a moment', () => {
    const {timers, said, subject} = announcer();
    subject.offer(state('offline'));
    timers.pass(REST);
    subject.offer(state('reconnecting'));
    subject.offer(state('offline'));
    timers.pass(REST);
    expect(said).to.deep.equal(['offline 0']);
    expect(timers.waiting).to.equal(0);
  });
});
