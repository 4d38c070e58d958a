/** The defects of the plan's sketches, line by line of docs/parity.md: what a browser must show. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilState, untilSynced} from './harness.js';
import {loadOld, openOld} from './migration-site.js';
import {Site} from './site.js';

async function start(t: TestContext) {
  const site = await Site.start(t);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = async () => {
    const page = await openOld(profile, site);
    await page.evaluate(() => void compat.connectToSyncServer());
    await untilSynced(page);
    return page;
  };
  return {site, profile, tab, page: await openOld(profile, site)};
}
const row = (page: Page, id: string) => page.evaluate(id => service.get('note', id), id);

test('defect 1: tabs that connect at once have one socket, and an attempt ends by its own release only', async t => {
  const {site, profile, page} = await start(t);
  const pages = [page, ...(await Promise.all([1, 2, 3].map(() => openOld(profile, site))))];
  await Promise.all(pages.map(each => each.evaluate(() => void compat.connectToSyncServer())));
  await Promise.all(pages.map(untilSynced));
  assert.equal(site.sockets, 1);
  const [one, two] = pages;
  assert.ok(one && two);
  await one.evaluate(() => void compat.globalConnectionTracker.startConnectionAttempt('a'));
  await two.evaluate(() => {
    compat.globalConnectionTracker.startConnectionAttempt('a')();
    compat.globalConnectionTracker.endConnectionAttempt('a');
  });
  await eventually('the other’s attempt stands', () =>
    two.evaluate(() => compat.globalConnectionTracker.isAttemptingConnection('a')),
  );
});

test('defect 2: a crashed tab blocks nobody, and the living stay known', async t => {
  const {site, tab} = await start(t);
  const first = await tab();
  const second = await tab();
  const third = await tab();
  await third.evaluate(() => compat.globalConnectionTracker.registerConnection('living'));
  await first.goto('chrome://crash').catch(() => {});
  await untilState(second, "state.status === 'synced' && state.tabs === 2");
  await site.write('1', 'after the crash');
  for (const page of [second, third])
    await eventually('the row is there', async () => (await row(page, '1')) !== undefined);
  assert.equal(site.sockets, 1);
  const isKnown = () => second.evaluate(() => compat.globalConnectionTracker.isClientConnected('living'));
  await eventually('it is known', isKnown);
  // In the plan whoever looked after two minutes erased all.
  await first.close();
  await second.clock.install();
  await second.clock.fastForward('03:00');
  assert.equal(await isKnown(), true);
});

test('defect 3: the tab without the socket has changes, status and queue', async t => {
  const {site, tab} = await start(t);
  await tab();
  const follower = await tab();
  assert.equal(await follower.evaluate(() => service.getState().role), 'follower');
  await site.write('1', 'from the server');
  await eventually('the change is there', async () => (await row(follower, '1')) !== undefined);
  const {status} = await follower.evaluate(async () =>
    service.settled(await service.put('note', '2', {id: '2', body: 'mine'})),
  );
  // Its rows may be back before the follower hears of the answer.
  assert.match(status, /^(applied|echoed)$/);
  assert.equal(await follower.evaluate(() => compat.connectToSyncServer()), true);
});

test('defect 4: waiting for another’s attempt ends with it, and a time-out is an error', async t => {
  const {site, profile, page} = await start(t);
  const other = await openOld(profile, site);
  await page.evaluate(async () => {
    const attempt = compat.globalConnectionTracker.startConnectionAttempt('a');
    await attempt.turn;
    Object.assign(globalThis, {release: attempt});
  });
  const wait = (timeout: number) =>
    other.evaluate(
      limit =>
        compat.globalConnectionTracker.waitForExistingAttempt('a', {timeout: limit}).then(
          () => 'ended',
          error => error.code,
        ),
      timeout,
    );
  assert.equal(await wait(30), 'timed-out');
  const waiting = wait(20_000);
  await page.evaluate(() => (globalThis as unknown as {release: () => void}).release());
  assert.equal(await waiting, 'ended');
});

test('defect 5: what was queued offline goes out with the next connect, and nothing else is needed', async t => {
  const {site, page} = await start(t);
  await page.evaluate(async () => void (await service.put('note', '1', {id: '1', body: 'offline'})));
  await page.evaluate(() => compat.connectToSyncServer());
  await eventually('the server has it', async () => (await site.read('1')) !== undefined);
});

test('defect 6: a refusal takes nothing else along, and the queue has a bound', async t => {
  const {site, page} = await start(t);
  const code = await page.evaluate(async () => {
    compat.configureSync({limits: {queueCount: 3}});
    await service.enqueue({type: 'no such type', payload: null, id: 'bad'});
    await service.put('note', '1', {id: '1', body: 'behind it'});
    await service.put('note', '2', {id: '2', body: 'behind it'});
    return service.put('note', '3', {id: '3', body: 'too many'}).catch(error => error.code);
  });
  assert.equal(code, 'queue-full');
  await page.reload();
  await loadOld(page);
  await page.evaluate(() => compat.connectToSyncServer());
  await untilState(page, 'state.failed === 1 && state.pending === 0');
  for (const id of ['1', '2']) assert.notEqual(await site.read(id), undefined);
  assert.deepEqual(await page.evaluate(async () => (await service.operations({stage: 'failed'})).map(({id}) => id)), [
    'bad',
  ]);
});

test('defect 7: an operation is done when the server says so, and not before', async t => {
  const {site, tab} = await start(t);
  const page = await tab();
  const {taken, answer} = site.holdMessages();
  await page.evaluate(() => {
    const told = {resolve: () => void happened.push('done'), reject: () => void happened.push('failed')};
    compat.syncClientCompat.queueOperation({type: 'send_message', payload: {hello: 1}, ...told});
  });
  await taken;
  await untilState(page, 'state.inFlight === 1');
  assert.deepEqual(await page.evaluate(() => happened), []);
  answer();
  await eventually('it is told', () => page.evaluate(() => happened.length === 1));
  assert.deepEqual(await page.evaluate(() => happened), ['done']);
  const told = await page.evaluate(
    () =>
      new Promise(resolve => {
        const reject = (error: unknown) => resolve((error as {code: string}).code);
        compat.syncClientCompat.queueOperation({type: 'no such type', payload: null, reject});
      }),
  );
  assert.equal(told, 'unknown-operation', 'whatever its type was');
});

test('defect 8: the urgent goes first, a repeated one is the same one, and a refused one is set aside', async t => {
  const {site, page} = await start(t);
  await page.evaluate(async () => {
    for (const [n, priority] of [
      [1, 0],
      [2, 0],
      [3, 9],
    ] as const) {
      await service.enqueue({type: 'send_message', payload: {n}, priority, id: `m${n}`});
    }
    await service.enqueue({type: 'send_message', payload: {n: 1}, id: 'm1'});
    const note = {type: 'upsert', entityType: 'note', entityId: '1'};
    await service.enqueue({...note, payload: {id: '1', body: 'first'}});
    await service.enqueue({...note, payload: {body: 'last'}, priority: 5});
    await service.enqueue({type: 'no such type', payload: null, id: 'bad'});
    void compat.connectToSyncServer();
  });
  await untilState(page, 'state.failed === 1 && state.pending === 0');
  assert.deepEqual(site.messages, [{n: 3}, {n: 1}, {n: 2}]);
  assert.deepEqual(await site.read('1'), {id: '1', body: 'last'}, 'nothing overtakes within an entity');
  await page.evaluate(() => service.discard('bad'));
  await untilSynced(page);
});

test('defect 9: a function runs in the page when its turn has come, and is never sent', async t => {
  const {site, page} = await start(t);
  const [queued, pageOnly] = await page.evaluate(async () => {
    const client = compat.syncClientCompat;
    client.queueOperation({type: 'send_message', payload: {n: 1}});
    client.queueOperation({
      execute: async () =>
        void happened.push((await service.operations()).filter(({stage}) => stage !== 'applied').length),
    });
    client.queueOperation({type: 'send_message', payload: {n: 2}});
    while ((await service.operations()).length === 0);
    return [await service.operations(), client.pageOnly] as const;
  });
  assert.deepEqual([queued.length, pageOnly], [1, 2], 'what stands behind it is not durable yet, and that is told');
  await page.evaluate(() => compat.connectToSyncServer());
  await eventually('all went out', async () => site.messages.length === 2);
  assert.deepEqual(site.messages, [{n: 1}, {n: 2}]);
  assert.deepEqual(
    await page.evaluate(() => happened),
    [0],
    'when it ran the first was answered, the second not begun',
  );
});

test('defect 14: only sockets are dialled, and forcing it again and again leaves one', async t => {
  const {site, tab} = await start(t);
  const page = await tab();
  const codes = await page.evaluate(() =>
    ['ftp://x/', 'javascript:alert(1)', 'http://user:pw@x/', ''].map(url => {
      try {
        return new (Object.getPrototypeOf(compat.workerSyncService).constructor)({url});
      } catch (error) {
        return (error as {code: string}).code;
      }
    }),
  );
  assert.deepEqual(codes, Array(4).fill('invalid-url'));
  await page.evaluate(() => Promise.all(Array.from({length: 5}, () => service.forceConnect())));
  await untilSynced(page);
  await eventually('one is left', async () => site.sockets === 1);
  assert.equal(await page.evaluate(() => service.isConnected()), true);
});

test('defect 15: one listener at a time, which hears of connecting and of the queue', async t => {
  const {page} = await start(t);
  await page.evaluate(async () => {
    const client = compat.syncClientCompat;
    client.onStateChange = () => happened.push('first');
    client.onStateChange = ({status, pending}) => happened.push(status, `${pending} pending`);
    client.queueOperation({type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'x'}});
    await client.connect();
    await service.flush();
    client.onStateChange = null;
    await client.disconnect();
  });
  const heard = await page.evaluate(() => happened);
  for (const what of ['connecting', '1 pending', '0 pending']) assert.ok(heard.includes(what), what);
  for (const what of ['first', 'idle']) assert.ok(heard.lastIndexOf(what) < heard.indexOf('connecting'), what);
});
