import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Handover} from './handover.js';

describe('a line that has changed hands', () => {
  let clock: FakeClock;
  let changes: number;
  const after = (before: 'live' | 'syncing' | 'waiting' | 'stopped') => new Handover(clock, before, () => changes++);
  beforeEach(() => {
    clock = new FakeClock();
    changes = 0;
  });

  it('is shown as it was, for a second', async () => {
    const handover = after('live');
    expect(handover.during('connecting')).to.equal('live');
    await clock.advance(999);
    expect(handover.during('connecting')).to.equal('live');
    expect(handover.during('syncing')).to.equal('live');
    await clock.advance(1);
    expect(handover.during('connecting')).to.equal(null);
    expect(handover.during('syncing')).to.equal(null);
    expect(changes).to.equal(1);
  });
  it('is shown as it is once it stands, and as soon as the first try has failed', () => {
    const handover = after('live');
    for (const phase of ['waiting', 'stopped', 'live'] as const) {
      expect(handover.during(phase)).to.equal(null);
    }
  });
  for (const before of ['waiting', 'stopped'] as const) {
    it(`is not shown better than it was: ${before}`, () => {
      expect(after(before).during('connecting')).to.equal(null);
    });
  }
  it('that ends before leaves no timer', () => {
    const handover = after('live');
    handover.end();
    expect(clock.pending).to.equal(0);
    expect(handover.during('connecting')).to.equal(null);
  });
});
