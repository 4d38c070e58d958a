import {expect} from '@open-wc/testing';
import {record} from '../../test/helpers/outbox.js';
import type {JsonObject} from '../protocol/protocol.js';
import {hasReached, Overlay, type Reach} from './overlay.js';
import type {OutboxRecord} from './queue.js';

const reach = {generation: 'g', lsn: '0/A'};
const at = (lsn: string, generation = 'g'): Partial<OutboxRecord> => ({
  stage: 'applied',
  generation,
  lsn,
  status: 'applied',
});

function laid(records: readonly OutboxRecord[]): Overlay {
  const overlay = new Overlay();
  for (const [index, each] of records.entries()) overlay.observe(index + 1, each, undefined);
  return overlay;
}

/** What a person sees of the row `task/1`. */
function seen(row: JsonObject | undefined, records: readonly OutboxRecord[], at: Reach | undefined = reach) {
  const edit = laid(records).edits('task', at)?.get('1');
  return edit ? edit(row) : row;
}

const upsert = (payload: JsonObject, more: Partial<OutboxRecord> = {}) => record('o', {payload, ...more});
const remove = (more: Partial<OutboxRecord> = {}) => {
  const {payload: _, ...rest} = record('d', {type: 'delete', ...more});
  return rest;
};

describe('one’s own writes', () => {
  const table: [
    what: string,
    row: JsonObject | undefined,
    records: OutboxRecord[],
    expected: JsonObject | undefined,
  ][] = [
    ['nothing is as it is', {a: 1}, [], {a: 1}],
    ['an upsert merges columns', {a: 1, b: 1}, [upsert({b: 2, c: 2})], {a: 1, b: 2, c: 2}],
    ['an upsert makes a row', undefined, [upsert({a: 1})], {a: 1}],
    ['a partial one merges', {a: 1}, [upsert({b: 1}, {partial: true})], {a: 1, b: 1}],
    ['a partial one makes no row', undefined, [upsert({b: 1}, {partial: true})], undefined],
    ['a delete hides', {a: 1}, [remove()], undefined],
    ['an upsert behind a delete is a new row', {a: 1}, [remove(), upsert({b: 1})], {b: 1}],
    ['a partial one behind a delete is nothing', {a: 1}, [remove(), upsert({b: 1}, {partial: true})], undefined],
    ['a delete behind an upsert hides', undefined, [upsert({a: 1}), remove()], undefined],
    ['several go one on top of the other', {a: 0}, [upsert({a: 1}), upsert({b: 1}), upsert({a: 2})], {a: 2, b: 1}],
    ['a custom one shows nothing', {a: 1}, [record('c', {type: 'rename', payload: {a: 2}})], {a: 1}],
    ['what was sent shows', {a: 1}, [upsert({a: 2}, {stage: 'sent'})], {a: 2}],
    ['what failed does not', {a: 1}, [upsert({a: 2}, {stage: 'failed'})], {a: 1}],
    ['what was applied shows until the rows have reached it', {a: 1}, [upsert({a: 2}, at('0/B'))], {a: 2}],
    ['and then no more', {a: 3}, [upsert({a: 2}, at('0/A'))], {a: 3}],
    ['nor when they are far behind it, in hex', {a: 3}, [upsert({a: 2}, at('0/9'))], {a: 3}],
    ['an answer without an LSN keeps it', {a: 1}, [upsert({a: 2}, {stage: 'applied'})], {a: 2}],
  ];
  for (const [what, row, records, expected] of table) {
    it(what, () => expect(seen(row, records)).to.deep.equal(expected));
  }
  it('of one row do not touch another, nor the same id of another type', () => {
    const overlay = laid([upsert({a: 1}), upsert({b: 1}, {entityId: '2'}), upsert({c: 1}, {entityType: 'x'})]);
    expect([...(overlay.edits('task', reach)?.keys() ?? [])]).to.deep.equal(['1', '2']);
    expect(overlay.edits('task', reach)?.get('2')?.(undefined)).to.deep.equal({b: 1});
    expect([...(overlay.edits('x', reach)?.keys() ?? [])]).to.deep.equal(['1']);
  });
  it('do not change the row they lie on', () => {
    const row = Object.freeze({a: 1});
    seen(row, [upsert({a: 2})]);
    expect(row).to.deep.equal({a: 1});
  });
  it('that were applied show while nothing is known of the rows', () => {
    expect(new Overlay().edits('task', undefined)).to.equal(undefined);
    const overlay = laid([upsert({a: 2}, at('0/1'))]);
    expect(overlay.edits('task', undefined)?.get('1')?.({a: 1})).to.deep.equal({a: 2});
  });
  it('ten thousand on one row are no deeper than one', () => {
    const many = Array.from({length: 10_000}, (_, index) => upsert({a: index}));
    expect(seen({a: -1}, many)).to.deep.equal({a: 9999});
  });
});

