import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Aftermath} from './aftermath.js';

describe('what follows a commit', () => {
  let clock: FakeClock;
  let log: string[];
  let aftermath: Aftermath;
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    aftermath = new Aftermath(clock, {
      acknowledge: ({stream, n}) => log.push(`received ${stream}/${n}`),
      changed: () => log.push('changed'),
    });
  });

  it('waits for a moment where the rows are live, and is done once for all commits of it: the last frame says all', async () => {
    for (const n of [1, 2, 3]) {
      aftermath.committed();
      aftermath.received(1, n, true);
      await clock.advance(5);
    }
    expect(log).to.deep.equal([]);
    await clock.advance(1);
    expect(log).to.deep.equal(['received 1/3', 'changed']);
    await clock.advance(100);
    expect(log).to.deep.equal(['received 1/3', 'changed']);
  });
  it('is told at once where the server waits for it, and never an older frame behind it', async () => {
    aftermath.received(1, 1, true);
    aftermath.received(1, 2, false);
    expect(log).to.deep.equal(['received 1/2']);
    await clock.advance(16);
    expect(log).to.deep.equal(['received 1/2', 'changed']);
  });
  it('is nothing once the socket is gone, and begins anew on the next', async () => {
    aftermath.received(1, 1, true);
    aftermath.drop();
    expect(clock.pending).to.equal(0);
    aftermath.received(2, 1, true);
    await clock.advance(16);
    expect(log).to.deep.equal(['received 2/1', 'changed']);
  });
});
