import {expect} from '@open-wc/testing';
import {isId, isTypeName, MAX_DEPTH, utf8Length} from './json.js';
import {findFlaw, hasUnsafeInteger} from './json-flaws.js';

const nested = (depth: number, core: unknown = 1): unknown => {
  let value = core;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : {a: value};
  return value;
};

describe('the flaws of a value', () => {
  const table: [what: string, value: unknown, flaw: string | undefined][] = [
    ['a number', 5, undefined],
    ['a fraction', 0.1, undefined],
    ['the greatest safe integer', Number.MAX_SAFE_INTEGER, undefined],
    ['2^53', 2 ** 53, 'unsafe-integer'],
    ['-2^53', -(2 ** 53), 'unsafe-integer'],
    ['1e300, perhaps spelled so', 1e300, 'unsafe-integer'],
    ['1e999', JSON.parse('1e999'), 'number'],
    ['-1e999', JSON.parse('[-1e999]'), 'number'],
    ['NaN', Number.NaN, 'number'],
    ['null', null, undefined],
    ['undefined', undefined, undefined],
    ['text', '1e999', undefined],
    ['an empty object', {}, undefined],
    ['as deep as allowed', nested(MAX_DEPTH), undefined],
    ['one level too deep', nested(MAX_DEPTH + 1), 'depth'],
    ['one level too deep, and empty there', nested(MAX_DEPTH, []), 'depth'],
    ['100,000 levels', JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`), 'depth'],
    ['a bad number behind a suspicious one', [2 ** 53, {a: Number.POSITIVE_INFINITY}], 'number'],
    ['depth behind a suspicious number', [2 ** 53, nested(MAX_DEPTH)], 'depth'],
    ['a suspicious number behind good ones', {a: 1, b: ['x', 2 ** 60]}, 'unsafe-integer'],
    ['a flaw under __proto__', JSON.parse('{"__proto__": {"a": 1e999}}'), 'number'],
  ];
  for (const [what, value, flaw] of table) {
    it(`${what}: ${flaw ?? 'none'}`, () => expect(findFlaw(value)).to.equal(flaw));
  }
  it('are looked for in own properties only', () => {
    const inherited = Object.create({bad: Number.NaN});
    inherited.good = 1;
    expect(findFlaw(inherited)).to.equal(undefined);
  });
});

describe('an integer whose digits JSON.parse loses', () => {
  const table: [text: string, unsafe: boolean][] = [
    ['{"a": 9007199254740991}', false],
    ['{"a": 9007199254740992}', true],
    ['{"a": 9007199254740993}', true],
    ['{"a": -9007199254740993}', true],
    ['[1,12345678901234567890]', true],
    ['12345678901234567890', true],
    ['{"a": "12345678901234567890"}', false],
    ['{"12345678901234567890": 1}', false],
    [String.raw`{"a": "\"12345678901234567890"}`, false],
    [String.raw`{"a": "\\", "b": 12345678901234567890}`, true],
    [String.raw`{"a": "\\\"", "b": 12345678901234567890}`, true],
    ['{"a": 1e300}', false],
    ['{"a": 12345678901234567890e2}', false],
    ['{"a": 12345678901234567890E+2}', false],
    ['{"a": 12345678901234567890.5}', false],
    ['{"a": 1e300, "b": 0.30000000000000004}', false],
    ['{"a": 1e300, "b": 2.12345678901234567e-7}', false],
    ['{"a": 0.30000000000000004, "b": 12345678901234567890}', true],
    ['{"a": "x", "b": [true, null, {}]}', false],
    ['', false],
  ];
  for (const [text, unsafe] of table) {
    it(`is ${unsafe ? '' : 'not '}in ${text || 'nothing'}`, () => expect(hasUnsafeInteger(text)).to.equal(unsafe));
  }
  it('is found behind a string of 8 million characters', () => {
    const long = 'a'.repeat(8_000_000);
    expect(hasUnsafeInteger(`{"a": "${long}", "b": 1e300}`)).to.equal(false);
    expect(hasUnsafeInteger(`{"a": "${long}", "b": 9007199254740993}`)).to.equal(true);
    expect(hasUnsafeInteger(`{"a": "${'\\"'.repeat(4_000_000)}", "b": 9007199254740993}`)).to.equal(true);
  });
});

describe('the length of a text in UTF-8', () => {
  const texts = ['', 'ascii', 'ä', 'ß€', '日本語', '😀', 'a😀b', '\u07ff\u0800', '\uffff', '\0', 'é'.repeat(1000)];
  for (const text of texts) {
    it(`of ${JSON.stringify(text).slice(0, 20)} is what TextEncoder counts`, () =>
      expect(utf8Length(text)).to.equal(new TextEncoder().encode(text).length));
  }
});

describe('an id', () => {
  const good = ['1', 'a b', 'ü', '😀', '["a",1]', '__proto__', 'toString', 'x'.repeat(1024)];
  const bad: [what: string, value: unknown][] = [
    ['empty text', ''],
    ['1,025 characters', 'x'.repeat(1025)],
    ['NUL', 'a\0b'],
    ['a high surrogate alone', 'a\ud800'],
    ['a low surrogate alone', '\udc00b'],
    ['a number', 1],
    ['NaN', Number.NaN],
    ['an object', {}],
    ['an array of one text', ['a']],
    ['null', null],
    ['undefined', undefined],
  ];
  for (const value of good) it(`may be ${value.slice(0, 20)}`, () => expect(isId(value)).to.equal(true));
  for (const [what, value] of bad) it(`is not ${what}`, () => expect(isId(value)).to.equal(false));
});

describe('a type name', () => {
  for (const value of ['task', 'toString', 'Über Typ', 'x'.repeat(255)]) {
    it(`may be ${value.slice(0, 20)}`, () => expect(isTypeName(value)).to.equal(true));
  }
  for (const value of ['', '__proto__', 'constructor', 'prototype', 'x'.repeat(256), 'a\0', '\ud800', 5, null]) {
    it(`is not ${JSON.stringify(value).slice(0, 20)}`, () => expect(isTypeName(value)).to.equal(false));
  }
});
