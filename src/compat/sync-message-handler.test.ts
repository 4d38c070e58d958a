import {expect} from '@open-wc/testing';
import type {DatabaseCheckpoint} from '../protocol/protocol.js';
import {SyncMessageHandler} from './sync-message-handler.js';
import type {Database} from './types.js';

/** Rows in memory; a transaction is all or nothing. */
class Rows implements Database {
  readonly rows = new Map<string, unknown>();
  transactions = 0;
  failing = false;

  async transaction<T>(run: Parameters<Database['transaction']>[0]): Promise<T> {
    this.transactions++;
    const draft = new Map(this.rows);
    const result = await run({
      upsertEntity: async (type, id, data) => void draft.set(`${type}/${id}`, data),
      deleteEntity: async (type, id) => void draft.delete(`${type}/${id}`),
    });
    if (this.failing) throw new Error('disk');
    this.rows.clear();
    for (const [key, row] of draft) this.rows.set(key, row);
    return result as T;
  }
}

const update = (entityId: string, n: number) => ({type: 'update', entityType: 'note', entityId, data: {n}});
const remove = (entityId: string) => ({type: 'delete', entityType: 'note', entityId});
const codeOf = (promise: Promise<unknown>) => promise.then(String, error => error.code);

describe('SyncMessageHandler of the plan', () => {
  let rows: Rows;
  let handler: SyncMessageHandler;
  beforeEach(() => {
    rows = new Rows();
    handler = new SyncMessageHandler({lastLSN: '0/A'});
  });

  it('applies every kind of frame that carries rows, and tells those that carry none', async () => {
    handler.initialize(rows);
    const frames: [frame: Record<string, unknown>, applied: boolean, lsn: string][] = [
      [{type: 'sync_start'}, false, '0/A'],
      [{type: 'sync_data', data: [update('1', 1), update('2', 1)]}, true, '0/A'],
      [{type: 'sync_complete', lsn: '0/10'}, false, '0/10'],
      [{type: 'entity_update', entityType: 'note', entityId: '3', data: {n: 1}}, true, '0/10'],
      [{type: 'entity_delete', entityType: 'note', entityId: '1', lsn: '0/11'}, true, '0/11'],
      [{type: 'batch_update', batchId: 'b', data: [update('3', 2), remove('2')]}, true, '0/11'],
      [{type: 'changes', lsn: '0/12', changes: [update('4', 1)]}, true, '0/12'],
      [{type: 'changes', data: {lsn: 'a/0', changes: [update('5', 1)]}}, true, 'A/0'],
      [{type: 'sync_request'}, false, 'A/0'],
      [{type: 'sync_error', message: 'x'}, false, 'A/0'],
      [{type: 'something of the application'}, false, 'A/0'],
    ];
    for (const [frame, applied, lsn] of frames) {
      expect(await handler.handleMessage(frame), String(frame['type'])).to.equal(applied);
      expect(handler.lastLSN, String(frame['type'])).to.equal(lsn);
    }
    expect([...rows.rows]).to.deep.equal([
      ['note/3', {n: 2}],
      ['note/4', {n: 1}],
      ['note/5', {n: 1}],
    ]);
    expect(rows.transactions, 'one a frame with rows, and one to ask for a position').to.equal(7);
  });

  it('keeps frames that come before initialize, in their order', async () => {
    const first = handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]});
    const second = handler.handleMessage({type: 'changes', lsn: '0/C', changes: [update('1', 2)]});
    handler.initialize(rows);
    await Promise.all([first, second]);
    expect(rows.rows.get('note/1')).to.deep.equal({n: 2});
    expect(handler.lastLSN).to.equal('0/C');
  });

  it('keeps so many and no more', async () => {
    const frames = Array.from({length: 1001}, () => codeOf(handler.handleMessage({type: 'sync_request'})));
    expect(await frames[1000]).to.equal('window-exceeded');
    expect(new Set(await Promise.all(frames))).to.deep.equal(new Set(['window-exceeded']));
  });

  it('drops what is older than the rows, compared as 64 bits, and takes what stands at the same LSN', async () => {
    handler = new SyncMessageHandler({lastLSN: '16/B374D48'});
    handler.initialize(rows);
    expect(await handler.handleMessage({type: 'changes', lsn: '16/B374D47', changes: [update('1', 1)]})).to.equal(
      false,
    );
    expect(await handler.handleMessage({type: 'changes', lsn: '16/B374D48', changes: [update('1', 2)]})).to.equal(true);
    expect(await handler.handleMessage({type: 'changes', lsn: '16/B374D49', changes: [update('1', 3)]})).to.equal(true);
    expect(handler.lastLSN).to.equal('16/B374D49');
  });

  it('a frame that can’t be applied leaves rows and LSN, and nothing behind it is', async () => {
    handler.initialize(rows);
    rows.failing = true;
    const failed = codeOf(handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]}));
    const next = codeOf(handler.handleMessage({type: 'changes', lsn: '0/C', changes: [update('2', 1)]}));
    expect(await failed).to.equal('apply-failed');
    expect(await next).to.equal('apply-failed');
    expect(handler.lastLSN).to.equal('0/A');
    rows.failing = false;
    handler.initialize(rows);
    await handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]});
    expect([...rows.rows.keys()]).to.deep.equal(['note/1']);
  });

  it('takes none that came before the failure for one that came after it, however soon it is initialised anew', async () => {
    handler.initialize(rows);
    rows.failing = true;
    const failed = handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]}).catch(() => {
      rows.failing = false;
      handler.initialize(rows);
    });
    const behind = ['0/C', '0/D'].map(lsn =>
      codeOf(handler.handleMessage({type: 'changes', lsn, changes: [update('2', 1)]})),
    );
    await failed;
    expect(await Promise.all(behind)).to.deep.equal(['apply-failed', 'apply-failed']);
    expect([handler.lastLSN, rows.rows.size]).to.deep.equal(['0/A', 0]);
  });

  it('says of a partial change that it is one', async () => {
    const upserts: unknown[][] = [];
    handler.initialize({
      transaction: run => run({upsertEntity: (...args) => void upserts.push(args), deleteEntity: () => {}}),
    });
    const change = {...update('1', 1), timestamp: 7, partial: true};
    await handler.handleMessage({type: 'changes', lsn: '0/B', changes: [change, update('2', 2)]});
    expect(upserts).to.deep.equal([
      ['note', '1', {n: 1}, 7, true],
      ['note', '2', {n: 2}, undefined, undefined],
    ]);
  });

  it('skips no change that it does not understand', async () => {
    for (const bad of [
      {type: 'changes', lsn: '0/B', changes: [update('1', 1), {type: 'truncate', entityType: 'note'}]},
      {type: 'changes', lsn: 'x', changes: []},
      {type: 'changes', lsn: '0/B'},
      {type: 'entity_update', entityType: '__proto__', entityId: '1', data: {}},
      {type: 'batch_update', data: {}},
      '{"type":"changes","lsn":"0/B","changes":[]}' as unknown as Record<string, unknown>,
    ]) {
      handler = new SyncMessageHandler();
      handler.initialize(rows);
      expect(await codeOf(handler.handleMessage(bad)), JSON.stringify(bad)).to.equal('bad-frame');
    }
    expect(rows.rows.size).to.equal(0);
  });

  it('cleanup leaves nobody waiting', async () => {
    const waiting = codeOf(handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]}));
    await handler.cleanup();
    expect(await waiting).to.equal('closed');
    expect(await codeOf(handler.handleMessage({type: 'sync_request'}))).to.equal('closed');
  });

  describe('on a database that takes many changes at once and keeps its position', () => {
    /** As a transaction left it: rows and position together, or neither. */
    let stored: {rows: string[]; checkpoint: DatabaseCheckpoint | undefined};
    let bulks: number[];
    let failing: boolean;
    const database: Database = {
      async transaction(run) {
        const draft = {...stored, rows: [...stored.rows]};
        const result = await run({
          upsertEntity: () => Promise.reject(new Error('one by one')),
          deleteEntity: () => Promise.reject(new Error('one by one')),
          applyChanges: changes => {
            bulks.push(changes.length);
            draft.rows.push(...changes.map(({type, entityId}) => `${type} ${entityId}`));
          },
          readCheckpoint: async () => draft.checkpoint,
          writeCheckpoint: checkpoint => {
            draft.checkpoint = checkpoint;
          },
        });
        if (failing) throw new Error('disk');
        stored = draft;
        return result;
      },
    };
    beforeEach(() => {
      stored = {rows: [], checkpoint: undefined};
      bulks = [];
      failing = false;
    });

    it('goes the bulk path, in order, 500 at the most', async () => {
      await handler.initialize(database);
      const changes = [...Array.from({length: 1199}, (_, n) => update(`${n}`, n)), remove('0')];
      await handler.handleMessage({type: 'changes', lsn: '0/B', changes});
      expect(bulks).to.deep.equal([500, 500, 200]);
      expect([stored.rows.length, stored.rows[0], stored.rows.at(-1)]).to.deep.equal([1200, 'update 0', 'delete 0']);
    });

    it('writes the position with the rows, and another handler goes on from there, wherever the page thinks it is', async () => {
      await handler.initialize(database);
      await handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]});
      failing = true;
      expect(await codeOf(handler.handleMessage({type: 'changes', lsn: '0/C', changes: [update('2', 1)]}))).to.equal(
        'apply-failed',
      );
      expect([stored.rows, stored.checkpoint?.at?.lsn]).to.deep.equal([['update 1'], '0/B']);
      failing = false;
      const next = new SyncMessageHandler({lastLSN: 'FF/0'});
      await next.initialize(database);
      expect(next.lastLSN, 'rows that are not there are not counted').to.equal('0/B');
      expect(await next.handleMessage({type: 'sync_complete', lsn: '0/D'})).to.equal(false);
      expect(stored.checkpoint?.at?.lsn, 'a position without rows is kept, too').to.equal('0/D');
    });

    it('asks for one thing at a time, though it is initialised again while a frame is written', async () => {
      let [running, most] = [0, 0];
      const counted: Database = {
        async transaction(run) {
          most = Math.max(most, ++running);
          return database.transaction(run).finally(() => running--);
        },
      };
      const ready = [handler.initialize(counted), handler.initialize(counted)];
      const written = handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]});
      await Promise.all([...ready, handler.initialize(counted), written]);
      expect([most, handler.lastLSN]).to.deep.equal([1, '0/B']);
    });

    it('keeps its hands off one in which a service keeps its rows', async () => {
      stored.checkpoint = {instance: 'a service’s', epoch: 3};
      await handler.initialize(database);
      expect(await codeOf(handler.handleMessage({type: 'changes', lsn: '0/B', changes: [update('1', 1)]}))).to.equal(
        'storage-conflict',
      );
      expect(stored.rows).to.deep.equal([]);
    });
  });
});
