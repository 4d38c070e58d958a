/** The published package, as a user's npm and Node see it. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import {installPacked, type Project, runNode} from './packed.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | {types: string; default: string}>;
  bin: Record<string, string>;
  sideEffects: string[];
  jsdelivr: string;
  unpkg: string;
  main: string;
  module: string;
  types: string;
};
/** Entries that stand for a script to be loaded by a browser, not for a module to import. */
const SCRIPTS = ['./worker'];
/** Entries whose code is nothing: their declarations are what is imported. */
const TYPES = ['./react', './vue', './svelte', './solid'];

let project: Project;
before(async () => {
  project = await installPacked(root);
});
after(() => project?.remove());

/** The addresses behind a pattern such as `./define/sync-*`. */
function expand(entry: string): string[] {
  const target = manifest.exports[entry];
  if (typeof target !== 'object' || !entry.includes('*')) return [entry];
  const [head = '', tail = ''] = target.default.replace('./', '').split('*');
  return project.files
    .filter(file => file.startsWith(head) && file.endsWith(tail))
    .map(file => entry.replace('*', file.slice(head.length, -tail.length)));
}

const entries = () => Object.keys(manifest.exports).flatMap(expand);
const installed = (path: string) => join(project.folder, 'node_modules/sync-elements', path);

