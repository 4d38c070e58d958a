import {expect} from '@open-wc/testing';
import {joined, type Stretch} from './stretches.js';
import {stretchesOf} from './stretches-of.js';

interface Item {
  text: string;
}
const list = (texts: string): Item[] => [...texts].map(text => ({text}));
const textsOf = (items: readonly Item[]) => items.map(({text}) => text);
const told = (before: readonly Item[], after: readonly Item[]): Stretch<Item>[] =>
  structuredClone(stretchesOf(textsOf(before), textsOf(after), after));

describe('a list told as stretches', () => {
  const table: [what: string, before: string, after: string, stretches: number][] = [
    ['a first one', '', 'abc', 1],
    ['nothing', '', '', 0],
    ['the same', 'abc', 'abc', 1],
    ['one changed', 'abcde', 'abXde', 3],
    ['one added at the end', 'abc', 'abcX', 2],
    ['one added at the front', 'abc', 'Xabc', 2],
    ['one gone', 'abcde', 'abde', 2],
    ['all gone', 'abc', '', 0],
    ['one moved', 'abcde', 'bcdae', 3],
    ['turned round', 'abc', 'cba', 3],
    ['equal ones', 'aab', 'abaa', 3],
    ['others', 'abc', 'XYZ', 1],
  ];
  for (const [what, from, to, stretches] of table) {
    it(`is whole again: ${what}`, () => {
      const [before, after] = [list(from), list(to)];
      const changes = told(before, after);
      expect(joined(before, changes)).to.deep.equal(after);
      expect(changes.length).to.equal(stretches);
    });
  }
  it('keeps the objects of what has not changed', () => {
    const before = list('abc');
    const after = joined(before, told(before, list('cXa')));
    expect(after[0]).to.equal(before[2]);
    expect(after[2]).to.equal(before[0]);
  });
  it('is whole again, whatever was done to it', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let here: Item[] = [];
    let there = list('abcdef');
    for (let round = 0; round < 500; round++) {
      here = joined(here, told(here, there));
      expect(textsOf(here).join('')).to.equal(textsOf(there).join(''));
      there = [...there];
      for (let change = random(4); change > 0; change--) {
        there.splice(random(there.length + 1), random(3), ...list(String.fromCharCode(97 + random(26))));
      }
    }
  });
});
