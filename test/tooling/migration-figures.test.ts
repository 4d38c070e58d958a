/** What the migration bench promises, and how it says whether that was kept. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {boundOf, figuresOf, isKept, type Row, withoutIdle, withTable} from '../../bench/migration/figures.js';

const row = (before: number, after: number, more: Partial<Row> = {}): Row => ({
  ...{name: 'x', unit: 'ms', before, after},
  ...more,
});

describe('the bound of a figure', () => {
  it('is the one before, or so many times better', () => {
    assert.equal(boundOf(row(100, 0)), 100);
    assert.equal(boundOf(row(100, 0, {times: 5})), 20);
    assert.equal(boundOf(row(100, 0, {isMoreBetter: true})), 100);
    assert.equal(boundOf(row(100, 0, {isMoreBetter: true, times: 5})), 500);
  });
  it('leaves to chance a step, whichever way is better', () => {
    assert.equal(boundOf(row(100, 0, {times: 5, step: 3})), 23);
    assert.equal(boundOf(row(100, 0, {isMoreBetter: true, times: 5, step: 3})), 497);
  });
});

describe('whether a promise was kept', () => {
  it('is asked at the bound itself', () => {
    assert.deepEqual(
      [20, 20.1].map(after => isKept(row(100, after, {times: 5}))),
      [true, false],
    );
    assert.deepEqual(
      [500, 499.9].map(after => isKept(row(100, after, {times: 5, isMoreBetter: true}))),
      [true, false],
    );
  });
  it('is not asked where nothing was to be made several times less of', () => {
    assert.equal(isKept(row(0, 0, {times: 5})), undefined);
    assert.equal(isKept(row(0, 1, {times: 5})), false);
    assert.equal(isKept(row(0, 0)), true, 'no worse');
    assert.deepEqual(
      figuresOf([row(0, 0, {times: 5})]).map(({goal}) => goal),
      [undefined, undefined],
    );
    assert.deepEqual(figuresOf([row(10, 1, {times: 5})])[1]?.goal, {atMost: 2});
  });
});

describe('what a page at rest would have used', () => {
  it('is taken off by the time, and never more than there is', () => {
    const idle = {total: 50, milliseconds: 1000};
    assert.equal(withoutIdle(300, 2000, idle), 200);
    assert.equal(withoutIdle(30, 2000, idle), 0);
  });
});

describe('the table of the guide', () => {
  const page = 'Above.\n\n<!-- bench: migration -->\n\nold\n\n<!-- end -->\n\nBelow.\n';
  it('takes the place of the one before, and leaves the page alone', () => {
    const rows = [
      row(932.4, 21, {name: 'Busy', times: 5}),
      row(2, 3.25, {name: 'Longest'}),
      row(0, 0, {name: 'Blocked', times: 5}),
      row(16_516, 79_786, {name: 'Rows', unit: 'rows/s', isMoreBetter: true}),
    ];
    const written = withTable(page, 'A note.', rows);
    const expected = [
      '|         |        before |         after | as promised |',
      '| ------- | ------------: | ------------: | ----------- |',
      '| Busy    |        932 ms |         21 ms | yes         |',
      '| Longest |          2 ms |        3.3 ms | **no**      |',
      '| Blocked |          0 ms |          0 ms | –           |',
      '| Rows    | 16,516 rows/s | 79,786 rows/s | yes         |',
    ].join('\n');
    assert.equal(written, `Above.\n\n<!-- bench: migration -->\n\nA note.\n\n${expected}\n\n<!-- end -->\n\nBelow.\n`);
    assert.equal(withTable(written, 'A note.', rows), written, 'again is the same');
  });
  it('is not written where a page has no place for it', () => {
    assert.throws(() => withTable('Above.', '', []), /bench: migration/);
    assert.throws(() => withTable('<!-- bench: migration -->', '', []), /end/);
  });
});
