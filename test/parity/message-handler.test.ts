/** The plan's handler of frames on a database of one's own, and what went wrong in its sketches: lines of docs/parity.md. */
import assert from 'node:assert/strict';
import {it} from 'node:test';
import {SyncMessageHandler} from '../../src/compat/compat.js';
import type {Database} from '../../src/compat/types.js';
import {compareLsn} from '../../src/protocol/lsn.js';

/** Rows in memory, written slowly: a transaction is all or nothing, and nobody else's may run meanwhile. */
class Rows implements Database {
  rows = new Map<string, object>();
  failing = false;
  /** Called while a transaction is under way. */
  during = () => {};
  #busy = false;

  async transaction<T>(run: Parameters<Database['transaction']>[0]): Promise<T> {
    assert.equal(this.#busy, false, 'two transactions at once');
    this.#busy = true;
    const draft = new Map(this.rows);
    const later = () => new Promise<void>(resolve => setImmediate(resolve));
    try {
      const result = await run({
        upsertEntity: (_type, id, data) => later().then(() => void draft.set(id, data)),
        deleteEntity: (_type, id) => later().then(() => void draft.delete(id)),
      });
      this.during();
      if (this.failing) throw new Error('disk');
      this.rows = draft;
      return result as T;
    } finally {
      this.#busy = false;
    }
  }
}

function start(lastLSN = '0/0') {
  const handler = new SyncMessageHandler({lastLSN});
  const database = new Rows();
  handler.initialize(database);
  return {handler, database};
}
const update = (entityId: string, n = 0) => ({type: 'update', entityType: 'note', entityId, data: {n}});
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    error => error.code,
  );

it('SyncMessageHandler: every kind of frame of the plan, in order, and none before initialize', async () => {
  const handler = new SyncMessageHandler();
  const database = new Rows();
  const all = [
    {type: 'sync_start'},
    {type: 'sync_data', data: [update('1')]},
    {type: 'sync_complete', lsn: '0/1'},
    {type: 'entity_update', entityType: 'note', entityId: '2', data: {}},
    {type: 'batch_update', data: [update('3'), update('4')]},
    {type: 'entity_delete', entityType: 'note', entityId: '1'},
    {type: 'changes', lsn: '0/2', changes: [update('5')]},
    {type: 'sync_request'},
    {type: 'sync_error', message: 'x'},
  ].map(frame => handler.handleMessage(frame));
  assert.equal(database.rows.size, 0);
  handler.initialize(database);
  assert.deepEqual(await Promise.all(all), [false, true, false, true, true, true, true, false, false]);
  assert.deepEqual([...database.rows.keys()], ['2', '3', '4', '5']);
  assert.equal(handler.lastLSN, '0/2');
});

it('SyncMessageHandler: so many frames wait for initialize, and no more', async () => {
  const handler = new SyncMessageHandler();
  const all = Array.from({length: 1001}, (_, at) =>
    codeOf(handler.handleMessage({type: 'changes', changes: [update(`${at}`)]})),
  );
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['window-exceeded']));
});

it('defect 10: an LSN is two hexadecimal halves of 64 bits', async () => {
  assert.ok(compareLsn('16/B374D49', '16/B374D48') > 0);
  assert.ok(compareLsn('0/1E5', '0/FF') > 0 && compareLsn('0/1E5', '0/1E6') < 0);
  assert.ok(compareLsn('FFFFFFFF/FFFFFFFE', 'FFFFFFFF/FFFFFFFF') < 0);
  // Each above the one before, though as decimals, as floats or as text they are equal, smaller or no number at all.
  const {handler} = start('16/B374D48');
  for (const lsn of [
    '16/B374D49',
    '16/b374d4a',
    '16/10000000',
    'A0/1E5',
    'A0/1E6',
    'FFFFFFFF/FFFFFFFE',
    'FFFFFFFF/FFFFFFFF',
  ]) {
    assert.equal(await handler.handleMessage({type: 'changes', lsn, changes: [update('1')]}), true, lsn);
    assert.equal(handler.lastLSN, lsn.toUpperCase());
  }
  assert.equal(await handler.handleMessage({type: 'changes', lsn: 'FFFFFFFF/FFFFFFFE', changes: [update('1')]}), false);
});

it('defect 11: the LSN moves when the rows stand, not on receipt, and stays where they could not be written', async () => {
  const {handler, database} = start('0/1');
  const seen: string[] = [];
  // Behind the transaction in which it asks for a position.
  await handler.initialize(database);
  database.during = () => seen.push(handler.lastLSN);
  await handler.handleMessage({type: 'changes', lsn: '0/2', changes: [update('1')]});
  assert.deepEqual([seen, handler.lastLSN], [['0/1'], '0/2']);
  database.failing = true;
  const failed = handler.handleMessage({type: 'changes', lsn: '0/3', changes: [update('2')]});
  const complete = handler.handleMessage({type: 'sync_complete', lsn: '0/4'});
  assert.deepEqual([await codeOf(failed), await codeOf(complete)], ['apply-failed', 'apply-failed']);
  assert.deepEqual([handler.lastLSN, [...database.rows.keys()]], ['0/2', ['1']]);
});

it('defect 12: an LSN counts where it stands, and no kind of frame moves it back', async () => {
  const {handler, database} = start();
  await handler.handleMessage({type: 'changes', data: {lsn: '0/10', changes: [update('1', 1)]}});
  assert.equal(handler.lastLSN, '0/10');
  for (const older of [
    {type: 'changes', data: {lsn: '0/9', changes: [update('1')]}},
    {type: 'changes', lsn: '0/9', changes: [update('1')]},
    {type: 'sync_data', lsn: '0/9', data: [update('1')]},
    {type: 'batch_update', lsn: '0/9', data: [update('1')]},
    {...update('1'), type: 'entity_update', lsn: '0/9'},
    {type: 'entity_delete', entityType: 'note', entityId: '1', lsn: '0/9'},
    {type: 'sync_complete', lsn: '0/9'},
    {type: 'sync_complete', data: {lsn: '0/9'}},
  ]) {
    assert.equal(await handler.handleMessage(older), false);
    assert.equal(handler.lastLSN, '0/10', JSON.stringify(older));
  }
  assert.deepEqual(database.rows.get('1'), {n: 1});
});

it('defect 13: a frame with a change that is not understood counts for nothing, nor does any behind it', async () => {
  const {handler, database} = start();
  const bad = handler.handleMessage({type: 'changes', lsn: '0/2', changes: [update('1'), {...update('2'), type: '?'}]});
  const next = handler.handleMessage({type: 'changes', lsn: '0/3', changes: [update('3')]});
  assert.deepEqual([await codeOf(bad), await codeOf(next)], ['bad-frame', 'bad-frame']);
  assert.deepEqual([handler.lastLSN, database.rows.size], ['0/0', 0]);
});

it('defect 13: batches do not interleave', async () => {
  const {handler, database} = start();
  const batch = (n: number) => ({type: 'batch_update', data: ['1', '2', '3'].map(id => update(id, n))});
  database.during = () =>
    assert.equal(new Set([...database.rows.values()].map(row => JSON.stringify(row))).size <= 1, true);
  await Promise.all([1, 2, 3, 4, 5].map(n => handler.handleMessage(batch(n))));
  assert.deepEqual([...database.rows.values()], [{n: 5}, {n: 5}, {n: 5}]);
});
