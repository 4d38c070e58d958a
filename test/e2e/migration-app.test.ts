/** A small app on the old client, moved in the steps of the guide, with people in it: demo/migration. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {NotesServer} from '../../demo/migration/server.js';
import {sharedBrowser} from './browser.js';
import {atEnd, eventually, newProfile} from './harness.js';

async function start(t: TestContext): Promise<{server: NotesServer; profile: BrowserContext}> {
  const server = new NotesServer();
  await server.listen();
  atEnd(t, () => server.close());
  return {server, profile: await newProfile(await sharedBrowser(t))};
}

async function open(profile: BrowserContext, server: NotesServer, name: string): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(`${server.url}${name}.html`);
  return page;
}
const add = async (page: Page, body: string) => {
  await page.fill('input', body);
  await page.click('button');
};
const shown = async (page: Page) => (await page.locator('li').allTextContents()).sort();
const shows = (page: Page, ...bodies: string[]) =>
  eventually(`the page shows ${bodies}`, async () => String(await shown(page)) === String(bodies));
const says = (page: Page, status: string) =>
  eventually(`the page says ${status}`, async () => (await page.textContent('#status')) === status);

const unsentInList = (page: Page) =>
  page.evaluate(() => JSON.parse(localStorage.getItem('notes_queue') ?? '[]').length);

/** Cuts and mends the line of the old client, which the browser's offline switch leaves open. */
async function offline(profile: BrowserContext, page: Page, isOff: boolean): Promise<void> {
  await profile.setOffline(isOff);
  await page.evaluate(off => {
    const {prototype} = WebSocket;
    if (off) Object.defineProperty(prototype, 'readyState', {get: () => 3, configurable: true});
    else Reflect.deleteProperty(prototype, 'readyState');
  }, isOff);
}

test('what somebody wrote offline in the old page, and closed, is sent by the new one, once', async t => {
  const {server, profile} = await start(t);
  const old = await open(profile, server, 'before');
  await says(old, 'connected');
  await add(old, 'a, online');
  await shows(old, 'a, online');
  await offline(profile, old, true);
  await add(old, 'b, offline');
  await add(old, 'c, offline');
  await old.close();
  await profile.setOffline(false);

  const page = await open(profile, server, 'step-1');
  await shows(page, 'a, online', 'b, offline', 'c, offline');
  await says(page, 'synced');
  assert.deepEqual(server.bodies, ['a, online', 'b, offline', 'c, offline']);
  const [before, greeting] = server.heard.filter(({type}) => type === 'sync');
  assert.equal(greeting?.['lastLSN'], '0/0', 'the old position is of other rows: a fresh start');
  const label = await page.evaluate(() => localStorage.getItem('sync_client_id'));
  assert.deepEqual([before?.['clientId'], greeting?.['clientId']], [label, label], 'known by the name it had');
  await page.reload();
  await shows(page, 'a, online', 'b, offline', 'c, offline');
  await says(page, 'synced');
  assert.equal(server.bodies.length, 3, 'migrating again sends nothing again');
  assert.equal(await unsentInList(page), 0);
});

test('somebody with unsent work comes back while the server can not be reached: it shows, survives a reload, and goes out once', async t => {
  const {server, profile} = await start(t);
  const old = await open(profile, server, 'before');
  await says(old, 'connected');
  await add(old, 'a, online');
  await shows(old, 'a, online');
  server.deafen();
  await says(old, 'disconnected');
  await add(old, 'b, unsent');
  await add(old, 'c, unsent');
  const label = await old.evaluate(() => localStorage.getItem('sync_client_id'));
  await old.close();

  const page = await open(profile, server, 'step-1');
  await shows(page, 'b, unsent', 'c, unsent');
  await eventually('both wait', async () => (await page.textContent('#status'))?.endsWith('2 unsent') ?? false);
  assert.equal(await unsentInList(page), 0, 'they are in the new queue, and there only');
  await page.reload();
  await shows(page, 'b, unsent', 'c, unsent');
  assert.deepEqual(server.bodies, ['a, online']);
  server.isDeaf = false;
  await shows(page, 'a, online', 'b, unsent', 'c, unsent');
  await says(page, 'synced');
  assert.deepEqual(server.bodies, ['a, online', 'b, unsent', 'c, unsent'], 'each once, in order');
  assert.equal(server.heard.filter(({type}) => type === 'sync').at(-1)?.['clientId'], label);
});