describe('the packed package', () => {
  it('holds the built files and nothing else', () => {
    const strange = project.files.filter(
      file =>
        !/^(dist\/.+\.(js|d\.ts|map)|dist\/[a-z.-]+\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/.test(
          file,
        ),
    );
    assert.deepEqual(strange, []);
    assert.deepEqual(
      project.files.filter(file => /(^|[./-])test(s|ing)?[./]/.test(file) && !file.startsWith('dist/testing/')),
      [],
    );
    for (const file of ['LICENSE', 'CHANGELOG.md', 'SECURITY.md']) assert.ok(project.files.includes(file), file);
  });

  it('packs and installs without a warning', () => {
    assert.doesNotMatch(project.packOutput, /warn|deprecat/i);
    assert.doesNotMatch(project.installOutput, /warn|deprecat/i);
  });

  it('brings lit and idb-keyval, and none of its optional peers', () => {
    const packages = readdirSync(join(project.folder, 'node_modules'));
    assert.ok(packages.includes('lit') && packages.includes('idb-keyval'));
    for (const peer of ['ws', '@electric-sql', 'dexie', '@types/node', 'vite']) {
      assert.ok(!existsSync(join(project.folder, 'node_modules', peer)), peer);
    }
  });

  it('serve names the install command where a peer is missing', async () => {
    const {code, stderr} = await runNode(project.folder, [
      installed(manifest.bin['sync-elements'] ?? ''),
      'serve',
      '--publish',
      'task',
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /npm install ws @electric-sql\/pglite/);
    assert.doesNotMatch(stderr, /\n\s+at /, 'a sentence, not a stack');
  });

  it('has every file that package.json names', () => {
    const {main, module, types, jsdelivr, unpkg, bin} = manifest;
    const named = Object.values(manifest.exports).flatMap(target =>
      typeof target === 'string' ? [target] : [target.types, target.default],
    );
    for (const file of [main, module, types, jsdelivr, unpkg, ...Object.values(bin), ...named]) {
      if (!file.includes('*')) assert.ok(project.files.includes(file.replace('./', '')), file);
    }
  });

  it('names its command in the form that npm keeps', () => {
    // npm 11 drops a path that begins with "./" when it publishes, with no more than a warning.
    for (const path of Object.values(manifest.bin)) assert.doesNotMatch(path, /^\.?\//);
  });

  it('offers the class and the registration of the same tags', () => {
    const tags = (entry: string) => expand(entry).map(address => address.split('/').at(-1));
    assert.ok(tags('./define/sync-*').length > 0);
    assert.deepEqual(tags('./components/sync-*'), tags('./define/sync-*'));
  });

  it('imports every entry in Node, where nothing of a browser is, and stays silent', async () => {
    for (const entry of entries().filter(each => !SCRIPTS.includes(each) && !each.endsWith('.json'))) {
      const address = entry.replace('.', 'sync-elements');
      const code = `console.log(JSON.stringify(Object.keys(await import('${address}'))))`;
      const {code: exit, stdout, stderr} = await runNode(project.folder, ['--input-type=module', '--eval', code]);
      assert.equal(stderr, '', address);
      assert.equal(exit, 0, address);
      if (!entry.startsWith('./define') && !TYPES.includes(entry)) assert.notDeepEqual(JSON.parse(stdout), [], address);
    }
  });

  it('runs the simulator, which sees a bug that is put into it', async () => {
    const code = `
      import {runSeed} from 'sync-elements/testing/simulation';
      const sound = await runSeed(1);
      // Each write says that it is done before it is.
      const storage = port => ({...port, open: async (...args) => {
        const database = await port.open(...args);
        return {...database, close: () => database.close(), transaction: (stores, mode, run, durability) =>
          mode === 'readonly' ? database.transaction(stores, mode, run, durability)
            : new Promise(resolve => database.transaction(stores, mode, async tx => resolve(await run(tx)), durability))};
      }});
      const broken = await Promise.all([2, 3, 4].map(seed => runSeed(seed, {storage})));
      console.log(sound.failure ?? 'sound', sound.hash === (await runSeed(1)).hash, broken.some(({failure}) => failure));`;
    const {stdout, stderr} = await runNode(project.folder, ['--input-type=module', '--eval', code]);
    assert.deepEqual([stdout, stderr], ['sound true true\n', '']);
  });

  it('resolves package.json and the worker', async () => {
    const code = `
      const {default: manifest} = await import('sync-elements/package.json', {with: {type: 'json'}});
      console.log(manifest.name, import.meta.resolve('sync-elements/worker'))`;
    const {stdout} = await runNode(project.folder, ['--no-warnings', '--input-type=module', '--eval', code]);
    assert.match(stdout, /^sync-elements file:.*\/dist\/src\/worker\/sync-worker\.js\n$/);
  });

  it('keeps its inner modules to itself', async () => {
    const code = "await import('sync-elements/dist/src/index.js')";
    const {stderr} = await runNode(project.folder, ['--input-type=module', '--eval', code]);
    assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  it('has workers that are complete in one file', () => {
    for (const path of ['dist/src/worker/sync-worker.js', 'dist/sync-worker.js']) {
      const worker = readFileSync(installed(path), 'utf8');
      assert.doesNotMatch(worker, /(^|[;}\s])import[\s{*"'`]|\bimport\(\s*["'`]|\bexport\b/, path);
      assert.ok(worker.length > 500, path);
    }
  });

  it('has a dialect that is complete in one file, and that only its address brings in', () => {
    const dialect = readFileSync(installed('dist/src/compat/plan-dialect.js'), 'utf8');
    assert.doesNotMatch(dialect, /(^|[;}\s])import[\s{*"'`]|\bimport\(/);
    assert.match(dialect, /\bas default\b/);
    for (const path of ['dist/src/worker/sync-worker.js', 'dist/sync-elements.js']) {
      assert.doesNotMatch(readFileSync(installed(path), 'utf8'), /anybody|already-started/, path);
    }
  });

  it('keeps the literal by which bundlers find the worker, and its twin in the CDN bundle', () => {
    const literal =
      /new Worker\(new URL\((['"`])\.\/sync-worker\.js\1,\s*import\.meta\.url\),\s*\{\s*type:\s*(['"`])module\2\s*\}\)/;
    const modules = readdirSync(installed('dist/src/worker')).filter(name => name.endsWith('.js'));
    const holding = modules.filter(name => literal.test(readFileSync(installed(`dist/src/worker/${name}`), 'utf8')));
    assert.equal(holding.length, 1, `in ${holding.join(', ') || 'no module'} of dist/src/worker`);
    assert.match(readFileSync(installed('dist/sync-elements.js'), 'utf8'), literal);
  });

  it('has source maps that work elsewhere', () => {
    for (const path of project.files.filter(file => file.endsWith('.map'))) {
      const map = JSON.parse(readFileSync(installed(path), 'utf8')) as {
        sources: string[];
        sourcesContent?: string[];
      };
      assert.equal(map.sourcesContent?.length, map.sources.length, path);
      assert.deepEqual(
        map.sources.filter(source => /^(\/|[a-z]:|file:)/i.test(source)),
        [],
        path,
      );
    }
  });

  it('has a command that answers', async () => {
    const bin = join(project.folder, 'node_modules/.bin/sync-elements');
    assert.match(readFileSync(bin, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const {code, stdout} = await runNode(project.folder, [bin, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /sync-elements/);
  });
});
