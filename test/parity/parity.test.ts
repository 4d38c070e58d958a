/** docs/parity.md names what must work and what must not come back: each line of it has a test of its name. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import * as compat from '../../src/compat/compat.js';
import {SyncMessageHandler} from '../../src/compat/compat.js';
import type {Database} from '../../src/compat/types.js';
import {compareLsn} from '../../src/protocol/lsn.js';
import {linesWithoutTest} from './titles.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const PLACES = ['test/parity', 'test/e2e', 'test/packaging'];

describe('docs/parity.md', () => {
  const sources = PLACES.flatMap(folder =>
    readdirSync(`${root}${folder}`)
      .filter(name => name.endsWith('.test.ts'))
      .map(name => text(`${folder}/${name}`)),
  );
  it('has a test for each of its lines', () => {
    const {lines, without} = linesWithoutTest(text('docs/parity.md'), sources);
    assert.equal(lines.filter(line => line.startsWith('defect ')).length, 16);
    assert.ok(lines.length - 16 >= 19, 'the systems');
    assert.deepEqual(without, []);
  });
  it('would be found out of step: a line whose test is gone, was renamed, or is only mentioned', () => {
    const page = '| `One` | x |\n| `Two` | y |\n';
    assert.deepEqual(linesWithoutTest(page, ["it('One: works', () => {})"]).without, ['Two']);
    assert.deepEqual(linesWithoutTest(page, ["test('One: x', f); // 'Two: y'", "it('Twofold: y', f)"]).without, [
      'Two',
    ]);
    assert.deepEqual(linesWithoutTest(page, ["test('One: x', f);\n  it(\n    'Two: y', f)"]).without, []);
  });
});

/** A database that fails when told to; a transaction is all or nothing. */
function database(): Database & {rows: Map<string, unknown>; failing: boolean} {
  const made = {
    rows: new Map<string, unknown>(),
    failing: false,
    async transaction<T>(run: Parameters<Database['transaction']>[0]): Promise<T> {
      const draft = new Map(made.rows);
      const result = await run({
        upsertEntity: (_type, id, data) => void draft.set(id, data),
        deleteEntity: (_type, id) => void draft.delete(id),
      });
      if (made.failing) throw new Error('disk');
      made.rows = draft;
      return result as T;
    },
  };
  return made;
}

const update = (entityId: string) => ({type: 'update', entityType: 'note', entityId, data: {id: entityId}});
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    error => error.code,
  );

it('SyncMessageHandler: every kind of frame of the plan, in order, and none before initialize', async () => {
  const handler = new SyncMessageHandler();
  const rows = database();
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
  assert.equal(rows.rows.size, 0);
  handler.initialize(rows);
  await Promise.all(all);
  assert.deepEqual([...rows.rows.keys()], ['2', '3', '4', '5']);
  assert.equal(handler.lastLSN, '0/2');
});

it('defect 10: an LSN is two hexadecimal halves of 64 bits', () => {
  assert.ok(compareLsn('16/B374D49', '16/B374D48') > 0);
  assert.ok(compareLsn('0/1E5', '0/FF') > 0 && compareLsn('0/1E5', '0/1E6') < 0);
  assert.ok(compareLsn('FFFFFFFF/FFFFFFFE', 'FFFFFFFF/FFFFFFFF') < 0);
});

it('defect 11: where the rows could not be written, the LSN stays', async () => {
  const handler = new SyncMessageHandler({lastLSN: '0/1'});
  const rows = database();
  handler.initialize(rows);
  rows.failing = true;
  assert.equal(
    await codeOf(handler.handleMessage({type: 'changes', lsn: '0/2', changes: [update('1')]})),
    'apply-failed',
  );
  assert.equal(handler.lastLSN, '0/1');
});

it('defect 12: an LSN counts where it stands, and moves only forward', async () => {
  const handler = new SyncMessageHandler();
  handler.initialize(database());
  await handler.handleMessage({type: 'changes', data: {lsn: '0/2', changes: [update('1')]}});
  assert.equal(handler.lastLSN, '0/2');
  await handler.handleMessage({type: 'changes', data: {lsn: '0/1', changes: [update('2')]}});
  assert.equal(handler.lastLSN, '0/2');
});

it('defect 13: a frame with a change that is not understood counts for nothing, nor does any behind it', async () => {
  const handler = new SyncMessageHandler();
  const rows = database();
  handler.initialize(rows);
  const bad = handler.handleMessage({type: 'changes', lsn: '0/2', changes: [update('1'), {...update('2'), type: '?'}]});
  const next = handler.handleMessage({type: 'changes', lsn: '0/3', changes: [update('3')]});
  assert.deepEqual([await codeOf(bad), await codeOf(next)], ['bad-frame', 'bad-frame']);
  assert.deepEqual([handler.lastLSN, rows.rows.size], ['0/0', 0]);
});

it('defect 16: importing runs nothing, and looking at a singleton makes nothing', () => {
  const code = `
    for (const name of ['window', 'document', 'navigator', 'localStorage', 'Worker', 'WebSocket', 'BroadcastChannel', 'indexedDB']) {
      Object.defineProperty(globalThis, name, {get() { throw new Error('touched ' + name); }, configurable: true});
    }
    const compat = await import('./src/compat/compat.ts');
    for (const each of Object.values(compat)) { 'x' in Object(each); Object(each).nothing; await each; }
    compat.configureSync({url: 'ws://localhost/'});`;
  const flags = ['--import', 'tsx', '--input-type=module', '--eval', code];
  assert.equal(execFileSync(process.execPath, flags, {cwd: root, encoding: 'utf8'}), '');
});

it('Migration guide: tells of every old name what becomes of it', () => {
  const guide = text('docs/migration.md');
  const rows = [...guide.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name.replace(/[(:].*/, ''));
  const fresh = ['default', 'configureSync', 'planDialect', 'migrateLocalStorage'];
  for (const name of Object.keys(compat).filter(each => !fresh.includes(each))) assert.ok(rows.includes(name), name);
  for (const phase of [
    'Parity',
    'Queue',
    'Connection tracking',
    'Change processing',
    'API',
    'Validation',
    'Deployment',
  ]) {
    const [, section = ''] = guide.split(new RegExp(`^## \\d+\\. ${phase}.*$`, 'm'));
    for (const part of ['Do', 'Check', 'Go back']) {
      assert.match(section.split(/^## /m)[0] ?? '', new RegExp(`\\*\\*${part}\\.\\*\\*`), `${phase}: ${part}`);
    }
  }
});
