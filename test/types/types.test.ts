/**
 * What templates of frameworks, listeners and rows are typed as. The cases hold lines that must compile, and lines that
 * must not, each under `@ts-expect-error`: where a type is lost and becomes `any`, those are what breaks. The frameworks'
 * own types lie here with a lock file, so that the root's install knows nothing of them.
 */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import {readElements} from '../../scripts/manifest/elements.js';
import {installTypes} from './install.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '../..');
const CASES = ['dom.ts', 'entities.ts', 'react.tsx', 'solid.tsx', 'svelte.ts', 'vue.ts'];

/** What the compiler has to say of the cases and of our declarations; the rest of the tree has its own check. */
function complaints(): Promise<string[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise(resolve => {
    execFile(process.execPath, [tsc, '-p', folder], {cwd: folder}, (_error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n');
      resolve(lines.filter(line => /^(cases|\.\.\/\.\.\/frameworks|error)\b/.test(line)));
    });
  });
}

describe('the types that users meet', () => {
  let found: string[];
  before(async () => {
    await installTypes();
    found = await complaints();
  });
  it('compile as a whole', () => {
    assert.deepEqual(
      found.filter(line => !CASES.some(name => line.startsWith(`cases/${name}`))),
      [],
    );
  });
  for (const name of CASES) {
    it(`take what is right and refuse what is wrong: ${name}`, () => {
      assert.match(readFileSync(join(folder, 'cases', name), 'utf8'), /@ts-expect-error/);
      assert.deepEqual(
        found.filter(line => line.startsWith(`cases/${name}`)),
        [],
      );
    });
  }
  it('of templates have the properties that the manifest has', () => {
    const text = readFileSync(join(root, 'frameworks/elements.d.ts'), 'utf8');
    for (const {tag, className, fields, events} of readElements()) {
      const [, inner = ''] = new RegExp(`'${tag}': Entry<\\s*${className},([^;]*)>;`).exec(text) ?? [];
      const named = [...inner.matchAll(/'(\w+)'/g)].map(match => match[1] ?? '');
      const settable = fields.filter(({readonly}) => !readonly).map(({name}) => name);
      assert.deepEqual(named.sort(), settable.sort(), tag);
      assert.equal(inner.includes(`${className}EventMap`), events.length > 0, tag);
    }
  });
});
