/** Several tabs of one profile in the browsers other than Chromium, where it all stands on locks, channels and workers. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import puppeteer from 'puppeteer-core';
import {type BrowserName, ensureBrowser, whyLeftOut} from '../../scripts/browsers.mjs';
import {startWebKit} from '../../scripts/webkit.mjs';
import {atEnd, barePages, type Evaluates, eventually, type Scope, TestServer, untilState} from './harness.js';

const NOTES = {
  sql: `CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);`,
  publish: {note: true},
} as const;

/** What both ways to drive a browser can do. */
interface Tab extends Evaluates {
  /** @param limit milliseconds after which the answer is taken for lost, where the browser does not say so itself */
  evaluate(expression: string, limit?: number): Promise<unknown>;
  goto(url: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts a browser; the function it resolves to opens a tab of its one profile. */
type Start = (test: Scope) => Promise<() => Promise<Tab>>;

const STARTS: Partial<Record<BrowserName, Start>> = {
  firefox: async test => {
    const executablePath = await ensureBrowser('firefox');
    const browser = await puppeteer.launch({browser: 'firefox', executablePath, timeout: 60_000});
    atEnd(test, () => browser.close());
    return () => browser.newPage();
  },
  webkit: async test => {
    const webkit = await startWebKit();
    atEnd(test, () => webkit.end());
    return async () => {
      const tab = await webkit.newTab();
      return {
        goto: url => webkit.goto(tab, url),
        evaluate: (expression, limit) => webkit.evaluate(tab, expression, limit),
        close: () => webkit.closeTab(tab),
      };
    };
  },
};

const CONNECT = `import('/sync-elements.js').then(async ({WorkerSyncService}) => {
  globalThis.service = new WorkerSyncService({url: '/', logger: 'warn'});
  await service.initialize();
  void service.connect();
})`;

async function openTab(newTab: () => Promise<Tab>, server: TestServer): Promise<Tab> {
  const tab = await newTab();
  await tab.goto(server.url);
  await tab.evaluate(CONNECT);
  return tab;
}

/** The worker as it is, which stands still for as long as it is told. */
const HANGING = `
  const orders = new BroadcastChannel('hang');
  orders.onmessage = ({data}) => { for (const until = Date.now() + data; Date.now() < until; ); };
  await import('./sync-worker.js');
`;

const LEADS = `state.role === 'leader' && state.status === 'synced'`;
const FOLLOWS = `state.role === 'follower' && state.status === 'synced'`;

for (const [name, start] of Object.entries(STARTS) as [BrowserName, Start][]) {
  const it = (title: string, run: (test: TestContext, newTab: () => Promise<Tab>) => Promise<void>) =>
    test(`${name}: ${title}`, {skip: whyLeftOut(name) ?? false}, async t => run(t, await start(t)));

  it('two tabs have one socket, and the follower takes over when the leader is closed', async (t, newTab) => {
    const server = await TestServer.start(t, NOTES);
    const sockets = async () => (await server.stats()).connections;
    const first = await openTab(newTab, server);
    await untilState(first, LEADS);
    assert.equal(await first.evaluate('service.getState().mode'), 'worker');
    assert.equal(await first.evaluate('service.getState().storage === null'), name === 'webkit');
    const second = await openTab(newTab, server);
    await untilState(second, FOLLOWS);
    await untilState(first, 'state.tabs === 2');
    assert.equal(await sockets(), 1);

    await second.evaluate(
      `service.put('note', '1', {id: '1', body: 'from a follower'}).then(id => service.settled(id))`,
    );
    assert.deepEqual(await server.query('SELECT body FROM note'), [{body: 'from a follower'}]);

    await first.close();
    await untilState(second, LEADS);
    await eventually('one socket again', async () => (await sockets()) === 1);
    await server.query(`UPDATE note SET body = 'after the hand-over'`);
    await second.evaluate(`new Promise(resolve => {
      service.live('note').subscribe(rows => rows?.[0]?.body === 'after the hand-over' && resolve());
    })`);
  });

  it('the leader is reloaded: one tab leads, the other follows, and nothing written is lost', async (t, newTab) => {
    const server = await TestServer.start(t, NOTES);
    const first = await openTab(newTab, server);
    await untilState(first, LEADS);
    const second = await openTab(newTab, server);
    await untilState(second, FOLLOWS);
    await first.evaluate(`service.put('note', '1', {id: '1', body: 'just before'}).then(() => undefined)`);
    await first.goto(server.url);
    await first.evaluate(CONNECT);
    await untilState(second, LEADS);
    await untilState(first, FOLLOWS);
    await eventually('the note arrived', async () => (await server.query('SELECT id FROM note')).length === 1);
    assert.equal((await server.stats()).connections, 1);
  });

  it('a page that is left lets go of the line, and is whole when one comes back to it', async (t, newTab) => {
    const server = await TestServer.start(t, NOTES);
    const tab = await openTab(newTab, server);
    await untilState(tab, LEADS);
    await tab.evaluate(`void addEventListener('pageshow', ({persisted}) => { globalThis.cameBack = persisted; })`);
    await tab.goto(`${server.url}?away`);
    await eventually('the socket is closed', async () => (await server.stats()).connections === 0);
    await server.query(`INSERT INTO note VALUES ('1', 'while it was away')`);
    // Not from within the call, whose answer would be lost with its page.
    await tab.evaluate('void setTimeout(() => history.back())');
    // The page that is being left may take the question with it: then it is asked again.
    await eventually(
      'the page is back',
      async () => (await tab.evaluate('location.search', 3000).catch(() => '?')) === '',
    );
    // Firefox keeps no page with locks and a database in its back-forward cache, and makes it anew.
    const isKept = (await tab.evaluate('globalThis.cameBack ?? false')) === true;
    assert.equal(isKept, name === 'webkit');
    if (!isKept) await tab.evaluate(CONNECT);
    await tab.evaluate(`new Promise(resolve => {
      service.live('note').subscribe(rows => rows?.[0]?.body === 'while it was away' && resolve());
    })`);
    await untilState(tab, LEADS);
    assert.equal((await server.stats()).connections, 1);
  });

  it('a leader whose worker hangs with the lock loses the line, and follows when it is back', async (t, newTab) => {
    const pages = await barePages(t);
    await writeFile(join(pages, 'hanging-worker.js'), HANGING);
    const server = await TestServer.start(t, {...NOTES, pages});
    const hung = await newTab();
    await hung.goto(server.url);
    await hung.evaluate(CONNECT.replace(`{url: '/'`, `{url: '/', worker: '/hanging-worker.js'`));
    await untilState(hung, LEADS);
    const other = await openTab(newTab, server);
    await untilState(other, FOLLOWS);
    await other.evaluate(`new BroadcastChannel('hang').postMessage(15_000)`);
    await other.evaluate(`service.put('note', '1', {id: '1', body: 'of the thief'}).then(id => service.settled(id))`);
    assert.equal(await other.evaluate('service.getState().role'), 'leader');
    await untilState(hung, FOLLOWS);
    assert.deepEqual(await server.query('SELECT body FROM note'), [{body: 'of the thief'}]);
    await eventually('one socket', async () => (await server.stats()).connections === 1);
  });
}
