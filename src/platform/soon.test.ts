import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Soon} from './soon.js';

describe('work that can wait a moment', () => {
  let clock: FakeClock;
  let done: number;
  let soon: Soon;
  beforeEach(() => {
    clock = new FakeClock();
    done = 0;
    soon = new Soon(clock, () => done++);
  });

  it('is done once for all who asked for it meanwhile, and again for who asks later', async () => {
    soon.ask();
    await clock.advance(15);
    soon.ask();
    expect(done).to.equal(0);
    await clock.advance(1);
    expect(done).to.equal(1);
    await clock.advance(100);
    expect(done).to.equal(1);
    soon.ask();
    await clock.advance(16);
    expect(done).to.equal(2);
  });
  it('dropped is not done, leaves no timer, and can be asked for again', async () => {
    soon.ask();
    soon.drop();
    expect(clock.pending).to.equal(0);
    soon.ask();
    await clock.advance(16);
    expect(done).to.equal(1);
  });
});
