import {expect} from '@open-wc/testing';
import {record} from '../../test/helpers/outbox.js';
import type {JsonObject} from '../protocol/protocol.js';
import {buildOverlay, hasReached} from './overlay.js';
import type {OutboxRecord} from './queue.js';

const reach = {generation: 'g', lsn: '0/A'};
const at = (lsn: string, generation = 'g'): Partial<OutboxRecord> => ({
  stage: 'applied',
  generation,
  lsn,
  status: 'applied',
});

/** What a person sees of the row `task/1`. */
function seen(row: JsonObject | undefined, records: OutboxRecord[]) {
  const edit = buildOverlay(records, reach).get('task')?.get('1');
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
    const types = buildOverlay(
      [upsert({a: 1}), upsert({b: 1}, {entityId: '2'}), upsert({c: 1}, {entityType: 'x'})],
      reach,
    );
    expect([...types.keys()]).to.deep.equal(['task', 'x']);
    expect([...(types.get('task')?.keys() ?? [])]).to.deep.equal(['1', '2']);
    expect(types.get('task')?.get('2')?.(undefined)).to.deep.equal({b: 1});
  });
  it('do not change the row they lie on', () => {
    const row = Object.freeze({a: 1});
    seen(row, [upsert({a: 2})]);
    expect(row).to.deep.equal({a: 1});
  });
  it('that were applied show while nothing is known of the rows', () => {
    expect(
      buildOverlay([upsert({a: 2}, at('0/1'))], undefined)
        .get('task')
        ?.get('1')?.({a: 1}),
    ).to.deep.equal({a: 2});
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
