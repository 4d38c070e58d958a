import {expect} from '@open-wc/testing';
import {thrownCode} from '../../test/helpers/errors.js';
import {seededRandom} from '../../testing/simulation/random.js';
import type {JsonObject} from '../protocol/protocol.js';
import {compileWhere, fold, type RowQuery} from './query.js';
import {Selection} from './selection.js';

type Rows = Record<string, JsonObject>;

function select(rows: Rows, query: RowQuery, after?: string): JsonObject[] {
  const anchor = after === undefined ? undefined : {id: after, row: rows[after] ?? {}};
  const selection = new Selection(query, anchor);
  for (const [id, row] of Object.entries(rows)) selection.add(id, row);
  return selection.result();
}

describe('a condition', () => {
  const row: JsonObject = {n: 5, t: 'Über', b: true, z: null, l: [1, 2], zero: 0, empty: '', numeric: '10'};
  const table: [where: Record<string, unknown>, holds: boolean][] = [
    [{}, true],
    [{n: 5}, true],
    [{n: 6}, false],
    [{n: '5'}, false],
    [{n: 5, t: 'Über'}, true],
    [{n: 5, t: 'other'}, false],
    [{t: 'über'}, false],
    [{b: true}, true],
    [{b: 1}, false],
    [{z: null}, true],
    [{n: null}, false],
    [{zero: 0}, true],
    [{zero: false}, false],
    [{empty: ''}, true],
    [{l: [1, 2]}, true],
    [{l: [2, 1]}, false],
    [{missing: 5}, false],
    [{n: {in: [1, 5]}}, true],
    [{n: {in: []}}, false],
    [{n: {in: ['5']}}, false],
    [{z: {in: [null]}}, true],
    [{n: {gt: 4}}, true],
    [{n: {gt: 5}}, false],
    [{n: {gte: 5}}, true],
    [{n: {gte: 5.1}}, false],
    [{n: {lt: 5}}, false],
    [{n: {lt: 6}}, true],
    [{n: {lte: 5}}, true],
    [{n: {lte: 4}}, false],
    [{n: {gt: 1, lt: 5}}, false],
    [{n: {gt: 1, lte: 5}}, true],
    [{n: {gt: '1'}}, false],
    [{numeric: {gt: 9}}, false],
    [{z: {gte: 0}}, false],
    [{missing: {lt: 5}}, false],
    [{t: {gt: 'A'}}, true],
    [{t: {prefix: 'ube'}}, true],
    [{t: {prefix: 'ÜB'}}, true],
    [{t: {prefix: 'u\u0308b'}}, true],
    [{t: {prefix: 'ber'}}, false],
    [{t: {prefix: ''}}, true],
    [{n: {prefix: ''}}, false],
    [{t: {prefix: 'u', gt: 'T'}}, true],
    [{t: {gt: 'Z'}}, false],
    [{t: {lte: 'UBER'}}, true],
    [{t: {lt: 'uber'}}, false],
    [{t: {gt: 'ube', lt: 'uber!'}}, true],
    [{constructor: {prefix: ''}}, false],
    [{toString: null}, false],
  ];
  for (const [where, holds] of table) {
    it(`${JSON.stringify(where)} ${holds ? 'holds' : 'does not hold'}`, () =>
      expect(compileWhere(where)(row)).to.equal(holds));
  }
});

describe('an invalid query', () => {
  const table: [what: string, query: unknown][] = [
    ['an unknown operator', {where: {n: {like: 'a'}}}],
    ['an operator of the prototype', {where: {n: {toString: 1}}}],
    ['no operator', {where: {n: {}}}],
    ['in without a list', {where: {n: {in: 5}}}],
    ['gt with null', {where: {n: {gt: null}}}],
    ['lt with a list', {where: {n: {lt: [5]}}}],
    ['prefix with a number', {where: {n: {prefix: 5}}}],
    ['a where that is text', {where: 'n = 5'}],
    ['a where that is a list', {where: [1]}],
    ['a negative limit', {limit: -1}],
    ['a limit that is NaN', {limit: Number.NaN}],
    ['half a row', {limit: 1.5}],
    ['a limit that is text', {limit: '5'}],
    ['a limit that is null', {limit: null}],
    ['an order that is a number', {orderBy: 5}],
    ['an order that is a list', {orderBy: ['a']}],
  ];
  for (const [what, query] of table) {
    it(`${what}: invalid-query`, () =>
      expect(thrownCode(() => select({a: {n: 1}, b: {n: 2}}, query as RowQuery))).to.equal('invalid-query'));
  }
});

