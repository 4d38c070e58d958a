import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Watchdog} from './watchdog.js';

describe('the watchdog', () => {
  let clock: FakeClock;
  let said: string[];
  let watchdog: Watchdog;
  beforeEach(() => {
    clock = new FakeClock();
    said = [];
    watchdog = new Watchdog(clock, {ask: () => said.push('ask'), silent: () => said.push('silent')});
  });

  it('asks twice within the limit, and tells of silence at its end, once', async () => {
    watchdog.start(30_000);
    await clock.advance(29_999);
    expect(said).to.deep.equal(['ask', 'ask']);
    await clock.advance(1);
    expect(said).to.deep.equal(['ask', 'ask', 'silent']);
    expect(clock.pending).to.equal(0);
  });
  it('takes any word for life', async () => {
    watchdog.start(30_000);
    for (let i = 0; i < 10; i++) {
      await clock.advance(20_000);
      watchdog.heard();
    }
    expect(said).not.to.include('silent');
  });
  it('of a page that was frozen, which finds its timer late, asks once more before it judges', async () => {
    watchdog.start(30_000);
    await clock.advance(10_000);
    // The answer was on its way when both were frozen; on thawing the timer comes first.
    await clock.advance(10_000);
    expect(said).to.deep.equal(['ask', 'ask']);
    watchdog.heard();
    await clock.advance(29_999);
    expect(said).not.to.include('silent');
  });
  it('says nothing after it was stopped', async () => {
    watchdog.start(3000);
    watchdog.stop();
    await clock.advance(10_000);
    expect(said).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });
  it('begins anew when it is started again', async () => {
    watchdog.start(3000);
    await clock.advance(2000);
    watchdog.start(30_000);
    await clock.advance(29_999);
    expect(said).not.to.include('silent');
  });
});
