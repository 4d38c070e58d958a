import {expect} from '@open-wc/testing';
import {seededRandom} from '../../testing/simulation/random.js';
import {compareLsn, formatLsn, LSN_ZERO, normaliseLsn, parseLsn} from './lsn.js';

describe('an LSN', () => {
  const spellings: [text: string, value: bigint, canonical: string][] = [
    ['0/0', 0n, '0/0'],
    ['0/A', 10n, '0/A'],
    ['0/10', 16n, '0/10'],
    ['A/0', 10n << 32n, 'A/0'],
    ['16/B374D48', (0x16n << 32n) | 0xb374d48n, '16/B374D48'],
    ['16/b374d48', (0x16n << 32n) | 0xb374d48n, '16/B374D48'],
    ['00000016/0B374D48', (0x16n << 32n) | 0xb374d48n, '16/B374D48'],
    ['0/1E5', 0x1e5n, '0/1E5'],
    ['0/FFFFFFFF', 0xffffffffn, '0/FFFFFFFF'],
    ['1/00000000', 1n << 32n, '1/0'],
    ['FFFFFFFF/FFFFFFFF', (1n << 64n) - 1n, 'FFFFFFFF/FFFFFFFF'],
    ['ffffffff/ffffffff', (1n << 64n) - 1n, 'FFFFFFFF/FFFFFFFF'],
  ];
  for (const [text, value, canonical] of spellings) {
    it(`${text} is read as ${value} and written as ${canonical}`, () => {
      // As text: a failure that holds a bigint can't be reported, and hangs the runner.
      expect(String(parseLsn(text))).to.equal(String(value));
      expect(normaliseLsn(text)).to.equal(canonical);
      expect(formatLsn(value)).to.equal(canonical);
    });
  }

  const none: [what: string, value: unknown][] = [
    ['empty', ''],
    ['no second half', '0/'],
    ['no first half', '/0'],
    ['no slash', '0'],
    ['a letter beyond F', 'G/0'],
    ['negative', '-1/0'],
    ['a negative half', '0/-1'],
    ['hex prefix', '0x1/0x2'],
    ['hex prefix in one half', '0/0x2'],
    ['nine digits', '000000000/0'],
    ['nine digits in the second half', '0/123456789'],
    ['leading space', ' 0/1'],
    ['trailing space', '0/1 '],
    ['trailing newline', '0/1\n'],
    ['a second line', '0/1\n0/2'],
    ['three halves', '0/1/2'],
    ['a decimal point', '0/1.0'],
    ['NUL', '0/1\0'],
    ['digits of another script', '٠/١'],
    ['a number', 5],
    ['a bigint', 5n],
    ['null', null],
    ['undefined', undefined],
    ['an array that prints like one', ['0/1']],
    ['an object that prints like one', {toString: () => '0/1'}],
  ];
  for (const [what, value] of none) {
    it(`is not ${what}`, () => {
      expect(String(parseLsn(value))).to.equal('undefined');
      expect(normaliseLsn(value)).to.equal(undefined);
    });
  }
});

describe('the order of LSNs', () => {
  const ascending = [
    '0/0',
    '0/9',
    '0/A',
    '0/F',
    '0/10',
    '0/1E5',
    '0/FFFFFFFE',
    '0/FFFFFFFF',
    '1/0',
    '1/1',
    '9/0',
    'A/0',
    'F/FFFFFFFF',
    '10/0',
    '16/B374D48',
    '16/B374D49',
    'FFFFFFFF/FFFFFFFF',
  ];
  it('is that of 64-bit integers, not of texts and not of floats', () => {
    for (const [index, left] of ascending.entries()) {
      for (const [other, right] of ascending.entries()) {
        expect(Math.sign(compareLsn(left, right)), `${left} ~ ${right}`).to.equal(Math.sign(index - other));
      }
    }
  });
  it('has zero at its beginning', () => {
    for (const lsn of ascending) expect(compareLsn(LSN_ZERO, lsn)).to.be.at.most(0);
  });
  it('does not depend on case and padding', () => {
    expect(compareLsn('0/a', '0/A')).to.equal(0);
    expect(compareLsn('00000000/0000000A', '0/A')).to.equal(0);
    expect(compareLsn('0/0A', '0/B')).to.equal(-1);
  });
  it('refuses what is no LSN', () => {
    expect(() => compareLsn('0/1', 'x')).to.throw(RangeError);
    expect(() => compareLsn('', '0/1')).to.throw(RangeError);
  });

  it('means the same as the integer that a second reading finds, whatever its halves and its spelling', () => {
    // Digit by digit, without the code under test.
    const read = (text: string) =>
      [...text.replace('/', '')].reduce((sum, digit) => sum * 16n + BigInt(Number.parseInt(digit, 16)), 0n);
    const random = seededRandom(8);
    const half = (): number => {
      const edge = [0, 1, 9, 10, 15, 16, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
      return random.below(3) === 0 ? random.pick(edge) : Math.floor(random.fraction() ** 4 * 2 ** 32);
    };
    const spelled = (high: number, low: number) => {
      const spell = (value: number) => {
        const digits = value.toString(16).padStart(random.below(9), '0');
        return random.below(2) ? digits.toUpperCase() : digits;
      };
      return {
        text: `${spell(high)}/${spell(low)}`,
        value: read(`${high.toString(16).padStart(8, '0')}/${low.toString(16).padStart(8, '0')}`),
      };
    };
    let before = spelled(0, 0);
    for (let round = 0; round < 5000; round++) {
      const again = random.below(8) === 0 ? before.value : undefined;
      const next =
        again === undefined ? spelled(half(), half()) : spelled(Number(again >> 32n), Number(again & 0xffffffffn));
      const what = `seed 8, round ${round}: ${before.text} and ${next.text}`;
      expect(String(parseLsn(next.text)), what).to.equal(String(next.value));
      expect(String(read(formatLsn(next.value).replace(/[^/]+/g, digits => digits.padStart(8, '0')))), what).to.equal(
        String(next.value),
      );
      expect(normaliseLsn(next.text), what).to.equal(formatLsn(next.value));
      const order = before.value < next.value ? -1 : before.value > next.value ? 1 : 0;
      expect(Math.sign(compareLsn(before.text, next.text)), what).to.equal(order);
      // `-0` is not 0 to chai.
      expect(Math.sign(compareLsn(next.text, before.text)) + order, what).to.equal(0);
      before = next;
    }
  });
});