describe('one’s own writes, as they go their way', () => {
  const queued = upsert({a: 2});
  const applied = {...queued, ...at('0/B')};
  const {payload: _, ...done} = {...applied, stage: 'done' as const};
  const show = (overlay: Overlay, row: JsonObject | undefined, lsn: string, generation = 'g') => {
    const edit = overlay.edits('task', {generation, lsn})?.get('1');
    return edit ? edit(row) : row;
  };

  it('show from the first moment until the rows of this tab have them, whoever saw them first', () => {
    const overlay = new Overlay();
    overlay.observe(1, queued, undefined);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    overlay.observe(1, {...queued, stage: 'sent'}, queued);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    overlay.observe(1, applied, {...queued, stage: 'sent'});
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    // The leader has the rows, and has forgotten the payload. This tab is a moment behind.
    overlay.observe(1, done, applied);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    expect(show(overlay, {a: 3}, '0/B')).to.deep.equal({a: 3});
    expect(overlay.edits('task', {generation: 'g', lsn: '0/B'})).to.equal(undefined);
  });
  it('of a history that is gone show no more once they are done', () => {
    const overlay = new Overlay();
    overlay.observe(1, applied, undefined);
    expect(show(overlay, {a: 1}, '0/F', 'new')).to.deep.equal({a: 2});
    overlay.observe(1, done, applied);
    expect(show(overlay, {a: 1}, '0/F', 'new')).to.deep.equal({a: 1});
  });
  it('that this tab had not seen yet when their history went show no more either', () => {
    const overlay = new Overlay();
    overlay.observe(1, queued, undefined);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    overlay.observe(1, applied, queued);
    overlay.observe(1, done, applied);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 2});
    expect(show(overlay, {a: 1}, '0/1', 'new')).to.deep.equal({a: 1});
  });
  it('keep their order, also when an older one comes back', () => {
    const overlay = new Overlay();
    const older = {...upsert({a: 'older'}), ...at('0/9')};
    overlay.observe(1, older, undefined);
    overlay.observe(2, upsert({a: 'younger'}), undefined);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 'younger'});
    overlay.observe(1, upsert({a: 'older', b: 1}, {stage: 'sent'}), older);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 'younger', b: 1});
  });
  it('leave what a reader holds as it was', () => {
    const overlay = laid([queued]);
    const held = overlay.edits('task', reach);
    overlay.observe(2, upsert({a: 3}), undefined);
    overlay.observe(1, undefined, queued);
    expect(held?.get('1')?.({a: 1})).to.deep.equal({a: 2});
    expect(held?.size).to.equal(1);
    expect(show(overlay, {a: 1}, '0/A')).to.deep.equal({a: 3});
  });
  it('are made anew only after a change', () => {
    const overlay = laid([queued]);
    const held = overlay.edits('task', reach);
    expect(overlay.edits('task', {...reach})).to.equal(held);
    overlay.observe(2, upsert({a: 3}, {entityType: 'other'}), undefined);
    expect(overlay.edits('task', reach)).to.equal(held);
  });
});

describe('rows have reached an answer', () => {
  const table: [
    what: string,
    rows: typeof reach | undefined,
    answer: {generation?: string; lsn?: string},
    reached: boolean,
  ][] = [
    ['at it', reach, {generation: 'g', lsn: '0/A'}, true],
    ['behind it', {generation: 'g', lsn: '0/10'}, {generation: 'g', lsn: '0/A'}, true],
    ['not before it', {generation: 'g', lsn: '0/9'}, {generation: 'g', lsn: '0/A'}, false],
    ['not while there are no rows', undefined, {generation: 'g', lsn: '0/A'}, false],
    ['not without an answer', reach, {}, false],
    ['beyond 2^32', {generation: 'g', lsn: '1/0'}, {generation: 'g', lsn: '0/FFFFFFFF'}, true],
  ];
  for (const [what, rows, answer, reached] of table) it(what, () => expect(hasReached(rows, answer)).to.equal(reached));
});
