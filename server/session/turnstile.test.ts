import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {returnAfter, Turnstile} from './turnstile.js';

/** Everybody comes at `now` and again whenever told; returns when each came in. */
function crowd(turnstile: Turnstile, size: number, now = 1_000_000): number[] {
  const entered: number[] = [];
  let waiting = Array.from({length: size}, (_, index) => ({who: `c${index}`, at: now}));
  while (waiting.length > 0) {
    waiting.sort((a, b) => a.at - b.at);
    const [{who, at} = {who: '', at: 0}, ...rest] = waiting;
    const wait = turnstile.enter(who, at);
    waiting = rest;
    if (wait === 0) entered.push(at);
    else waiting.push({who, at: at + wait});
  }
  return entered;
}

function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map(from => times.filter(time => time >= from && time < from + 1000).length));
}

describe('the turnstile', () => {
  it('lets a few in at once', () => {
    const turnstile = new Turnstile(100);
    for (let client = 0; client < 20; client++) assert.equal(turnstile.enter(`c${client}`, 5000), 0);
    assert.ok(turnstile.enter('one more', 5000) > 0);
  });

  it('spreads a crowd: never more than its rate, and nobody comes twice for nothing', () => {
    const turnstile = new Turnstile(100);
    const entered = crowd(turnstile, 3000);
    assert.equal(entered.length, 3000);
    assert.ok(mostInASecond(entered) <= 100, `${mostInASecond(entered)} in a second`);
    assert.ok((entered.at(-1) ?? 0) - (entered[0] ?? 0) < 40_000);
  });

  it('keeps a turn for who is late, and tells who is early the same time again', () => {
    const turnstile = new Turnstile(10);
    for (let client = 0; client < 50; client++) turnstile.enter(`c${client}`, 5000);
    const wait = turnstile.enter('late', 5000);
    assert.ok(wait > 4000);
    assert.equal(turnstile.enter('late', 6000), wait - 1000);
    assert.equal(turnstile.enter('late', 5000 + wait + 9000), 0);
  });

  it('gives no turn that is too far away, and forgets those who never come', () => {
    const turnstile = new Turnstile(1);
    const waits = Array.from({length: 200}, (_, client) => turnstile.enter(`c${client}`, 5000));
    assert.ok(Math.max(...waits) <= 60_000);
    assert.equal(turnstile.enter('new', 5000 + 600_000), 0);
  });

  it('asks clients that are sent away to come back over a time that fits their number', () => {
    const times = Array.from({length: 1000}, () => returnAfter(1000));
    assert.ok(times.every(time => time >= 500 && time < 16_600));
    assert.ok(mostInASecond(times) <= 110);
  });
});
