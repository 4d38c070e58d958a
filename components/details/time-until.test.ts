import {expect} from '@open-wc/testing';
import {timeUntil} from './time-until.js';

describe('the time until something', () => {
  const SECOND = 1000;
  const MINUTE = 60 * SECOND;
  const HOUR = 60 * MINUTE;
  for (const [left, value, unit] of [
    [1, 1, 'second'],
    [60 * SECOND, 60, 'second'],
    [89.5 * SECOND, 90, 'second'],
    [90 * SECOND, 2, 'minute'],
    [10 * MINUTE, 10, 'minute'],
    [89 * MINUTE, 89, 'minute'],
    [90 * MINUTE, 2, 'hour'],
    [30 * HOUR, 30, 'hour'],
  ] as const) {
    it(`is ${value} ${unit}s, ${left} ms before, until it reads differently`, () => {
      const then = 10 * 24 * HOUR;
      const told = timeUntil(then, then - left);
      expect([told.value, told.unit]).to.deep.equal([value, unit]);
      if (told.nextAt >= then) return;
      expect(told.nextAt).to.be.greaterThan(then - left);
      const [before, after] = [timeUntil(then, told.nextAt - 2), timeUntil(then, told.nextAt + 2)];
      expect([before.value, before.unit]).to.deep.equal([value, unit]);
      expect([after.value, after.unit]).not.to.deep.equal([value, unit]);
    });
  }
});
