import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import type {OperationQueue} from '../queue/operation-queue.js';
import {Pump} from './pump.js';

const LIMITS = {operation: 1_000_000, frame: 1_000_000, operations: 100};

describe('the pump', () => {
  let clock: FakeClock;
  let buffered: number;
  let isLate: boolean;
  let isSending: boolean;
  let overdue: number;
  let pump: Pump;
  let scan: () => Promise<void>;
  beforeEach(() => {
    clock = new FakeClock();
    buffered = 0;
    isLate = isSending = false;
    overdue = 0;
    scan = async () => {};
    const queue = {
      scan: () => scan(),
      takeSendable: async () => [],
      connectionLost: () => {},
      nextDueAt: undefined,
      get answerOverdue() {
        return isLate;
      },
      get isSending() {
        return isSending;
      },
    } as unknown as OperationQueue;
    pump = new Pump(queue, clock, {
      send: () => {},
      buffered: () => buffered,
      overdue: () => overdue++,
      failed: () => {},
      worked: () => {},
    });
    pump.open(LIMITS);
  });

  it('gives up a line on which an answer is overdue', async () => {
    await clock.advance(30_000);
    expect(overdue).to.equal(0);
    isLate = true;
    await clock.advance(10_000);
    expect(overdue).to.equal(1);
  });
  it('lets a slow line finish what it is sending: that can not be answered yet', async () => {
    isLate = true;
    buffered = 1_000_000;
    pump.close();
    pump.open(LIMITS);
    for (let check = 0; check < 9; check++) {
      buffered -= 100_000;
      await clock.advance(10_000);
    }
    expect(overdue).to.equal(0);
    await clock.advance(10_000);
    expect(overdue).to.equal(1);
  });
  it('waits for answers before a goodbye, but not for ever', async () => {
    isSending = true;
    let done = false;
    void pump.finish(3000).then(() => {
      done = true;
    });
    await clock.advance(2900);
    expect(done).to.equal(false);
    await clock.advance(200);
    expect(done).to.equal(true);
  });
  it('looks for what others wrote once at a time, however long that takes', async () => {
    let looks = 0;
    scan = () => {
      looks++;
      return new Promise(() => {});
    };
    await clock.advance(3_600_000);
    pump.close();
    pump.open(LIMITS);
    expect(looks).to.equal(1);
  });
  it('closed sets no timer any more', async () => {
    pump.close();
    await clock.advance(0);
    expect(clock.pending).to.equal(0);
  });
});