test('an old tab with unsent work is open while the new page takes it over: nothing is lost, and each note is there once', async t => {
  const {server, profile} = await start(t);
  const old = await open(profile, server, 'before');
  await says(old, 'connected');
  server.deafen();
  await says(old, 'disconnected');
  await add(old, 'a, unsent');
  await add(old, 'b, unsent');
  const page = await open(profile, server, 'step-1');
  await shows(page, 'a, unsent', 'b, unsent');
  assert.equal(await unsentInList(page), 0);
  server.isDeaf = false;
  await says(page, 'synced');
  await says(old, 'connected');
  for (const each of [old, page]) await shows(each, 'a, unsent', 'b, unsent');
  // The old tab sends what it has in memory, and nobody can stop it: the guide says so. More than twice nothing comes.
  await eventually('both have sent', async () => server.bodies.length === 4);
  assert.deepEqual(server.bodies.toSorted(), ['a, unsent', 'a, unsent', 'b, unsent', 'b, unsent']);
  await old.goto(`${server.url}step-1.html`);
  await shows(old, 'a, unsent', 'b, unsent');
  await says(old, 'synced');
  assert.equal(server.bodies.length, 4, 'the list was empty by then');
});

test('somebody who has the old page open while the new one comes: both go on, and nothing is doubled', async t => {
  const {server, profile} = await start(t);
  const old = await open(profile, server, 'before');
  await says(old, 'connected');
  await add(old, 'a, in the old');
  const page = await open(profile, server, 'step-1');
  await shows(page, 'a, in the old');
  await add(page, 'b, in the new');
  await shows(old, 'a, in the old', 'b, in the new');
  await add(old, 'c, in the old');
  for (const each of [old, page]) await shows(each, 'a, in the old', 'b, in the new', 'c, in the old');
  await old.goto(`${server.url}step-1.html`);
  await shows(old, 'a, in the old', 'b, in the new', 'c, in the old');
  await says(old, 'synced');
  assert.equal(server.bodies.length, 3);
});

test('somebody who comes back offline writes on in the new page, and the last step takes it along', async t => {
  const {server, profile} = await start(t);
  const page = await open(profile, server, 'step-1');
  await says(page, 'synced');
  await server.close();
  await add(page, 'a, with the server away');
  await eventually('it is kept', async () => (await page.textContent('#status'))?.endsWith('1 unsent') ?? false);
  await shows(page, 'a, with the server away');
  await page.close();

  const port = Number(new URL(server.url).port);
  const again = new NotesServer();
  await again.listen(port);
  atEnd(t, () => again.close());
  const last = await open(profile, again, 'step-2');
  await shows(last, 'a, with the server away');
  await says(last, 'synced');
  assert.deepEqual(again.bodies, ['a, with the server away']);
  await add(last, 'b, in the last step');
  await shows(last, 'a, with the server away', 'b, in the last step');
  await eventually('it is sent', async () => again.bodies.length === 2);
});

test('there is a way back: the old page goes on from where it was', async t => {
  const {server, profile} = await start(t);
  const old = await open(profile, server, 'before');
  await says(old, 'connected');
  await add(old, 'a');
  await shows(old, 'a');
  const page = await open(profile, server, 'step-1');
  await old.close();
  await add(page, 'b');
  await eventually('it is sent', async () => server.bodies.length === 2);
  await page.goto(`${server.url}before.html`);
  await shows(page, 'a', 'b');
  assert.equal(server.heard.filter(({type}) => type === 'sync').at(-1)?.['lastLSN'], '0/1', 'its own position');
});

test('there is a way back with unsent work: what was never sent, and nothing else, is handed to the old client', async t => {
  const {server, profile} = await start(t);
  const page = await open(profile, server, 'step-1');
  await says(page, 'synced');
  await add(page, 'a, sent');
  await eventually('it is sent', async () => server.bodies.length === 1);
  await page.evaluate(async () => {
    const address = '/dist/src/compat/compat.js';
    const {syncClient} = (await import(address)) as typeof compat;
    await syncClient.disconnect();
  });
  await says(page, 'idle');
  await add(page, 'b, never sent');
  await add(page, 'c, never sent');
  await shows(page, 'a, sent', 'b, never sent', 'c, never sent');
  const left = await page.evaluate(async () => {
    const address = '/dist/src/compat/compat.js';
    const {syncClient} = (await import(address)) as typeof compat;
    // As in the guide, in the old client's form.
    const queued = await syncClient.operations({stage: 'queued'});
    const list = queued.map(({id, entityType, entityId, payload: data}) => ({
      ...{id, type: 'send_message'},
      payload: {type: 'entity_update', entityType, entityId, data},
    }));
    localStorage.setItem('notes_queue', JSON.stringify(list));
    for (const {id} of queued) await syncClient.discard(id);
    return (await syncClient.operations({stage: 'queued'})).length;
  });
  assert.equal(left, 0);
  await page.goto(`${server.url}before.html`);
  await shows(page, 'a, sent', 'b, never sent', 'c, never sent');
  assert.deepEqual(server.bodies, ['a, sent', 'b, never sent', 'c, never sent'], 'each once');
  // And forward again, with nothing in either queue.
  await page.goto(`${server.url}step-1.html`);
  await shows(page, 'a, sent', 'b, never sent', 'c, never sent');
  await says(page, 'synced');
  assert.equal(server.bodies.length, 3);
});
