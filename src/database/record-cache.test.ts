import {expect} from '@open-wc/testing';
import {update} from '../../test/helpers/replica.js';
import {RecordCache} from './record-cache.js';

const some = [update('a', {})];

describe('the cache of records', () => {
  it('keeps what fits its budget and drops the oldest beyond it', () => {
    const cache = new RecordCache(100);
    for (const sequence of [1, 2, 3]) cache.set(sequence, some, 40);
    expect([1, 2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([2, 3]);
  });
  it('keeps the last one even where it alone is too large, and only that', () => {
    const cache = new RecordCache(10);
    cache.set(1, some, 5);
    cache.set(2, some, 1000);
    expect([1, 2].filter(sequence => cache.get(sequence))).to.deep.equal([2]);
    cache.set(3, some, 5);
    expect([1, 2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([3]);
  });
  it('counts a record once, however often it is set', () => {
    const cache = new RecordCache(100);
    for (let round = 0; round < 10; round++) cache.set(1, some, 40);
    cache.set(2, some, 40);
    expect([1, 2].filter(sequence => cache.get(sequence))).to.deep.equal([1, 2]);
  });
  it('has its whole budget again after clear', () => {
    const cache = new RecordCache(100);
    cache.set(1, some, 100);
    cache.clear();
    expect(cache.get(1)).to.equal(undefined);
    cache.set(2, some, 50);
    cache.set(3, some, 50);
    expect([2, 3].filter(sequence => cache.get(sequence))).to.deep.equal([2, 3]);
  });
});
