/** The published declarations, as a user's compiler sees them: complete, and without a type of Node's in the browser's part. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import {installPacked, type Project} from './packed.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeModules = join(root, 'node_modules');

let project: Project;
before(async () => {
  project = await installPacked(root);
});
after(() => project?.remove());

function compile(code: string, options: object): Promise<string> {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2024', 'DOM', 'DOM.Iterable'],
    ...options,
  };
  writeFileSync(join(project.folder, 'user.ts'), code);
  writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({compilerOptions, files: ['user.ts']}));
  const tsc = join(nodeModules, 'typescript', 'bin', 'tsc');
  return new Promise(resolve => {
    execFile(process.execPath, [tsc, '-p', project.folder], (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}

const BROWSER = `
  import {type SyncState, WorkerSyncService} from 'sync-elements';
  import {SyncProvider} from 'sync-elements/components';
  import {SyncStatus} from 'sync-elements/components/sync-status';
  import 'sync-elements/define';
  import 'sync-elements/define/sync-provider';
  const service = new WorkerSyncService({url: 'wss://example.com/api/sync'});
  const state: SyncState = service.getState();
  const provider: SyncProvider = document.createElement('sync-provider');
  const status: SyncStatus = document.createElement('sync-status');
  // @ts-expect-error the types are there, not any
  service.nothing;
  export {provider, state, status};
`;

describe('the declarations', () => {
  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    it(`of the browser's part hold, themselves checked, under ${moduleResolution}`, async () => {
      assert.equal(await compile(BROWSER, {module, moduleResolution, types: []}), '');
    });
  }
  it('of the server hold where Node types are', async () => {
    const options = {
      module: 'NodeNext',
      types: ['node'],
      typeRoots: [join(nodeModules, '@types')],
      skipLibCheck: true,
    };
    assert.equal(await compile("import * as server from 'sync-elements/server'; export {server};", options), '');
  });
  it('name nothing outside the package and its dependencies', () => {
    const own = project.files.filter(file => /^dist\/(src|components)\/.+\.d\.ts$/.test(file));
    assert.ok(own.length > 0);
    for (const file of own) {
      const text = readFileSync(join(project.folder, 'node_modules/sync-elements', file), 'utf8');
      const specifiers = [...text.matchAll(/(?:from|import\()\s*['"]([^'"]+)['"]/g)].map(match => match[1] ?? '');
      assert.deepEqual(
        specifiers.filter(specifier => !/^\.|^lit(\/|$)/.test(specifier)),
        [],
        file,
      );
    }
  });
});
