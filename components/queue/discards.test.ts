import {expect} from '@open-wc/testing';
import {SyncError} from '../shared/core.js';
import {FakeService} from '../testing/fake-service.js';
import {ManualTimers} from '../testing/manual-timers.js';
import {Discards, UNDO} from './discards.js';

function discards(isBusy: (id: string) => boolean = () => false) {
  const timers = new ManualTimers();
  const service = new FakeService();
  let changes = 0;
  return {timers, service, subject: new Discards(() => changes++, isBusy, timers), changes: () => changes};
}

describe('a discard', () => {
  it('happens once it can no longer be undone', () => {
    const {timers, service, subject} = discards();
    subject.add('a', service);
    timers.pass(UNDO - 1);
    expect(service.times('discard')).to.equal(0);
    timers.pass(1);
    expect(service.calls).to.deep.equal([{method: 'discard', args: ['a']}]);
    expect(subject.has('a')).to.equal(true);
  });

  it('waits for a person who is at it, and then for what was left of its time', () => {
    const at = new Set(['a']);
    const {timers, service, subject} = discards(id => at.has(id));
    subject.add('a', service);
    timers.pass(10 * UNDO);
    expect(service.times('discard')).to.equal(0);
    at.clear();
    timers.pass(UNDO - 1);
    at.add('b');
    expect(service.times('discard')).to.equal(0);
    timers.pass(1);
    expect(service.times('discard')).to.equal(1);
  });

  it('never happens when it was undone', () => {
    const {timers, service, subject} = discards();
    subject.add('a', service);
    subject.undo('a');
    expect(subject.has('a')).to.equal(false);
    timers.pass(UNDO);
    expect(service.times('discard')).to.equal(0);
    expect(timers.waiting).to.equal(0);
  });

  it('happens once when it is asked for twice, and at once when nobody can undo it', () => {
    const {timers, service, subject} = discards();
    subject.add('a', service);
    subject.add('a', service);
    subject.finish();
    timers.pass(UNDO);
    subject.finish();
    expect(service.times('discard')).to.equal(1);
  });

  it('shows the operation again when it could not be carried out', async () => {
    const {timers, service, subject, changes} = discards();
    service.discard = () => Promise.reject(new SyncError('closed', 'gone'));
    subject.add('a', service);
    timers.pass(UNDO);
    await Promise.resolve();
    await Promise.resolve();
    expect([subject.has('a'), changes()]).to.deep.equal([false, 1]);
  });
});
