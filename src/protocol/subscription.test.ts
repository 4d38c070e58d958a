import {expect} from '@open-wc/testing';
import type {Want} from './frames.js';
import {readWants, subscriptionHash, unionOf} from './subscription.js';

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

describe('the union of subscriptions', () => {
  const where = (list: string) => ({type: 'task', where: {list}});
  const unions: [what: string, all: (Want[] | undefined)[], union: Want[] | undefined][] = [
    ['of none is nothing', [], []],
    ['holds each part once', [['b', 'a'], ['a']], ['b', 'a']],
    ['is everything where one wants everything', [['a'], undefined], undefined],
    ['holds all parts of a type', [[where('x')], [where('y')]], [where('x'), where('y')]],
    ['holds no part of a type that another wants whole', [[where('x')], ['task', 'a']], ['task', 'a']],
    [
      'takes a type without conditions for whole',
      [[where('x')], [{type: 'task', where: {}}]],
      [{type: 'task', where: {}}],
    ],
    [
      'holds a part once, however its columns are ordered',
      [[{type: 'a', where: {x: 1, y: 2}}], [{type: 'a', where: {y: 2, x: 1}}]],
      [{type: 'a', where: {y: 2, x: 1}}],
    ],
  ];
  for (const [what, all, union] of unions) {
    it(what, () => expect(unionOf(all)).to.deep.equal(union));
    it(`${what}, in whatever order they are asked for`, () => {
      const turned = unionOf([...all].reverse().map(wants => wants && [...wants].reverse()));
      expect(subscriptionHash(turned)).to.equal(subscriptionHash(union));
    });
  }
});

describe('a subscription from outside', () => {
  const bad: [what: string, list: unknown][] = [
    ['none', undefined],
    ['null', null],
    ['an object', {}],
    ['a part that is a number', [1]],
    ['a part without a type', [{where: {}}]],
    ['a type __proto__', ['__proto__']],
    ['a condition that is null', [{type: 'a', where: null}]],
    ['an infinite condition', [{type: 'a', where: {x: 1 / 0}}]],
    ['too many parts', Array(1001).fill('a')],
  ];
  for (const [what, list] of bad) it(`that is ${what} is none`, () => expect(readWants(list)).to.equal(undefined));
  it('holds what it should, and nothing else', () => {
    const read = readWants(['a', {type: 'b'}, {type: 'c', where: {x: null}, more: 1}]);
    expect(read).to.deep.equal(['a', {type: 'b'}, {type: 'c', where: {x: null}}]);
  });
});
