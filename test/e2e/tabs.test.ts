/** Several tabs of one profile: one socket, followers with full power, and whose data it is. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, openTab, TestServer, untilState, untilSynced} from './harness.js';

const NOTES = {
  sql: `CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);`,
  publish: {note: true},
} as const;

declare global {
  var statuses: string[];
}

const role = (page: Page) => page.evaluate(() => service.getState().role);
const sockets = async (server: TestServer) => (await server.stats()).connections;

test('two tabs have one socket; when the one that holds it closes, the other carries on by itself', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const first = await openTab(profile, server);
  await untilSynced(first);
  const second = await openTab(profile, server);
  await untilState(second, "state.status === 'synced' && state.role === 'follower'");
  await untilState(first, 'state.tabs === 2');
  assert.equal(await sockets(server), 1);

  // A follower writes with full power, and both see it.
  await second.evaluate(async () =>
    service.settled(await service.put('note', '1', {id: '1', body: 'from a follower'})),
  );
  assert.equal((await first.evaluate(() => service.get('note', '1')))?.['body'], 'from a follower');
  assert.equal((await second.evaluate(() => service.get('note', '1')))?.['body'], 'from a follower');

  await second.evaluate(() => {
    globalThis.statuses = [];
    service.onStateChange(({status}) => statuses.push(status));
  });
  await first.close();
  await untilState(second, "state.role === 'leader' && state.status === 'synced' && state.isConnected");
  assert.deepEqual([...new Set(await second.evaluate(() => statuses))], ['synced'], 'nothing flickers');
  await eventually('one socket again', async () => (await sockets(server)) === 1);
  await server.query(`UPDATE note SET body = 'after the hand-over' WHERE id = '1'`);
  await second.evaluate(
    () =>
      new Promise<void>(resolve => {
        const stop = service.live('note').subscribe(rows => {
          if (rows?.[0]?.['body'] !== 'after the hand-over') return;
          queueMicrotask(() => stop());
          resolve();
        });
      }),
  );
});

test('diagnostics tell the head besides the checkpoint, in each tab, and a commit says how many changes it was', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const first = await openTab(profile, server);
  await untilSynced(first);
  const second = await openTab(profile, server);
  await untilState(second, "state.status === 'synced' && state.role === 'follower'");
  const changes = (page: Page) =>
    page.evaluate(
      () =>
        new Promise<[number | undefined, boolean]>(resolve => {
          service.addEventListener('changes', ({count, ids}) => resolve([count, ids === null]));
        }),
    );
  const told = [changes(first), changes(second)];
  await server.query(`INSERT INTO note SELECT i::text, 'x' FROM generate_series(1, 1500) AS i`);
  assert.deepEqual(await Promise.all(told), [
    [1500, true],
    [1500, true],
  ]);
  for (const page of [first, second]) {
    const {checkpoint, head} = await page.evaluate(() => service.diagnostics());
    assert.match(String(head), /^[0-9A-F]+\/[0-9A-F]+$/);
    assert.equal(head, checkpoint);
  }
});

test('a tab that never asked for the line takes it over for one that did', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const leader = await openTab(profile, server);
  await untilSynced(leader);
  const reader = await openTab(profile, server, {connect: false});
  await untilState(reader, "state.role === 'follower' && state.status === 'synced'");
  await leader.close();
  await untilState(reader, "state.role === 'leader' && state.status === 'synced'");
});

test('the worker of the leader is terminated: the other tab takes over, and nothing written is lost', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const first = await profile.newPage();
  await first.goto(server.url);
  // The factory form of `worker` gives the test a hold on it.
  await first.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    Object.assign(globalThis, {
      service: new WorkerSyncService({
        url: '/',
        worker: () => Object.assign(globalThis, {held: new Worker('/sync-worker.js', {type: 'module'})}).held,
      }),
    });
    void service.connect();
  });
  await untilSynced(first);
  const second = await openTab(profile, server);
  await untilState(second, "state.status === 'synced' && state.role === 'follower'");
  await first.evaluate(async () => {
    await service.put('note', '1', {id: '1', body: 'written just before'});
    (globalThis as unknown as {held: Worker}).held.terminate();
  });
  await untilState(second, "state.role === 'leader' && state.status === 'synced'");
  assert.deepEqual(await server.query('SELECT * FROM note'), [{id: '1', body: 'written just before'}]);
  assert.equal(await role(second), 'leader');
});

test('work done before the first login arrives when somebody logs in', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const offline = await openTab(profile, server, {connect: false});
  await offline.evaluate(() => service.put('note', '1', {id: '1', body: 'before any login'}));
  await offline.close();
  const online = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(online);
  assert.deepEqual(await server.query('SELECT * FROM note'), [{id: '1', body: 'before any login'}]);
});

test('another user gets another local database; the first finds theirs again, and no tab mixes them', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const ann = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(ann);
  await ann.evaluate(async () => {
    await service.disconnect();
    await service.put('note', 'a', {id: 'a', body: 'of Ann, unsent'});
  });
  await ann.close();

  const bob = await openTab(profile, server, {token: 'user:bob'});
  await untilState(bob, "state.status === 'synced'");
  assert.deepEqual(await bob.evaluate(() => service.operations()), []);
  assert.deepEqual(await server.query('SELECT * FROM note'), [], 'nobody sent Ann’s work as Bob’s');
  await bob.close();

  const again = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(again);
  await eventually('Ann’s work arrived', async () => (await server.query('SELECT * FROM note')).length === 1);
});

test('a missing token is needs-auth, with the queue held; logging out leaves nothing readable', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openTab(profile, server);
  await untilState(page, "state.status === 'needs-auth'");
  await page.evaluate(() => service.put('note', '1', {id: '1', body: 'held'}));
  assert.equal(await page.evaluate(() => service.getState().pending), 1);
  await page.close();

  const ann = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(ann);
  await ann.evaluate(() => service.logout({unsent: 'flush'}));
  assert.deepEqual(await ann.evaluate(() => service.list('note')), []);
  assert.equal(await ann.evaluate(() => service.getStatus()), 'idle');
  await ann.close();

  // Without a wipe the rows wait for the same user, and so may new work.
  const again = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(again);
  await again.evaluate(async () =>
    service.settled(await service.put('note', '2', {id: '2', body: 'kept'}), {until: 'echoed'}),
  );
  await again.evaluate(() => service.logout({unsent: 'flush', wipe: false}));
  assert.deepEqual(await again.evaluate(() => service.list('note')), []);
  await again.evaluate(() => service.connect());
  await untilSynced(again);
  // The one that was held without a token, and this one.
  assert.equal(await again.evaluate(() => service.count('note')), 2);
  await again.evaluate(async () => service.settled(await service.put('note', '3', {id: '3', body: 'new'})));
  await again.evaluate(() => service.logout({unsent: 'flush'}));
  await eventually('the directory and a fresh database are all that is left', () =>
    again.evaluate(async () => (await indexedDB.databases()).length <= 2),
  );
});

test('connect says false where the server refuses, and where somebody closes the line meanwhile', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openTab(profile, server, {types: ['nothing-of-that-name'], connect: false});
  assert.equal(await page.evaluate(() => service.connect()), false);
  assert.equal(await page.evaluate(() => service.getState().error?.code), 'forbidden');
  await server.kill();
  await page.evaluate(() => service.put('note', '1', {id: '1', body: 'waits'}));
  const connected = page.evaluate(() => service.connect());
  await untilState(page, 'state.reconnectAttempts > 0');
  await page.evaluate(() => service.disconnect());
  assert.equal(await connected, false);
});
