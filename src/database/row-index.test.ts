import {expect} from '@open-wc/testing';
import {partial, remove, update} from '../../test/helpers/replica.js';
import {type Place, RowIndex, unpack} from './row-index.js';

const where = (place: Place | undefined) =>
  place === undefined ? [] : [place].flat().map(one => [unpack(one as number).sequence, unpack(one as number).ordinal]);

describe('the index of rows', () => {
  it('knows the record and the place in it of each row, the last one counting', () => {
    const index = new RowIndex();
    index.add(3, [update('a', {}), update('b', {}), update('a', {})]);
    index.add(4, [update('b', {})]);
    expect(where(index.place('task', 'a'))).to.deep.equal([[3, 2]]);
    expect(where(index.place('task', 'b'))).to.deep.equal([[4, 0]]);
    expect(index.place('task', 'c')).to.equal(undefined);
    expect(index.place('other', 'a')).to.equal(undefined);
  });
  it('keeps records apart up to numbers that a million promotions would not reach', () => {
    const index = new RowIndex();
    const sequence = 2 ** 32;
    index.add(sequence, [update('a', {}), update('b', {})]);
    expect(where(index.place('task', 'b'))).to.deep.equal([[sequence, 1]]);
  });
  it('strings partial updates behind the whole row, in order', () => {
    const index = new RowIndex();
    index.add(1, [update('a', {}), partial('a', {})]);
    index.add(2, [partial('a', {})]);
    expect(where(index.place('task', 'a'))).to.deep.equal([
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
    index.add(3, [update('a', {})]);
    expect(where(index.place('task', 'a'))).to.deep.equal([[3, 0]]);
  });
  it('makes a row of a partial update that finds none, also behind a delete', () => {
    const index = new RowIndex();
    index.add(1, [partial('a', {}), update('b', {}), remove('b'), partial('b', {})]);
    expect(where(index.place('task', 'a'))).to.deep.equal([[1, 0]]);
    expect(where(index.place('task', 'b'))).to.deep.equal([[1, 3]]);
  });
  it('forgets what was deleted, and a delete of nothing is nothing', () => {
    const index = new RowIndex();
    index.add(1, [update('a', {}), remove('a'), remove('never'), remove('x', 'other')]);
    expect(index.place('task', 'a')).to.equal(undefined);
    expect(index.size).to.equal(0);
    expect(index.rows('task').size).to.equal(0);
  });
  it('takes any name for a type or an id', () => {
    const index = new RowIndex();
    for (const name of ['toString', 'hasOwnProperty', '__proto__', 'a/b', '']) {
      expect(index.place(name, name)).to.equal(undefined);
      index.add(1, [update(name, {}, name)]);
      expect(where(index.place(name, name))).to.deep.equal([[1, 0]]);
    }
  });
  it('holds what another one held, and nothing else, once it has taken its place', () => {
    const index = new RowIndex();
    index.add(1, [update('a', {})]);
    index.become(new RowIndex());
    expect(index.rows('task').size).to.equal(0);
  });
});
