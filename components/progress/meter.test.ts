import {expect} from '@open-wc/testing';
import {Meter} from './meter.js';

/** A meter that has seen `rate` rows a second for `seconds`, four times each. */
function running(rate: number, seconds: number): Meter {
  const meter = new Meter();
  for (let at = 0; at <= seconds * 1000; at += 250) meter.note((rate * at) / 1000, at);
  return meter;
}

describe('the meter of a sync', () => {
  it('measures the rate, once there is enough to go by', () => {
    expect(running(500, 0.75).rate(750)).to.equal(undefined);
    expect(running(500, 3).rate(3000)).to.equal(500);
  });

  const table: [total: number | null, value: number | undefined, unit: string | undefined][] = [
    [null, undefined, undefined],
    [2000, undefined, undefined],
    [2500, undefined, undefined],
    [5500, 7, 'second'],
    [16_000, 30, 'second'],
    [62_000, 2, 'minute'],
    [4_000_000, 2, 'hour'],
  ];
  for (const [total, value, unit] of table) {
    it(`at 500 a second, 2,000 of ${total ?? 'nobody knows'} here: ${value ?? 'no word'} ${unit ?? ''}`, () => {
      const left = running(500, 4).left(total, 4000);
      expect([left?.value, left?.unit]).to.deep.equal([value, unit]);
    });
  }

  it('promises nothing while nothing comes', () => {
    const meter = running(500, 4);
    expect(meter.left(1e6, 6000)?.unit).to.equal('hour');
    expect(meter.left(1e6, 9000)).to.equal(undefined);
  });

  it('begins anew with another transfer', () => {
    const meter = running(500, 4);
    meter.note(10, 4250);
    expect(meter.rate(4250)).to.equal(undefined);
  });
});
