import {expect} from '@open-wc/testing';
import {LEASE, Lease} from './lease.js';

describe('a lease', () => {
  let now: number;
  let monotonic: number;
  let lease: Lease;
  beforeEach(() => {
    now = 1_000_000;
    monotonic = 100;
    lease = new Lease({now: () => now, monotonic: () => monotonic});
  });
  const pass = (ms: number) => {
    now += ms;
    monotonic += ms;
  };

  it('holds from a look on, and for no longer than that', async () => {
    expect(lease.holds).to.equal(false);
    await lease.renew(async () => {});
    pass(LEASE - 1);
    expect(lease.holds).to.equal(true);
    pass(1);
    expect(lease.holds).to.equal(false);
  });
  it('counts from when the look began', async () => {
    await lease.renew(async () => pass(LEASE));
    expect(lease.holds).to.equal(false);
  });
  it('is not given by a look that failed', async () => {
    await lease.renew(() => Promise.reject(new Error('no'))).catch(() => {});
    expect(lease.holds).to.equal(false);
  });
  it('is over where either clock has gone on, or the wall’s was set back', async () => {
    for (const [wall, other] of [
      [LEASE, 0],
      [0, LEASE],
      [-LEASE, 0],
    ] as const) {
      await lease.renew(async () => {});
      now += wall;
      monotonic += other;
      expect(lease.holds).to.equal(false);
    }
  });
  it('ends at once when it is given up', async () => {
    await lease.renew(async () => {});
    lease.end();
    expect(lease.holds).to.equal(false);
  });
  it('is not given by a look during which it was given up', async () => {
    await lease.renew(async () => lease.end());
    expect(lease.holds).to.equal(false);
    await lease.renew(async () => {});
    expect(lease.holds).to.equal(true);
  });
  it('never holds without a clock', async () => {
    const none = new Lease(undefined);
    await none.renew(async () => {});
    expect(none.holds).to.equal(false);
  });
});
