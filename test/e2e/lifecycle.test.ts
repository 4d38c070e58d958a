/** Pages that go and come back: the back-forward cache, and freezing. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Browser, chromium, type Page} from 'playwright-core';
import puppeteer, {type Page as Tab, type Browser as TabbedBrowser} from 'puppeteer-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {atEnd, type Evaluates, eventually, newProfile, type Scope, untilState, untilSynced} from './harness.js';
import {Site, serve, visit} from './site.js';

/** With the back-forward cache, which the driver turns off otherwise. */
async function startBrowser(test: Scope): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: await ensureBrowser('chromium'),
    args: CHROMIUM_ARGS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  atEnd(test, () => browser.close());
  return browser;
}

/** Leaves for another page of the site, and comes back; fails where that was not out of the cache. */
async function leaves(page: Page, site: Site, meanwhile: () => Promise<unknown>): Promise<void> {
  await page.evaluate(`void (globalThis.cameBack = new Promise(resolve => {
    addEventListener('pageshow', event => resolve(event.persisted), {once: true});
  }))`);
  await page.goto(`${site.url}?away`);
  await meanwhile();
  await page.goBack({waitUntil: 'commit'});
  assert.equal(await page.evaluate('globalThis.cameBack'), true, 'the page came out of the back-forward cache');
}

const watchNotes = (page: Evaluates) =>
  page.evaluate(`void service.live('note', {orderBy: 'id'}).subscribe(rows => {
    globalThis.rows = rows;
  })`);

const shows = (page: Evaluates, body: string) =>
  eventually(
    `the live query shows '${body}'`,
    async () => (await page.evaluate(`globalThis.rows?.some(row => row.body === '${body}')`)) === true,
  );

/** Saves a note, and waits for the server's answer. */
const saves = (page: Evaluates, id: string, body: string) =>
  page.evaluate(`(async () => service.settled(await service.put('note', '${id}', {id: '${id}', body: '${body}'})))()`);

const leaders = (page: Evaluates) =>
  page.evaluate(`navigator.locks.query().then(({held}) => held.filter(({name}) => name.endsWith('/leader')).length)`);

const phase = (page: Evaluates) => page.evaluate('service.diagnostics().then(({phase}) => phase)');

const state = (page: Evaluates, member: string) => page.evaluate(`service.getState().${member}`);

const LEADS = "state.role === 'leader' && state.status === 'synced'";
const FOLLOWS = "state.role === 'follower' && state.status === 'synced'";

for (const mode of ['worker', 'page'] as const) {
  test(`a page with its engine in the ${mode} lets go of all when it enters the cache, and is whole when it is back`, async t => {
    const site = await Site.start(t);
    const page = await visit(await newProfile(await startBrowser(t)), site, {mode});
    await untilState(page, LEADS);
    await watchNotes(page);
    await site.write('1', 'before');
    await shows(page, 'before');
    // The server takes this one in hand and does not answer before the page has gone.
    const {taken, answer} = site.holdMessages();
    await page.evaluate(`void (
      globalThis.asked = service.queueOperation({type: 'send_message', payload: 'of a page that leaves'})
    )`);
    await taken;

    await leaves(page, site, async () => {
      await eventually('the socket is closed', async () => site.sockets === 0);
      await eventually('nobody leads', async () => (await leaders(page)) === 0);
      answer();
      await site.write('2', 'while it was away');
    });
    await shows(page, 'while it was away');
    await untilState(page, LEADS);
    assert.match(String(await page.evaluate('asked.then(({status}) => status)')), /^(applied|duplicate|echoed)$/);
    assert.deepEqual(site.messages, ['of a page that leaves']);
    await saves(page, '3', 'after');
    await shows(page, 'after');
    assert.equal(await state(page, 'mode'), mode);
    assert.equal(site.sockets, 1);
    assert.deepEqual(await page.evaluate(() => logged), []);
  });
}

test('a page that comes back finds another tab with the line, and follows it', async t => {
  const site = await Site.start(t);
  const profile = await newProfile(await startBrowser(t));
  const page = await visit(profile, site);
  await untilState(page, LEADS);
  await watchNotes(page);
  const other = await visit(profile, site, {connect: false});
  await untilState(other, FOLLOWS);
  await leaves(page, site, async () => {
    await untilState(other, LEADS);
    await site.write('1', 'while it was away');
  });
  await untilState(page, FOLLOWS);
  await shows(page, 'while it was away');
  assert.equal(site.sockets, 1);
  assert.equal(site.server.stats().overlaps, 0);
});

