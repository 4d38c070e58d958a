import {expect} from '@open-wc/testing';
import {thrown, thrownCode} from '../../test/helpers/errors.js';
import {seededRandom} from '../../testing/simulation/random.js';
import {parseClientFrame} from './parse-client-frame.js';
import type {Operation} from './protocol.js';
import {validateOperation} from './validate-operation.js';

const good: Operation = {type: 'upsert', entityType: 'task', entityId: '1', payload: {title: 'a'}};
const validate = (operation: unknown, max = 10_000) => validateOperation(operation as Operation, max, () => 'made');
const payload = (value: unknown) => validate({...good, payload: value});
const custom = (value: unknown) => validate({type: 'custom', payload: value});

describe('a valid operation', () => {
  it('is copied with an id of its own, and with nothing that was not known', () => {
    const input = {...good, later: 1};
    const copy = validate(input);
    expect(copy).to.deep.equal({...good, id: 'made'});
    expect(copy.payload).to.not.equal(good.payload);
  });
  it('keeps all that it says', () => {
    const full = {
      ...good,
      partial: true,
      base: {rev: 1},
      priority: -2.5,
      key: 'k',
      after: ['a', 'b'],
      id: 'mine',
    };
    const copy = validate(full);
    expect(copy).to.deep.equal(full);
    expect(copy.after).to.not.equal(full.after);
  });
  const payloads: [what: string, value: unknown][] = [
    ['null', null],
    ['text with NUL and half a character', 'a\0\ud800'],
    ['nested', {a: [{b: [null, true, 0.1, -5, 1e300, 'x']}]}],
    ['without prototype', Object.assign(Object.create(null), {a: 1})],
    ['with names of the prototype', {constructor: 1, toString: 'x', valueOf: null, hasOwnProperty: []}],
    ['a frozen one', Object.freeze({a: Object.freeze([1])})],
    ['one thing twice', (shared => [shared, shared])({a: 1})],
    ['64 levels', JSON.parse(`${'['.repeat(64)}1${']'.repeat(64)}`)],
  ];
  for (const [what, value] of payloads) {
    it(`may carry ${what}, and a JSON round trip changes nothing`, () => {
      const copy = custom(value).payload;
      expect(copy).to.deep.equal(JSON.parse(JSON.stringify(value)));
    });
  }
  it('may come from an iframe', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const foreign = (frame.contentWindow as unknown as {eval(code: string): unknown}).eval('({a: [1, {b: 2}]})');
    expect(payload(foreign).payload).to.deep.equal({a: [1, {b: 2}]});
    frame.remove();
  });
  it('that deletes needs no payload', () => {
    expect(validate({type: 'delete', entityType: 'task', entityId: '1'})).to.not.have.property('payload');
  });
  it('of the application’s own needs no entity', () => expect(custom([1])).to.include({type: 'custom'}));
});

