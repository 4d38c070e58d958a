import {expect} from '@open-wc/testing';
import {ManualTimers} from '../testing/manual-timers.js';
import {timeAgo} from './relative-time.js';
import {Ticker} from './ticker.js';

const MINUTE = 60_000;

describe('a relative time', () => {
  const table: [age: number, value: number | undefined, unit: string | undefined, changesIn: number][] = [
    [0, undefined, undefined, MINUTE],
    [59_999, undefined, undefined, 1],
    [MINUTE, -1, 'minute', MINUTE],
    [59.5 * MINUTE, -59, 'minute', MINUTE / 2],
    [61 * MINUTE, -1, 'hour', 59 * MINUTE],
    [49 * 60 * MINUTE, -2, 'day', 23 * 60 * MINUTE],
    [-5 * MINUTE, undefined, undefined, MINUTE],
  ];
  for (const [age, value, unit, changesIn] of table) {
    it(`${age} ms ago reads ${value ?? 'just now'} ${unit ?? ''} for another ${changesIn} ms`, () => {
      const now = 1e12;
      const {step, nextAt} = timeAgo(now - age, now);
      expect([step?.value, step?.unit]).to.deep.equal([value, unit]);
      expect(nextAt - now).to.equal(changesIn);
    });
  }
});

describe('the ticker of a page', () => {
  it('sets one timer for all, for the next moment, and none for nobody', () => {
    const timers = new ManualTimers();
    const ticker = new Ticker(timers);
    const rung: string[] = [];
    const late = () => rung.push('late');
    ticker.schedule(late, timers.now() + 200);
    ticker.schedule(() => rung.push('early'), timers.now() + 100);
    expect(timers.waiting).to.equal(1);
    timers.pass(150);
    expect(rung).to.deep.equal(['early']);
    ticker.cancel(late);
    expect(timers.waiting).to.equal(0);
    timers.pass(1000);
    expect(rung).to.deep.equal(['early']);
  });
});
