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

const {peerDependencies} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const optionalPeers = Object.keys(peerDependencies);

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

const OLD_NAMES = `
  import type {
    ConnectionStatus, Database, SyncConfig, SyncMessageType, SyncOperation, SyncServiceEvent, SyncServiceEventListener,
    SyncState, WorkerSyncOperation,
  } from 'sync-elements/compat';
  import syncClient, {configureSync, SyncClientCompat, syncClientLegacy} from 'sync-elements/compat';
  const config: SyncConfig = {url: 'wss://example.com/api/sync', clientId: 'mine'};
  configureSync(config);
  const database: Database = {transaction: async run => run({upsertEntity() {}, deleteEntity: async () => {}})};
  const operation: WorkerSyncOperation = {type: 'send_message', payload: {a: 1}, id: 'a', priority: 1};
  const operations: SyncOperation[] = [operation, {execute: () => 1, resolve() {}, reject(error: unknown) {}, priority: 2}];
  const client: SyncClientCompat = syncClientLegacy;
  for (const each of operations) client.queueOperation(each);
  client.onStateChange = (state: SyncState) => state.lastLSN.length;
  client.onStateChange = null;
  const status: ConnectionStatus = client.getState();
  const attempts: number = status.reconnectAttempts;
  const event: SyncServiceEvent = 'connected';
  const listener: SyncServiceEventListener<'connected'> = ({clientId}) => clientId.length;
  syncClient.addEventListener(event, () => {});
  syncClient.addEventListener('connected', listener);
  const types: SyncMessageType[] = ['sync_start', 'sync_data', 'sync_complete', 'sync_error', 'entity_update', 'entity_delete',
    'batch_update', 'sync_request', 'changes'];
  // @ts-expect-error no such message
  const wrong: SyncMessageType = 'chat';
  // @ts-expect-error no such event
  const nothing: SyncServiceEvent = 'nothing';
  // @ts-expect-error neither data nor a function
  client.queueOperation({priority: 1});
  export {attempts, database, nothing, types, wrong};
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
  it('Type exports: the plan’s names are there, and mean what they should', async () => {
    assert.equal(await compile(OLD_NAMES, {module: 'ESNext', moduleResolution: 'Bundler', types: []}), '');
  });
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
      const specifiers = [...text.matchAll(/(?:from\s+|import\(\s*)['"]([^'"]+)['"]/g)].map(match => match[1] ?? '');
      // Who imports an adapter has what it adapts.
      const peers = file.startsWith('dist/src/database/adapters/') ? optionalPeers : [];
      assert.deepEqual(
        specifiers.filter(
          specifier => !/^\.|^(lit|@lit\/reactive-element)(\/|$)/.test(specifier) && !peers.includes(specifier),
        ),
        [],
        file,
      );
    }
  });
});