describe('what a JSON round trip would change is refused, with its path', () => {
  class Task {
    title = 'a';
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const table: [what: string, value: unknown, path: string][] = [
    ['a function', {a: () => {}}, 'payload.a'],
    ['undefined', {a: {b: undefined}}, 'payload.a.b'],
    ['a symbol', {a: Symbol('s')}, 'payload.a'],
    ['a BigInt', {a: [1, 2n]}, 'payload.a[1]'],
    ['NaN', {a: Number.NaN}, 'payload.a'],
    ['Infinity', {a: [Number.POSITIVE_INFINITY]}, 'payload.a[0]'],
    ['a whole number beyond 2^53', {a: {id: 2 ** 53}}, 'payload.a.id'],
    ['one below', {a: [-(2 ** 60)]}, 'payload.a[0]'],
    ['a Map', {a: new Map()}, 'payload.a'],
    ['a Set', {a: new Set()}, 'payload.a'],
    ['a Date', {a: {at: new Date()}}, 'payload.a.at'],
    ['a RegExp', {a: /x/}, 'payload.a'],
    ['an Error', {a: new Error('x')}, 'payload.a'],
    ['a typed array', {a: new Uint8Array(2)}, 'payload.a'],
    ['a boxed number', {a: Object(5)}, 'payload.a'],
    ['a Promise', {a: Promise.resolve()}, 'payload.a'],
    ['an instance of a class', {a: new Task()}, 'payload.a'],
    ['an object that inherits', {a: Object.create({b: 1})}, 'payload.a'],
    ['a DOM node', {a: document.createElement('p')}, 'payload.a'],
    ['a hole in a list', {a: Object.assign(Array(3), {0: 1, 2: 1})}, 'payload.a[1]'],
    ['a named thing on a list', {a: Object.assign([1], {extra: 1})}, 'payload.a'],
    ['a symbol as a name', {a: {[Symbol('s')]: 1}}, 'payload.a'],
    ['toJSON', {a: {toJSON: () => 1}}, 'payload.a'],
    ['__proto__ as a column', JSON.parse('{"a": {"__proto__": {}}}'), 'payload.a'],
    ['a cycle', cycle, 'payload.self'],
    [
      'a getter that throws',
      {
        a: {
          get b() {
            throw new Error('no');
          },
        },
      },
      'payload.a.b',
    ],
    [
      'a list whose item throws',
      {
        a: Object.defineProperty([1], 0, {
          get() {
            throw new Error('no');
          },
        }),
      },
      'payload.a[0]',
    ],
    [
      'a proxy that throws',
      {
        a: new Proxy(
          {},
          {
            ownKeys() {
              throw new Error('no');
            },
          },
        ),
      },
      'operation',
    ],
    ['65 levels', {a: JSON.parse(`${'['.repeat(64)}1${']'.repeat(64)}`)}, 'payload.a'],
    ['100,000 levels', {a: JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`)}, 'payload.a'],
  ];
  for (const [what, value, path] of table) {
    it(`${what}: ${path}`, () => {
      const error = thrown(() => payload(value));
      expect(error.code).to.equal('invalid-operation');
      expect(error.message.slice(0, path.length)).to.equal(path);
    });
  }
  it('in the base as well', () => {
    const error = thrown(() => validate({...good, base: {a: new Map()}}));
    expect([error.code, error.message.slice(0, 6)]).to.deep.equal(['invalid-operation', 'base.a']);
  });
  it('and nothing is polluted on the way', () => {
    thrownCode(() => payload(JSON.parse('{"__proto__": {"polluted": 1}}')));
    expect(({} as {polluted?: number}).polluted).to.equal(undefined);
  });
});

describe('an operation that is accepted', () => {
  const strange = [
    '',
    'a\0b',
    '\ud800',
    '"',
    '\\',
    '😀',
    '\u2028',
    '9007199254740993',
    '":9007199254740993,"',
    '__proto__',
  ];
  const numbers = [
    0,
    -0,
    0.1,
    0.30000000000000004,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 60),
    1e20,
    1e21,
    1e300,
    5e-324,
    Number.NaN,
  ];
  const random = seededRandom(1);
  const draw = (depth: number): unknown => {
    const kind = random.below(depth > 0 ? 6 : 4);
    if (kind === 0) return random.pick([null, true, false]);
    if (kind === 1) return random.pick(strange);
    if (kind < 4) return random.pick(numbers);
    const items = Array.from({length: random.below(4)}, () => draw(depth - 1));
    return kind === 4 ? items : Object.fromEntries(items.map(item => [random.pick(strange), item]));
  };
  /** As it goes out, in a frame on its own. */
  const send = ({id, type, entityType, entityId, payload, base}: Operation) => {
    const op = {id, seq: 1, timestamp: 1, type, entityType, entityId, payload, base};
    return parseClientFrame(JSON.stringify({type: 'operations', ops: [op], settled: 1}));
  };

  it('is one that the server can read: it would refuse the whole line, again and again', () => {
    let accepted = 0;
    for (let round = 0; round < 5000; round++) {
      const operation = {...good, entityId: random.pick(strange), payload: {a: draw(4)}, base: draw(3)} as Operation;
      let copy: Operation;
      try {
        copy = validate(operation);
      } catch {
        continue;
      }
      accepted++;
      expect(() => send(copy), JSON.stringify(copy)).not.to.throw();
    }
    expect(accepted).to.be.above(500);
  });
  it('is that at the edges too', () => {
    const long = '😀'.repeat(512);
    const deep = JSON.parse(`${'['.repeat(64)}1${']'.repeat(64)}`);
    expect(() =>
      send(validate({type: 'é'.repeat(255), id: long, entityType: 'x', entityId: long, payload: deep})),
    ).not.to.throw();
  });
});

describe('an operation with a wrong field', () => {
  const table: [what: string, change: Record<string, unknown>, field: string][] = [
    ['no type', {type: undefined}, 'type'],
    ['an empty type', {type: ''}, 'type'],
    ['a type that is machinery', {type: '__proto__'}, 'type'],
    ['no entity type', {entityType: undefined}, 'entityType'],
    ['an entity type that is machinery', {entityType: 'constructor'}, 'entityType'],
    ['no entity id', {entityId: undefined}, 'entityId'],
    ['an empty entity id', {entityId: ''}, 'entityId'],
    ['a number for an entity id', {entityId: 5}, 'entityId'],
    ['NUL in the entity id', {entityId: '\0'}, 'entityId'],
    ['half a character in the entity id', {entityId: '\ud800'}, 'entityId'],
    ['no payload', {payload: undefined}, 'payload'],
    ['a list for a payload', {payload: []}, 'payload'],
    ['text for a payload', {payload: '{}'}, 'payload'],
    ['text for partial', {partial: 'true'}, 'partial'],
    ['NaN for priority', {priority: Number.NaN}, 'priority'],
    ['text for priority', {priority: '5'}, 'priority'],
    ['an empty key', {key: ''}, 'key'],
    ['an empty id', {id: ''}, 'id'],
    ['an id of 1,025 characters', {id: 'x'.repeat(1025)}, 'id'],
    ['text for after', {after: 'a'}, 'after'],
    ['a number in after', {after: ['a', 5]}, 'after'],
    ['itself in after', {id: 'me', after: ['me']}, 'after'],
  ];
  for (const [what, change, field] of table) {
    it(`${what}: ${field}`, () => {
      const error = thrown(() => validate({...good, ...change}));
      expect(error.code).to.equal('invalid-operation');
      expect(error.message.split(':')[0]).to.equal(field);
    });
  }
  for (const [what, value] of [
    ['nothing', undefined],
    ['null', null],
    ['text', 'upsert'],
    ['a list', [good]],
    ['a Map', new Map([['type', 'upsert']])],
    ['a function', () => good],
  ] as const) {
    it(`that is ${what} is none`, () => expect(thrownCode(() => validate(value))).to.equal('invalid-operation'));
  }
  it('whose own getter throws is refused, not a crash', () => {
    const hostile = Object.defineProperty({...good}, 'payload', {
      get() {
        throw new Error('no');
      },
    });
    expect(thrownCode(() => validate(hostile))).to.equal('invalid-operation');
  });
});

describe('the size of an operation', () => {
  it('is counted in bytes of JSON, id included', () => {
    const size = new TextEncoder().encode(JSON.stringify({...good, payload: {t: 'äöü'}, id: 'made'})).length;
    expect(validate({...good, payload: {t: 'äöü'}}, size)).to.include({id: 'made'});
    expect(thrownCode(() => validate({...good, payload: {t: 'äöü'}}, size - 1))).to.equal('operation-too-large');
  });
  it('of 10 MB is too large', () => {
    expect(thrownCode(() => payload({a: 'x'.repeat(10_000_000)}))).to.equal('operation-too-large');
  });
});
