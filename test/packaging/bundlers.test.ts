/** The packed package, installed elsewhere, in the hands of the tools people use: built, and run in Chromium. */
import assert from 'node:assert/strict';
import {after, before, describe, it, type TestContext} from 'node:test';
import type {Page} from 'playwright-core';
import type {SyncProvider} from '../../components/index.js';
import {sharedBrowser} from '../e2e/browser.js';
import {eventually, newProfile} from '../e2e/harness.js';
import {Site} from '../e2e/site.js';
import {Bundlers} from './bundlers.js';

/** `worker`: of those that don't follow `new Worker(new URL(…))`, as the guide says. `policy`: a name that its own runtime takes. */
const BUNDLERS: Record<string, {script: string; worker?: string; policy?: string}> = {
  vite: {script: 'type="module"'},
  webpack: {script: 'defer', policy: 'webpack'},
  rollup: {script: 'type="module"', worker: './assets/sync-worker.js'},
  esbuild: {script: 'type="module"', worker: './assets/sync-worker.js'},
  parcel: {script: 'type="module"'},
};

const tags = (worker?: string) =>
  `<sync-provider url="/api/sync" types="note"${worker === undefined ? '' : ` worker="${worker}"`}>
    <sync-status details></sync-status>
    <sync-queue></sync-queue>
  </sync-provider>`;

const pageOf = (body: string, script: string) =>
  `<!doctype html><html lang="de"><title>Built</title><link rel="icon" href="data:,">${body}${script}`;

/** Nothing `unsafe-…`, and no text where an address is expected but by the policies that the guide names. */
const policyOf = (url: string, {script = "'self'", worker = "'self'", names = ''}) =>
  [
    "default-src 'none'",
    "style-src 'self'",
    'img-src data:',
    `script-src ${script}`,
    `worker-src ${worker}`,
    `connect-src 'self' ${url.replace('http', 'ws')}`,
    "require-trusted-types-for 'script'",
    `trusted-types lit-html sync-elements ${names}`,
  ].join('; ');

/** How the worker finds out that Trusted Types are enforced (browser-worker.ts): what is refused is done by the policy then. */
const REPORTED = /requires 'TrustedScriptURL' assignment/;

interface Opened {
  page: Page;
  complaints: string[];
}

async function open(t: TestContext, url: string, policy?: string): Promise<Opened> {
  const profile = await newProfile(await sharedBrowser(t));
  const complaints: string[] = [];
  profile.on('console', message => {
    if (['error', 'warning'].includes(message.type()) && !REPORTED.test(message.text()))
      complaints.push(message.text());
  });
  profile.on('weberror', error => complaints.push(String(error.error())));
  const page = await profile.newPage();
  await page.goto(policy === undefined ? url : `${url}?policy=${encodeURIComponent(policy)}`);
  return {page, complaints};
}

/** Syncs from a worker both ways, and what loads on demand loads: a language and the details. */
async function works({page, complaints}: Opened, site: Site): Promise<void> {
  await page.locator('sync-provider[status=synced]').waitFor({state: 'attached'});
  const provider = page.locator('sync-provider');
  assert.equal(await provider.evaluate(element => (element as SyncProvider).state.mode), 'worker');
  await page.getByText('Gespeichert').first().waitFor();
  await provider.evaluate(element => (element as SyncProvider).put('note', 'n', {body: 'from here'}));
  await eventually(
    'the row is at the server',
    async () => ((await site.read('n')) as {body?: string})?.body === 'from here',
  );
  await site.write('n', 'from there');
  await page.waitForFunction(async () => {
    const row = await document.querySelector<SyncProvider>('sync-provider')?.get('note', 'n');
    return row?.['body'] === 'from there';
  });
  await page.locator('sync-status').getByRole('button').first().click();
  await page.getByRole('dialog').getByText('Verbindung').first().waitFor();
  assert.deepEqual(complaints, [], 'the page complains of nothing');
}

let project: Bundlers;
before(async () => {
  project = await Bundlers.install();
});
after(() => project?.remove());

describe('the packed package, built and run under a policy without unsafe-* and with Trusted Types', () => {
  for (const [name, {script, worker, policy}] of Object.entries(BUNDLERS)) {
    it(`by ${name}`, async t => {
      const site = await Site.start(t);
      for (const [path, text] of await project.build(name, 'main')) site.files.set(`/app/${path}`, text);
      site.files.set('/app/', pageOf(tags(worker), `<script ${script} src="./main.js"></script>`));
      await works(
        await open(t, `${site.url}app/`, policyOf(site.url, policy === undefined ? {} : {names: policy})),
        site,
      );
    });
  }

  it('from another origin, without a build', async t => {
    const [site, cdn] = [await Site.start(t), await Site.start(t)];
    for (const file of ['sync-elements.js', 'sync-worker.js']) {
      cdn.files.set(`/npm/${file}`, await project.read(`dist/${file}`));
    }
    site.files.set('/app/', pageOf(tags(), `<script type="module" src="${cdn.url}npm/sync-elements.js"></script>`));
    const origin = cdn.url.slice(0, -1);
    const policy = policyOf(site.url, {script: origin, worker: `blob: ${origin}`});
    await works(await open(t, `${site.url}app/`, policy), site);
  });
});

describe('the packed package on a server', () => {
  it('renders every element by @lit-labs/ssr, and Chromium hydrates them where they stand', async t => {
    const html = await project.run('app/server.js');
    for (const tag of ['provider', 'status', 'progress', 'when', 'queue', 'inspector']) {
      assert.match(html, new RegExp(`<sync-${tag}[^>]*><template [^>]*shadowrootmode="open"`), tag);
    }
    const site = await Site.start(t);
    for (const [path, text] of await project.build('vite', 'hydrate')) site.files.set(`/app/${path}`, text);
    // Before its script runs, the page is what the server said: whoever looks then remembers what stood there.
    site.files.set(
      '/app/remember.js',
      `globalThis.rendered = [...document.querySelectorAll('sync-provider, sync-provider *')]
      .filter(element => element.shadowRoot)
      .map(element => ({element, inside: element.shadowRoot.querySelector(':not(style)')}));`,
    );
    site.files.set(
      '/app/',
      pageOf(html, '<script src="./remember.js"></script><script type="module" src="./main.js"></script>'),
    );
    const opened = await open(t, `${site.url}app/`);
    await works(opened, site);
    const fates = await opened.page.evaluate(() => {
      const {rendered} = globalThis as unknown as {rendered: {element: Element; inside: Element | null}[]};
      return rendered.map(({element, inside}) => ({
        tag: element.localName,
        kept: inside === null || inside.getRootNode() === element.shadowRoot,
        once: element.shadowRoot?.querySelectorAll('slot:not([name])').length ?? 0,
      }));
    });
    assert.equal(fates.length, 6);
    for (const {tag, kept, once} of fates) {
      assert.ok(kept, `${tag} keeps what the server rendered`);
      assert.ok(once <= 1, `${tag} is not rendered a second time beside it`);
    }
  });

  it('is clean for publint and for "are the types wrong"', async () => {
    assert.equal(await project.run('judge.mjs'), '');
  });
});
