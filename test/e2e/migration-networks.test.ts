/** Bad networks under the old names, line by line of docs/parity.md: all bytes of the page's line pass through the test. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilState, untilSynced} from './harness.js';
import {openOld} from './migration-site.js';
import {Network} from './network.js';
import {Site} from './site.js';

/** A page of the site whose line goes through a network of its own; not connected yet. `happened` has its events. */
async function start(t: TestContext, {mode = 'auto'}: {mode?: 'auto' | 'page'} = {}) {
  const site = await Site.start(t);
  const network = await Network.start(t, Number(new URL(site.url).port));
  const page = await openOld(await newProfile(await sharedBrowser(t)), site);
  await page.evaluate(
    config => {
      compat.configureSync(config);
      for (const name of ['reconnecting', 'sync_started', 'operation_complete', 'operation_error'] as const)
        service.addEventListener(name, detail => happened.push({name, ...detail}));
    },
    {logger: 'silent', mode, url: network.url(site.url)} as const,
  );
  return {site, network, page};
}
const connect = (page: Page) => page.evaluate(() => void compat.connectToSyncServer());
const heard = (page: Page, name: string) =>
  page.evaluate(
    name => (happened as {name: string; attempt: number; mode: string}[]).filter(each => each.name === name),
    name,
  );
const has = (page: Page, id: string) =>
  eventually(`row ${id} is there`, () => page.evaluate(async id => (await service.get('note', id)) !== undefined, id));

test('Testing and validation: a first sync over a slow line that is cut in the middle of it ends with every row, once', async t => {
  const {site, network, page} = await start(t);
  const body = 'x'.repeat(2000);
  await site.source.transaction(async tx => {
    for (let n = 0; n < 300; n++) await tx.write('note', `${n}`, {body}, 'merge');
  });
  network.rate = 300_000;
  await connect(page);
  await untilState(page, "state.status === 'syncing'");
  await eventually('half of it has come down', async () => network.bytes > 300_000);
  assert.equal(await page.evaluate(() => service.getState().status), 'syncing');
  network.cut();
  network.rate = Number.POSITIVE_INFINITY;
  await untilSynced(page);
  assert.equal(network.sockets, 2);
  assert.equal(await page.evaluate(() => service.count('note')), 300);
  assert.deepEqual(
    (await heard(page, 'reconnecting')).map(({attempt}) => attempt),
    [1],
  );
});

test('Testing and validation: what is written while nothing passes, and nobody says so, is sent once when something does', async t => {
  const {site, network, page} = await start(t);
  await connect(page);
  await untilSynced(page);
  network.stall();
  await page.evaluate(async () => void (await service.sendSyncMessage({n: 1})));
  await untilState(page, 'state.inFlight === 1');
  network.heal();
  // Healed for new connections: the one that is dead is found by its silence, and nobody has to do anything.
  await untilState(page, "state.pending === 0 && state.status === 'synced'", 60_000);
  assert.deepEqual(site.messages, [{n: 1}]);
  assert.equal(network.sockets, 2);
});

test('Testing and validation: an error of the server is told where it belongs, and stops nothing else', async t => {
  const {site, network, page} = await start(t);
  await connect(page);
  await untilSynced(page);
  const code = await page.evaluate(async () => {
    const id = await service.enqueue({type: 'no such type', payload: null, id: 'bad'});
    await service.put('note', '1', {id: '1', body: 'behind it'});
    return service.settled(id).catch(error => error.code);
  });
  assert.equal(code, 'unknown-operation');
  await eventually('the next one is applied', async () => (await site.read('1')) !== undefined);
  await untilState(page, "state.failed === 1 && state.status === 'error' && state.error.action === 'review'");
  assert.deepEqual(
    (await heard(page, 'operation_error')).map(each => (each as unknown as {id: string}).id),
    ['bad'],
  );
  assert.equal(network.sockets, 1, 'the line was not given up');
});

