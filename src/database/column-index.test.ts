import {expect} from '@open-wc/testing';
import {seededRandom} from '../../testing/simulation/random.js';
import type {Json} from '../protocol/protocol.js';
import {ColumnIndex, type KeyRange} from './column-index.js';
import {compareKeys} from './query.js';

/** What the index says of a range, in the order that it is to be in, and what a plain map says. */
class Twin {
  readonly index = new ColumnIndex();
  readonly #model = new Map<string, Json>();

  set(id: string, key: Json): void {
    if (this.#model.has(id)) this.index.change(id, key);
    else this.index.insert(id, key);
    this.#model.set(id, key);
  }
  delete(id: string): void {
    if (this.#model.delete(id)) this.index.change(id, undefined);
  }
  check(range: KeyRange, descending: boolean, from?: {key: Json; id: string}): void {
    const {low, high} = range;
    const due = [...this.#model]
      .filter(([, key]) => low === undefined || compareKeys(key, low) >= 0)
      .filter(([, key]) => high === undefined || compareKeys(key, high) <= 0);
    const walked = [...this.index.walk(range, descending, from)];
    const sign = descending ? -1 : 1;
    const isDue = ([id, key]: [string, Json]) => {
      const order = from ? compareKeys(key, from.key) * sign : 1;
      return order > 0 || (order === 0 && (descending || id >= (from?.id ?? '')));
    };
    const recent = new Set(this.index.recent(range));
    const got = [...walked.map(({id}) => id), ...[...recent]].sort();
    // What has just changed is given whole: it is not in order.
    const want = due.filter(each => isDue(each) || recent.has(each[0])).map(([id]) => id);
    expect(got).to.deep.equal(want.sort());
    for (let at = 1; at < walked.length; at++) {
      expect(compareKeys(walked[at - 1]?.key ?? null, walked[at]?.key ?? null) * sign).to.be.at.most(0);
    }
  }
}

describe('the index of a column', () => {
  const keys: Json[] = [null, false, true, -5, 0, 1.5, 9, '', 'a', 'ab', 'b', 'zz', '\uffff', [1], {a: 1}];

  it('gives what lies in a range, in order, whatever was put in, changed and taken out', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      const twin = new Twin();
      for (let turn = 0; turn < 40; turn++) {
        for (let count = random.below(300); count > 0; count--) {
          const id = `r${random.below(4000)}`;
          if (random.below(5) === 0) twin.delete(id);
          else twin.set(id, random.below(3) === 0 ? random.pick(keys) : random.below(40));
        }
        const [low, high] = [random.pick(keys), random.pick(keys)];
        const range = {
          ...(random.below(3) > 0 ? {low} : {}),
          ...(random.below(3) > 0 ? {high} : {}),
        };
        const from = random.below(2) > 0 ? {key: random.pick(keys), id: `r${random.below(4000)}`} : undefined;
        const within =
          from &&
          (range.low === undefined || compareKeys(from.key, low) >= 0) &&
          (range.high === undefined || compareKeys(from.key, high) <= 0);
        twin.check(range, random.below(2) > 0, within ? from : undefined);
      }
    }
  });
  it('of one key for all has them by id, in chunks cut many times', () => {
    const twin = new Twin();
    for (let id = 0; id < 20_000; id++) twin.set(`r${(id * 7919) % 20_000}`, 'same');
    const ids = [...twin.index.walk({low: 'same', high: 'same'}, false)].map(({id}) => id);
    expect(ids).to.deep.equal([...ids].sort());
    expect(ids.length).to.equal(20_000);
    const tail = [...twin.index.walk({}, false, {key: 'same', id: 'r5'})].map(({id}) => id);
    expect(tail).to.deep.equal(ids.filter(id => id >= 'r5'));
  });
});
