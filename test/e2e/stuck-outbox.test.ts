/** A store of queued changes that answers nothing in one tab, whose connection hangs. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {barePages, newProfile, openTab, TestServer, untilState} from './harness.js';

const NOTES = {
  sql: 'CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text)',
  publish: {note: true},
} as const;

/** The worker as it is, whose transactions on the outbox never get anywhere once it is told so. */
const STUCK = `
  let isStuck = false;
  new BroadcastChannel('stuck').onmessage = () => { isStuck = true; };
  const {transaction} = IDBDatabase.prototype;
  const store = new Proxy({}, {get: () => () => ({})});
  IDBDatabase.prototype.transaction = function (stores, ...rest) {
    if (isStuck && [stores].flat().includes('outbox')) return {objectStore: () => store, abort() {}, error: null};
    return transaction.call(this, stores, ...rest);
  };
  await import('./sync-worker.js');
`;

const BLOCKED = "state.error?.code === 'storage-blocked'";

test('a leader whose outbox hangs says so and loses the line to a tab whose own does not, which sends', async t => {
  const pages = await barePages(t);
  await writeFile(join(pages, 'stuck-worker.js'), STUCK);
  const server = await TestServer.start(t, {...NOTES, pages});
  const profile = await newProfile(await sharedBrowser(t));
  const stuck = await openTab(profile, server, {worker: '/stuck-worker.js'});
  await untilState(stuck, "state.role === 'leader' && state.status === 'synced'");
  const other = await openTab(profile, server);
  await untilState(other, "state.role === 'follower' && state.status === 'synced'");
  await other.evaluate(() => new BroadcastChannel('stuck').postMessage(true));
  const settled = other.evaluate(async () =>
    service.settled(await service.put('note', '1', {id: '1', body: 'sent by another'} as never)),
  );
  await untilState(stuck, BLOCKED);
  await settled;
  assert.deepEqual(await server.query('SELECT body FROM note'), [{body: 'sent by another'}]);
  assert.equal(await other.evaluate(() => service.getState().role), 'leader');
  assert.equal((await server.stats()).connections, 1);
});
