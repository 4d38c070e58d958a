import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {Credit} from './credit.js';

describe('the credit of a stream', () => {
  let now: number;
  const spent = (window: number, frames: readonly number[]) => {
    now = 0;
    const credit = new Credit(window, () => now);
    for (const bytes of frames) credit.spend(bytes);
    return credit;
  };

  it('always has room for one frame, and then for as much as the window holds', async () => {
    const credit = spent(100, []);
    assert.equal(await credit.take(1000), true);
    credit.spend(1000);
    const next = credit.take(60);
    credit.acknowledge(1);
    assert.equal(await next, true);
    credit.spend(60);
    assert.equal(await credit.take(40), true);
  });

  it('is stalled from when a frame is due that there is no room for, until there is progress', () => {
    const credit = spent(100, [60, 60]);
    now = 50_000;
    assert.equal(credit.stalledFor(), 0);
    void credit.take(10);
    now += 60_000;
    assert.ok(credit.stalledFor() > 59_000);
    credit.acknowledge(1);
    assert.equal(credit.stalledFor(), 0);
  });

  it('is not stalled by a large frame that a slow line is busy with', () => {
    const credit = spent(1_000_000, [7_000_000]);
    void credit.take(10);
    // As long as it takes at 50 kB/s.
    now = 140_000;
    assert.ok(credit.stalledFor() < 60_000);
    now = 500_000;
    assert.ok(credit.stalledFor() > 60_000);
  });

  it('closed grants nothing, to those who wait neither', async () => {
    const credit = spent(100, [100]);
    const waiting = credit.take(1);
    credit.close();
    assert.deepEqual([await waiting, await credit.take(1), credit.stalledFor()], [false, false, 0]);
  });

  it('knows a number that was never sent', () => {
    assert.equal(spent(100, [1]).acknowledge(2), false);
  });
});
