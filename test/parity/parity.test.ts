/** docs/parity.md names what must work and what must not come back: each line of it has a test of its name. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import * as compat from '../../src/compat/compat.js';
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
