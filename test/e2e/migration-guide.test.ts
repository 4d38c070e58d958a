/** docs/migration.md: whoever copies an example out of it has something that runs. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile} from './harness.js';
import {moduleFiles, PlanServer} from './migration-site.js';
import {Site} from './site.js';

const guide = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');
const examples = [...guide.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code);
/** A module for a worker: migration-dialect.test.ts runs it. */
const isDialect = (code: string) => code.startsWith('export default');
const IMPORTS = {'sync-elements': '/dist/src/index.js', 'sync-elements/compat': '/dist/src/compat/compat.js'};

test('the examples of the guide run as they stand', async t => {
  const site = await Site.start(t);
  const old = await PlanServer.start(t);
  const profile = await newProfile(await sharedBrowser(t));
  for (const [path, file] of moduleFiles()) site.files.set(path, file);
  const pages = examples.filter(code => !isDialect(code));
  assert.ok(pages.length >= 6 && pages.length < examples.length);
  for (const [place, code] of pages.entries()) {
    // The one address that is not the reader's own.
    const script = code.replace('wss://example.com/', old.url.replace('http', 'ws'));
    const path = `/example-${place}.html`;
    site.files.set(`/example-${place}.js`, `${script}\nglobalThis.hasEnded = true;`);
    site.files.set(
      path,
      `<script type="importmap">${JSON.stringify({imports: IMPORTS})}</script><script type="module" src="/example-${place}.js"></script>`,
    );
    const page = await profile.newPage();
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(error.message));
    await page.goto(`${site.url}${path.slice(1)}`);
    await eventually(
      `its end: ${code}`,
      async () => errors.length > 0 || (await page.evaluate('globalThis.hasEnded === true')) === true,
    );
    assert.deepEqual(errors, [], code);
    await page.close();
  }
});
