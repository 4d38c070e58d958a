import {expect} from '@open-wc/testing';
import {update} from '../../test/helpers/replica.js';
import {bytesOf, RecordCache} from './record-cache.js';

/** A record that takes about so many bytes. */
const taking = (bytes: number) => [update('a', {text: 'x'.repeat(bytes)})];

describe('the cache of records', () => {
  it('keeps what fits its budget and drops the oldest beyond it', () => {
    const cache = new RecordCache(10_000);
    for (const sequence of [1, 2, 3]) cache.set(sequence, taking(4000));
    expect([1, 2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([2, 3]);
  });
  it('keeps the last one even where it alone is too large, and only that', () => {
    const cache = new RecordCache(1000);
    cache.set(1, taking(500));
    cache.set(2, taking(100_000));
    expect([1, 2].filter(sequence => cache.get(sequence))).to.deep.equal([2]);
    cache.set(3, taking(500));
    expect([1, 2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([3]);
  });
  it('counts a record once, however often it is set', () => {
    const cache = new RecordCache(10_000);
    for (let round = 0; round < 10; round++) cache.set(1, taking(4000));
    cache.set(2, taking(4000));
    expect([1, 2].filter(sequence => cache.get(sequence))).to.deep.equal([1, 2]);
  });
  it('has its whole budget again after clear', () => {
    const cache = new RecordCache(10_000);
    cache.set(1, taking(9000));
    cache.clear();
    expect(cache.get(1)).to.equal(undefined);
    cache.set(2, taking(4000));
    cache.set(3, taking(4000));
    expect([2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([2, 3]);
  });
  it('counts a character beyond Latin 1 twice, and what lies in a row with it', () => {
    const latin = bytesOf([update('a', {text: 'é'.repeat(1000)})]);
    expect(bytesOf([update('a', {text: 'ž'.repeat(1000)})])).to.equal(latin + 1000);
    expect(bytesOf([update('a', {at: [{text: 'é'.repeat(1000)}]})])).to.be.within(latin, latin + 100);
  });
  it('takes the changes of a record to be much alike, and needs no more stack for deep ones', () => {
    const one = bytesOf(taking(1000));
    expect(bytesOf(Array.from({length: 1000}, () => taking(1000)).flat())).to.equal(1000 * one);
    expect(bytesOf([])).to.equal(0);
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(bytesOf([update('a', {deep})])).to.be.below(5000);
  });
});
