/** The examples of the docs that say `run`, in a folder as a reader has it, from the built package. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {type TestContext, test} from 'node:test';
import {allBlocks, blocksOf, root} from '../docs/blocks.js';
import {sharedBrowser} from './browser.js';
import {atEnd, eventually, newProfile} from './harness.js';

/** The files that a page of the docs names, in a folder with what `npm install` would have put there. */
function reader(page: string, context: TestContext): {folder: string; files: string[]} {
  const folder = mkdtempSync(join(tmpdir(), 'sync-elements-reader-'));
  atEnd(context, () => rmSync(folder, {recursive: true, force: true}));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), {recursive: true});
    writeFileSync(join(folder, name), text);
  };
  write('package.json', '{"name": "reader", "private": true, "type": "module"}');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/sync-elements'), 'junction');
  for (const scope of ['@open-wc', '@web']) {
    symlinkSync(join(root, 'node_modules', scope), join(folder, 'node_modules', scope), 'junction');
  }
  const named = blocksOf(page).filter(({file}) => file !== undefined);
  assert.ok(
    named.some(({run}) => run),
    `${page} has nothing to run`,
  );
  for (const {file = '', code} of named) write(file, code);
  return {folder, files: named.map(({file = ''}) => file)};
}

function ended(command: string, args: string[], cwd: string): Promise<{code: number | null; output: string}> {
  return new Promise(resolve => {
    const child = spawn(command, args, {cwd, stdio: ['ignore', 'pipe', 'pipe']});
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        output += chunk;
      });
    child.once('exit', code => resolve({code, output}));
  });
}

/** Pages with a test below. */
const RUN = ['docs/testing.md', 'docs/getting-started.md'];

test('every page with an example that says `run` has a test that runs it', () => {
  const pages = new Set(allBlocks().flatMap(({page, run}) => (run ? [page] : [])));
  assert.deepEqual([...pages].sort(), [...RUN].sort());
});

test("docs/testing.md: a user's own tests with web-test-runner", async context => {
  const {folder} = reader('docs/testing.md', context);
  // The reader's own configuration, but for the browser of this machine.
  const config = join(folder, 'here.config.mjs');
  writeFileSync(
    config,
    `import own from './web-test-runner.config.mjs';
     import {launcherOf} from '${join(root, 'scripts/launchers.mjs')}';
     export default {...own, rootDir: '/', browsers: [await launcherOf('chromium')]};`,
  );
  const runner = join(root, 'node_modules/@web/test-runner/dist/bin.js');
  const {code, output} = await ended(process.execPath, [runner, '--config', config], folder);
  assert.equal(code, 0, output);
  assert.match(output, /4 passed, 0 failed/);
});

test('docs/testing.md: seeds of the simulator', async context => {
  const {folder} = reader('docs/testing.md', context);
  const {code, output} = await ended(process.execPath, ['simulate.js'], folder);
  assert.equal(code, 0, output);
  assert.match(output, /^(seed [123]: \d+ steps, \d+ s of their time\n){3}$/);
});

test('docs/getting-started.md: two browsers that share a list, without a build', async context => {
  const {folder} = reader('docs/getting-started.md', context);
  for (const name of ['sync-elements.js', 'sync-worker.js'])
    copyFileSync(join(root, 'dist', name), join(folder, 'public', name));
  const command = ['serve', '--publish', 'task', '--init', 'schema.sql', '--data', './data', '--static', 'public'];
  const server = spawn(process.execPath, [join(root, 'dist/server/cli.js'), ...command, '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(context, async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  let url = '';
  for await (const line of createInterface({input: server.stdout})) {
    url = /^listening on ws(:\/\/127\.0\.0\.1:\d+\/)/.exec(line)?.[1] ?? '';
    if (url) break;
  }
  assert.ok(url, 'the server says where it is');
  server.stdout.resume();

  const browser = await sharedBrowser(context);
  const pages = [];
  for (const _ of [1, 2]) {
    const profile = await newProfile(browser);
    const page = await profile.newPage();
    await page.goto(`http${url}`);
    pages.push(page);
  }
  const [here, there] = pages;
  if (!here || !there) throw new Error('no pages');
  await here.getByLabel('New task').fill('Buy bread');
  await here.getByRole('button', {name: 'Add'}).click();
  const shown = async () => (await there.locator('#tasks li').allTextContents()).join();
  await eventually('the task shows in the other browser', async () => (await shown()) === 'Buy bread');
  const said = async () => (await here.locator('sync-status [part=label]').allInnerTexts()).join();
  await eventually('the first one says that it is saved', async () => (await said()) === 'Saved');
});