describe('folding', () => {
  const table: [text: string, folded: string][] = [
    ['ABC', 'abc'],
    ['Äpfel', 'apfel'],
    ['A\u0308pfel', 'apfel'],
    ['ÉTÉ', 'ete'],
    ['Ångström', 'angstrom'],
    ['İstanbul', 'istanbul'],
    ['ß', 'ß'],
    ['日本', '日本'],
    ['', ''],
    ['😀', '😀'],
    ['Việt', 'viet'],
  ];
  for (const [text, folded] of table)
    it(`makes ${folded || 'nothing'} of ${text || 'nothing'}`, () => expect(fold(text)).to.equal(folded));
});

describe('the order of rows', () => {
  const rows: Rows = {
    e: {k: 'e', v: {z: 1}},
    d: {k: 'd', v: 'äb'},
    c: {k: 'c', v: 10},
    a: {k: 'a'},
    f: {k: 'f', v: 'Aa'},
    b: {k: 'b', v: true},
    g: {k: 'g', v: null},
    h: {k: 'h', v: 9},
    i: {k: 'i', v: {z: 1}},
    j: {k: 'j', v: 'b'},
    k: {k: 'k', v: false},
    l: {k: 'l', v: [1]},
    m: {k: 'm', v: -1},
  };
  const order = (query: RowQuery, of = rows) =>
    select(of, query)
      .map(row => row['k'])
      .join('');

  it('is by id where none is asked for', () => expect(order({})).to.equal('abcdefghijklm'));
  it('is absent, booleans, numbers, text without case and accents, the rest; ties by id', () => {
    expect(order({orderBy: 'v'})).to.equal('agkbmhcfdjlei');
  });
  it('descending turns all but the ties', () => expect(order({orderBy: '-v'})).to.equal('eiljdfchmbkag'));
  it('does not depend on the order in which rows come', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed);
      const shuffled = Object.fromEntries(
        Object.entries(rows)
          .map(entry => ({entry, at: random.fraction()}))
          .sort((a, b) => a.at - b.at)
          .map(({entry}) => entry),
      );
      expect(order({orderBy: 'v'}, shuffled), `seed ${seed}`).to.equal('agkbmhcfdjlei');
      expect(order({orderBy: '-v'}, shuffled), `seed ${seed}`).to.equal('eiljdfchmbkag');
    }
  });
  it('by a column that only the prototype has is by id', () => {
    expect(order({orderBy: 'constructor'})).to.equal('abcdefghijklm');
    expect(order({orderBy: 'constructor'}, {...rows, a: {k: 'a', constructor: 1}})).to.equal('bcdefghijklma');
  });
  it('with a limit is the head of the order without one', () => {
    for (let limit = 0; limit <= 15; limit++) {
      expect(order({orderBy: 'v', limit}), String(limit)).to.equal('agkbmhcfdjlei'.slice(0, limit));
      expect(order({orderBy: '-v', limit}), String(limit)).to.equal('eiljdfchmbkag'.slice(0, limit));
    }
  });
});

describe('paging', () => {
  const random = seededRandom(7);
  const values = [null, true, false, 1, 2, 'a', 'Ä', 'ä', 'b', {x: 1}, {x: 2}, [1]];
  const rows: Rows = {};
  for (let id = 0; id < 500; id++) rows[`r${id}`] = {id: `r${id}`, v: random.pick(values), keep: random.below(3)};

  const queries: RowQuery[] = [
    {limit: 7},
    {orderBy: 'v', limit: 7},
    {orderBy: '-v', limit: 7},
    {orderBy: 'v', limit: 1},
    {orderBy: 'v', limit: 600},
    {orderBy: '-missing', limit: 11},
    {orderBy: 'v', limit: 13, where: {keep: {gt: 0}}},
  ];
  for (const query of queries) {
    it(`${JSON.stringify(query)} gives each row exactly once, in the order of the whole`, () => {
      const {limit: _limit, ...unlimited} = query;
      const whole = select(rows, unlimited).map(row => row['id']);
      const paged: unknown[] = [];
      let after: string | undefined;
      for (let page = select(rows, query); page.length > 0; page = select(rows, query, after)) {
        expect(paged.length, 'pages that never end').to.be.below(whole.length);
        paged.push(...page.map(row => row['id']));
        after = String(paged.at(-1));
      }
      expect(paged).to.deep.equal(whole);
      expect(new Set(paged).size).to.equal(whole.length);
    });
  }
});
