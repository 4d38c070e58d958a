/** 171,075 real places: a snapshot that is broken off in the middle, more than once, and ends complete all the same. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {newProfile, openTab, TestServer, untilState, untilSynced} from './harness.js';

const COLUMNS = ['id', 'name', 'lat', 'lng', 'country', 'admin1', 'admin2'] as const;
const PLACES = {publish: {place: {writable: false}}, places: true} as const;

async function sumAt(server: TestServer): Promise<{count: number; checksum: string}> {
  const rows = await server.query('SELECT * FROM place ORDER BY id');
  const hash = createHash('sha256');
  for (const row of rows) hash.update(JSON.stringify(COLUMNS.map(column => row[column])));
  return {count: rows.length, checksum: hash.digest('hex')};
}

async function sumIn(page: Page): Promise<{count: number; checksum: string}> {
  const texts = await page.evaluate(async columns => {
    const rows = await service.list('place', {orderBy: 'id'});
    return rows.map(row => JSON.stringify(columns.map(column => row[column])));
  }, COLUMNS);
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return {count: texts.length, checksum: hash.digest('hex')};
}

test('worker killed, then tab closed, in the middle of the snapshot: it resumes from its cursor and ends complete', async t => {
  const server = await TestServer.start(t, PLACES);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = await profile.newPage();
  await tab.goto(server.url);
  // A small window makes for many small steps, so that the middle is wide enough to be hit.
  await tab.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    const worker = () => Object.assign(globalThis, {held: new Worker('/sync-worker.js', {type: 'module'})}).held;
    Object.assign(globalThis, {
      service: new WorkerSyncService({url: '/', worker, limits: {windowBytes: 64 * 1024}}),
    });
    void service.connect();
  });
  await untilState(tab, 'state.progress !== null && state.progress.received > 20000');
  assert.equal(await tab.evaluate(() => service.count('place')), 0, 'nothing shows before the snapshot is whole');
  await tab.evaluate(() => (globalThis as unknown as {held: Worker}).held.terminate());
  const first = await tab.evaluate(() => service.getState().progress?.received ?? 0);
  await server.query(`UPDATE place SET admin2 = 'changed while the worker was dead' WHERE id % 1000 = 1`);
  await tab.close();

  const second = await openTab(profile, server);
  await untilState(second, 'state.progress !== null');
  const resumed = await second.evaluate(() => service.getState().progress?.received ?? 0);
  assert.ok(first > 20_000 && resumed >= 20_000, `resumed at ${resumed} of ${first} rows, not from the start`);
  // Rows change behind the cursor and before it, while it runs.
  await server.query(`UPDATE place SET name = name || ' (renamed)' WHERE id % 997 = 0`);
  await server.query('DELETE FROM place WHERE id % 1013 = 0');
  await server.query(`INSERT INTO place VALUES (900001, 'Nowhere', 1.5, -2.25, 'XX', '', '')`);
  await untilSynced(second);
  const truth = await sumAt(server);
  assert.equal(truth.count, 171_075 - Math.floor(171_075 / 1013) + 1);
  assert.deepEqual(await sumIn(second), truth);
  const prefix = await second.evaluate(() =>
    service.list('place', {where: {name: {prefix: 'ZURI'}}, orderBy: 'name', limit: 5}),
  );
  assert.ok(prefix.length > 0 && prefix.every(row => /^z[uü]ri/i.test(String(row['name']))));
});
