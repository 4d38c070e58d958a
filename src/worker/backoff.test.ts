import {expect} from '@open-wc/testing';
import {backoff} from './backoff.js';

describe('the backoff', () => {
  const table: [attempt: number, fraction: number, milliseconds: number][] = [
    [0, 0, 500],
    [0, 0.5, 750],
    [1, 0.5, 1000],
    [2, 0.5, 1500],
    [3, 0.5, 2500],
    [5, 0.5, 8500],
    [6, 0.5, 15_250],
    [7, 0.5, 15_250],
    [20, 0, 500],
    [1000, 0.5, 15_250],
    [Number.MAX_SAFE_INTEGER, 0.5, 15_250],
  ];
  for (const [attempt, fraction, milliseconds] of table) {
    it(`after ${attempt} failures, with ${fraction} of chance, is ${milliseconds} ms`, () =>
      expect(backoff(attempt, fraction)).to.equal(milliseconds));
  }
  it('is never under half a second and never over half a minute', () => {
    for (let attempt = 0; attempt < 100; attempt++) {
      for (const fraction of [0, 0.001, 0.5, 0.999999999]) {
        expect(backoff(attempt, fraction)).to.be.within(500, 30_000);
      }
    }
  });
  it('spreads a crowd: half of it in each half of the span', () => {
    for (const attempt of [0, 3, 10]) {
      const [low, middle, high] = [0, 0.5, 1].map(fraction => backoff(attempt, fraction)) as [number, number, number];
      expect(middle - low).to.equal(high - middle);
      expect(high).to.be.greaterThan(low);
    }
  });
});