test('a page that comes back does not overrule a disconnect that another tab asked for meanwhile', async t => {
  const site = await Site.start(t);
  const profile = await newProfile(await startBrowser(t));
  const page = await visit(profile, site);
  await untilState(page, LEADS);
  const other = await visit(profile, site, {connect: false});
  await untilState(other, FOLLOWS);
  await leaves(page, site, async () => {
    await untilState(other, LEADS);
    await other.evaluate(() => service.disconnect());
  });
  await untilState(page, "state.role === 'follower' && state.tabs === 2 && state.status === 'idle'");
  assert.equal(site.sockets, 0);
  // Nor when it has to lead: what that tab wanted holds beyond its life.
  await other.close();
  await untilState(page, "state.role === 'leader'");
  assert.equal(await phase(page), 'stopped');
  assert.equal(site.sockets, 0);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
});

test('a lone page that had disconnected is still so when it comes back', async t => {
  const site = await Site.start(t);
  const page = await visit(await newProfile(await startBrowser(t)), site);
  await untilSynced(page);
  await page.evaluate(() => service.disconnect());
  await page.evaluate(() => service.put('note', '1', {id: '1', body: 'waits for a line'}));
  await leaves(page, site, async () => {});
  await eventually('it leads again', async () => (await leaders(page)) === 1);
  await untilState(page, "state.role === 'leader' && state.pending === 1");
  assert.equal(await phase(page), 'stopped');
  assert.equal(site.sockets, 0);
});

/** Tabs of one window, which the other driver does not have: one that is in front is visible, and is never frozen. */
async function startTabbedBrowser(test: Scope): Promise<TabbedBrowser> {
  const browser = await puppeteer.launch({executablePath: await ensureBrowser('chromium'), args: CHROMIUM_ARGS});
  atEnd(test, () => browser.close());
  return browser;
}

async function openTab(browser: TabbedBrowser, site: Site, options: Parameters<typeof serve>[2]): Promise<Tab> {
  const tab = await browser.newPage();
  await tab.goto(site.url);
  await tab.evaluate(`{
    globalThis.life = [];
    for (const name of ['freeze', 'resume']) document.addEventListener(name, () => life.push(name));
  }`);
  await serve(tab, site, options);
  return tab;
}

/** As the browser does with a tab that nobody has looked at for long. */
async function freezes(tab: Tab, front: Tab, meanwhile: () => Promise<unknown>): Promise<void> {
  await front.bringToFront();
  const session = await tab.createCDPSession();
  await session.send('Page.setWebLifecycleState', {state: 'frozen'});
  await meanwhile();
  await session.send('Page.setWebLifecycleState', {state: 'active'});
  await session.detach();
  await tab.bringToFront();
  assert.deepEqual(await tab.evaluate('life'), ['freeze', 'resume'], 'the tab was frozen');
}

for (const mode of ['worker', 'page'] as const) {
  test(`a leader in the ${mode} that is frozen gives the line up at once, and follows when it is thawed`, async t => {
    const site = await Site.start(t);
    const browser = await startTabbedBrowser(t);
    const leader = await openTab(browser, site, {mode});
    await untilState(leader, LEADS);
    await watchNotes(leader);
    const other = await openTab(browser, site, {mode, connect: false});
    await untilState(other, FOLLOWS);

    await freezes(leader, other, async () => {
      const since = performance.now();
      await untilState(other, LEADS);
      // Given up, not taken away: one that is silent is not taken for dead before seven seconds.
      const took = performance.now() - since;
      assert.ok(took < 5000, `it took ${took} ms`);
      await site.write('1', 'while it was frozen');
      await saves(other, '2', 'of the other');
      assert.equal(site.sockets, 1);
    });
    await shows(leader, 'while it was frozen');
    await shows(leader, 'of the other');
    await untilState(leader, FOLLOWS);
    assert.equal(await state(other, 'role'), 'leader');
    assert.equal(site.server.stats().overlaps, 0);
    await saves(leader, '3', 'thawed');
    assert.deepEqual(await site.read('3'), {id: '3', body: 'thawed'});
  });
}

test('a lone tab that is frozen and thawed leads again, with the line and all that it missed', async t => {
  const site = await Site.start(t);
  const browser = await startTabbedBrowser(t);
  const tab = await openTab(browser, site, {});
  await untilState(tab, LEADS);
  await watchNotes(tab);
  await freezes(tab, await browser.newPage(), async () => {
    await eventually('the socket is closed', async () => site.sockets === 0);
    await site.write('1', 'while it was frozen');
  });
  await shows(tab, 'while it was frozen');
  await untilState(tab, LEADS);
  assert.equal(site.sockets, 1);
  assert.deepEqual(await tab.evaluate('logged'), []);
});
