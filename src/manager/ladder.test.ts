import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Ladder} from './ladder.js';

describe('the ladder', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  const ladder = (mode: 'auto' | 'worker' | 'page' = 'auto') => new Ladder(mode, clock);
  /** Stands and falls, so many times. */
  const falls = (on: Ladder, times: number) =>
    Array.from({length: times}, () => {
      on.stands();
      return on.fell();
    });

  it('begins with a worker, or in the page where that is wished', () => {
    expect(ladder('auto').rung).to.equal('worker');
    expect(ladder('worker').rung).to.equal('worker');
    expect(ladder('page').rung).to.equal('page');
  });
  it('goes to the page at once where no worker ever ran, and no further', () => {
    const one = ladder();
    expect(one.fell()).to.equal('page');
    expect(one.rung).to.equal('page');
    expect(one.fell()).to.equal('none');
  });
  it('has no page where a worker is insisted on', () => {
    expect(ladder('worker').fell()).to.equal('none');
  });
  it('has nothing below the page', () => {
    expect(ladder('page').fell()).to.equal('none');
  });
  it('replaces a worker that ran three times, then goes to the page, which is replaced three times too', () => {
    const one = ladder();
    expect(falls(one, 4)).to.deep.equal(['again', 'again', 'again', 'page']);
    expect(falls(one, 4)).to.deep.equal(['again', 'again', 'again', 'none']);
  });
  it('counts a replacement that never got to run as one more fall', () => {
    const one = ladder();
    expect(falls(one, 1)).to.deep.equal(['again']);
    expect([one.fell(), one.fell(), one.fell()]).to.deep.equal(['again', 'again', 'page']);
  });
  it('forgets earlier falls once an engine has run for a minute', async () => {
    const one = ladder();
    falls(one, 3);
    one.stands();
    await clock.advance(60_000);
    expect(one.fell()).to.equal('again');
    expect(falls(one, 3)).to.deep.equal(['again', 'again', 'page']);
  });
});
