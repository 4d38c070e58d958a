/** docs/parity.md names what must work and what must not come back: each line of it has a test of its name. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import * as compat from '../../src/compat/compat.js';
import {judge} from './titles.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const PLACES = ['test/parity', 'test/e2e', 'test/packaging'];

describe('docs/parity.md', () => {
  const sources = PLACES.flatMap(folder =>
    readdirSync(`${root}${folder}`)
      .filter(name => name.endsWith('.test.ts'))
      .map(name => text(`${folder}/${name}`)),
  );
  it('has a test for each of its lines, which names what must be done', () => {
    const {lines, without, unnamed} = judge(text('docs/parity.md'), sources);
    assert.equal(lines.filter(line => line.startsWith('defect ')).length, 16);
    assert.ok(lines.length - 16 >= 19, 'the systems');
    assert.deepEqual(without, []);
    assert.deepEqual(unnamed, []);
  });
  it('says of each system when it is done', () => {
    for (const [line, name] of text('docs/parity.md').matchAll(/^\| `([^`]+)`.*$/gm)) {
      const [, here, done] = line.split(' | ');
      assert.ok(String(name).startsWith('defect ') || (here && done?.replace(/[\s|]/g, '')), name);
    }
  });
  it('would be found out of step: a line whose test is gone, was renamed, or is only mentioned', () => {
    const page = '| `One` | x |\n| `Two` | y |\n';
    const without = (...texts: string[]) => judge(page, texts).without;
    assert.deepEqual(without("it('One: works', () => {})"), ['Two']);
    assert.deepEqual(without("test('One: x', f); // 'Two: y'", "it('Twofold: y', f)"), ['Two']);
    assert.deepEqual(without("test('One: x', f);\n  it(\n    'Two: y', f)"), []);
  });
  it('would be found out of step: a test that does not run', () => {
    const page = '| `One` | x |\n';
    for (const test of [
      "// it('One: x', () => {})",
      "/* it('One: x', () => {}) */",
      "it('One: x', {skip: true}, () => {})",
      "it('One: x', {todo: 'later'}, () => {})",
      "it.skip('One: x', () => {})",
      "describe.skip('y', () => { it('One: x', () => {}) })",
      "describe('y', {skip: true}, () => { it('One: x', () => {}) })",
      "it('One: x', t => t.skip())",
      "it('One: x')",
      "const text = `it('One: x', () => {})`",
    ]) {
      assert.deepEqual(judge(page, [test]).without, ['One'], test);
    }
    assert.deepEqual(judge(page, ["it('One: x', {timeout: 5, skip: false}, () => {})"]).without, []);
  });
  it('would be found out of step: a promise that no test of its line names', () => {
    const page = '| `One` | where | `connect` `cut`, soon |\n';
    const unnamed = (text: string) => judge(page, [text]).unnamed;
    assert.deepEqual(unnamed("it('One: x', () => connect())"), ['One: cut']);
    assert.deepEqual(unnamed("it('One: x', () => { connect(); uncut(); /* cut */ })"), ['One: cut']);
    assert.deepEqual(unnamed("const f = () => network.cut();\nit('One: x', () => { connect(); f(); })"), []);
    assert.deepEqual(unnamed("it('One: x', () => connect()); it('Two: x', () => cut())"), ['One: cut']);
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

/** Rows of the guide's table of names, as `Class` or `Class: member`. */
function namesOf(guide: string): string[] {
  const [, table = ''] = guide.split('## Every old name');
  return [...table.matchAll(/^\| `([^`]+)`/gm)].flatMap(([, row = '']) => {
    const [owner = '', members] = row.split(': ');
    const bare = (name: string) => name.replace(/[( =].*/, '');
    if (members === undefined) return [bare(owner)];
    return members.split(/, (?![^(]*\))/).map(member => `${owner}: ${bare(member)}`);
  });
}

it('Migration guide: tells of every old name, and every member of the old classes, what becomes of it', () => {
  const guide = text('docs/migration.md');
  const names = namesOf(guide);
  const fresh = ['default', 'configureSync', 'planDialect', 'migrateLocalStorage'];
  const expected = Object.entries(compat)
    .filter(([name]) => !fresh.includes(name))
    .flatMap(([name, value]) => {
      const isClass = typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
      const members = isClass ? Object.getOwnPropertyNames(value.prototype).filter(key => key !== 'constructor') : [];
      return [name, ...members.map(member => `${name}: ${member}`)];
    });
  assert.ok(expected.length > 50, `${expected.length} names`);
  assert.deepEqual(
    expected.filter(name => !names.includes(name)),
    [],
    'missing',
  );
  assert.deepEqual(
    names.filter(name => !expected.includes(name)),
    [],
    'gone',
  );
  assert.equal(new Set(names).size, names.length, 'each once');
});

it('Migration guide: each phase says what to do, how to check it, and how to go back', () => {
  const guide = text('docs/migration.md');
  const phases = ['Parity', 'Queue', 'Connection tracking', 'Change processing', 'API', 'Validation', 'Deployment'];
  for (const phase of phases) {
    const [, section = ''] = guide.split(new RegExp(`^## \\d+\\. ${phase}.*$`, 'm'));
    for (const part of ['Do', 'Check', 'Go back']) {
      assert.match(section.split(/^## /m)[0] ?? '', new RegExp(`\\*\\*${part}\\.\\*\\*`), `${phase}: ${part}`);
    }
  }
});
