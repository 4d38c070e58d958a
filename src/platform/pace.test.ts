import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Pace} from './pace.js';

describe('a pace of 10 ms', () => {
  let clock: FakeClock;
  let pace: Pace;
  let taken: number[];

  beforeEach(async () => {
    clock = new FakeClock();
    await clock.advance(1000);
    pace = new Pace(clock, 10);
    taken = [];
  });

  /** One after another, each as soon as it may be. */
  const crowd = async (turns: number) => {
    for (let turn = 0; turn < turns; turn++) {
      await pace.turn();
      taken.push(clock.monotonic() - 1000);
    }
  };

  it('lets a few go at once, and then one every 10 ms', async () => {
    const all = crowd(7);
    await clock.advance(30);
    expect(taken).to.deep.equal([0, 0, 0, 0, 10, 20, 30]);
    await all;
  });

  it('never has one wait that comes every 10 ms', async () => {
    for (let turn = 0; turn < 20; turn++) {
      await crowd(1);
      await clock.advance(10);
    }
    expect(taken).to.deep.equal(Array.from({length: 20}, (_, turn) => turn * 10));
  });

  it('is forgotten by a while of rest', async () => {
    const first = crowd(5);
    await clock.advance(100);
    await first;
    void crowd(5);
    await clock.advance(9);
    expect(taken.slice(5)).to.deep.equal([100, 100, 100, 100]);
    pace.hurry();
  });

  it('is hurried on, and no timer is left', async () => {
    const all = crowd(5);
    await clock.advance(1);
    expect(pace.isWaiting).to.equal(true);
    pace.hurry();
    await all;
    expect(taken.at(-1)).to.equal(1);
    expect(clock.pending).to.equal(0);
    expect(pace.isWaiting).to.equal(false);
  });

  it('has nobody wait longer for having been hurried', async () => {
    for (let round = 0; round < 20; round++) {
      const turn = pace.turn();
      pace.hurry();
      await turn;
    }
    taken = [];
    void crowd(1);
    await clock.advance(10);
    expect(taken).to.deep.equal([10]);
  });
});
