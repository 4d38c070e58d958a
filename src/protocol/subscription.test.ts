import {expect} from '@open-wc/testing';
import type {Want} from './frames.js';
import {subscriptionHash} from './subscription.js';

describe('the hash of a subscription', () => {
  const same: [what: string, a: Want[], b: Want[]][] = [
    ['the order of types', ['a', 'b', 'c'], ['c', 'a', 'b']],
    ['a type twice', ['a', 'b', 'a'], ['a', 'b']],
    ['a type as text or as object', ['a'], [{type: 'a'}]],
    ['an empty condition', ['a'], [{type: 'a', where: {}}]],
    ['the order of columns', [{type: 'a', where: {x: 1, y: '2'}}], [{type: 'a', where: {y: '2', x: 1}}]],
    [
      'the order of parts of one type',
      [
        {type: 'a', where: {x: 1}},
        {type: 'a', where: {x: 2}},
      ],
      [
        {type: 'a', where: {x: 2}},
        {type: 'a', where: {x: 1}},
      ],
    ],
  ];
  for (const [what, a, b] of same) {
    it(`does not depend on ${what}`, () => expect(subscriptionHash(a)).to.equal(subscriptionHash(b)));
  }
  const different: [what: string, a: Want[] | undefined, b: Want[] | undefined][] = [
    ['everything and nothing', undefined, []],
    ['one type and two', ['a'], ['a', 'b']],
    ['two types and one with both names', ['a', 'b'], ['a,b']],
    ['two types and one with a line break', ['a', 'b'], ['a"]\n["b']],
    ['a whole type and a part', ['a'], [{type: 'a', where: {x: 1}}]],
    ['a number and its text', [{type: 'a', where: {x: 1}}], [{type: 'a', where: {x: '1'}}]],
    ['null and nothing', [{type: 'a', where: {x: null}}], [{type: 'a'}]],
    ['two columns', [{type: 'a', where: {x: 1}}], [{type: 'a', where: {y: 1}}]],
  ];
  for (const [what, a, b] of different) {
    it(`tells ${what} apart`, () => expect(subscriptionHash(a)).to.not.equal(subscriptionHash(b)));
  }
  it('leaves what it is given as it was', () => {
    const want: Want[] = ['b', {type: 'a', where: {y: 1, x: 2}}];
    const before = JSON.stringify(want);
    subscriptionHash(want);
    expect(JSON.stringify(want)).to.equal(before);
  });
});