test('Reconnection logic: it tries ever more rarely, tells each try, and is there again when somebody lets it', async t => {
  const {network, page} = await start(t);
  await connect(page);
  await untilSynced(page);
  network.refusing = true;
  network.cut();
  await eventually('five tries', async () => (await heard(page, 'reconnecting')).length >= 5, 40_000);
  const tries = (await page.evaluate(() => happened)) as {name: string; attempt: number; nextRetryAt: number}[];
  const waits = tries.filter(({name}) => name === 'reconnecting').slice(0, 5);
  assert.deepEqual(
    waits.map(({attempt}) => attempt),
    [1, 2, 3, 4, 5],
  );
  // Half a second, and a random part of a span that doubles: what each may be at the most grows, and none is without a pause.
  const gaps = waits.slice(1).map(({nextRetryAt}, at) => nextRetryAt - (waits[at]?.nextRetryAt ?? 0));
  for (const [at, gap] of gaps.entries()) assert.ok(gap >= 500 && gap <= 500 + 500 * 2 ** (at + 1) + 3000, `${gaps}`);
  network.refusing = false;
  await page.evaluate(() => void compat.syncClientCompat.forceConnect());
  await untilSynced(page);
  network.cut();
  await eventually(
    'it counts from the beginning',
    async () => (await heard(page, 'reconnecting')).at(-1)?.attempt === 1,
  );
  await untilSynced(page);
  assert.equal(network.sockets, 3);
});

test('Network status monitoring: a browser that says offline over a line that is up is not believed', async t => {
  // In the page, where the test can make the browser lie; what the worker has instead is the same code.
  const {site, network, page} = await start(t, {mode: 'page'});
  const says = (online: boolean) =>
    page.evaluate(online => {
      Object.defineProperty(navigator, 'onLine', {get: () => online, configurable: true});
      dispatchEvent(new Event(online ? 'online' : 'offline'));
    }, online);
  await connect(page);
  await untilSynced(page);
  assert.equal(await page.evaluate(() => compat.syncClientCompat.getNetworkStatus()), true);
  await says(false);
  await untilState(page, 'state.online === false');
  assert.equal(await page.evaluate(() => compat.syncClientCompat.getNetworkStatus()), false);
  await site.write('1', 'while it said offline');
  await has(page, '1');
  const {status} = await page.evaluate(async () => service.settled(await service.put('note', '2', {id: '2'})));
  assert.match(status, /^(applied|echoed)$/);
  assert.equal(await page.evaluate(() => service.getState().isConnected), true);
  // Nor does it keep the client from trying.
  network.cut();
  await eventually('it has a line again', async () => network.sockets === 2);
  await untilState(page, 'state.isConnected && !state.online');
  await says(true);
  await untilState(page, "state.online && state.status === 'synced'");
});

test('Network status monitoring: a browser that says online over a dead line is not believed either', async t => {
  const {network, page} = await start(t);
  await connect(page);
  await untilSynced(page);
  network.stall();
  await untilState(page, 'state.isConnected === false', 60_000);
  assert.equal(await page.evaluate(() => compat.syncClientCompat.getNetworkStatus()), true, 'it goes on saying so');
  network.heal();
  await untilSynced(page);
});

test('defect 8: what was sent and not answered goes out again under its id, is done once, and told once', async t => {
  const {site, network, page} = await start(t);
  await connect(page);
  await untilSynced(page);
  const {taken, answer} = site.holdMessages();
  await page.evaluate(async () => void (await service.enqueue({type: 'send_message', payload: {n: 1}, id: 'm1'})));
  await taken;
  network.cut();
  await eventually('it has a line again', async () => network.sockets === 2);
  await untilState(page, 'state.isConnected && state.inFlight === 1');
  assert.deepEqual(await heard(page, 'operation_complete'), [], 'nobody has answered');
  // The first answer goes to a line that is gone, and comes late; the second one counts.
  answer();
  const {id, status} = await page.evaluate(() => service.settled('m1'));
  assert.deepEqual([id, /^(applied|duplicate|echoed)$/.test(status)], ['m1', true], status);
  await untilState(page, 'state.pending === 0');
  assert.deepEqual(site.messages, [{n: 1}], 'the server did it once');
  assert.equal((await heard(page, 'operation_complete')).length, 1);
});
