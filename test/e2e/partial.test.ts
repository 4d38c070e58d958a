/** Tabs that want different things: what is new comes, what is here stays, and the wire is told apart by its bytes. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, openTab, type PageOptions, TestServer, untilState, untilSynced} from './harness.js';
import {Network} from './network.js';

const TASKS = 2000;
const NOTES = 50;
const SETUP = {
  sql: `
CREATE TABLE IF NOT EXISTS task (id text PRIMARY KEY, list text, body text);
CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);
INSERT INTO task SELECT 't' || n, CASE WHEN n % 10 = 0 THEN 'a' ELSE 'b' END, repeat('x', 1000)
  FROM generate_series(1, ${TASKS}) n ON CONFLICT DO NOTHING;
INSERT INTO note SELECT 'n' || n, repeat('y', 1000) FROM generate_series(1, ${NOTES}) n ON CONFLICT DO NOTHING;`,
  publish: {task: true, note: true},
} as const;

interface Stage {
  server: TestServer;
  network: Network;
  profile: BrowserContext;
  open(types: PageOptions['types'], more?: PageOptions): Promise<Page>;
}

declare global {
  var modes: string[];
  var shown: number[];
  var totals: number[];
}

async function setUp(t: TestContext): Promise<Stage> {
  const server = await TestServer.start(t, SETUP);
  const network = await Network.start(t, server.setup.port);
  const profile = await newProfile(await sharedBrowser(t));
  const url = network.url(server.url);
  const open = (types: PageOptions['types'], more: PageOptions = {}) =>
    openTab(profile, {url}, {...(types ? {types} : {}), ...more});
  return {server, network, profile, open};
}

const count = (page: Page, type: string) => page.evaluate(type => service.count(type), type);
const counts = async (page: Page) => [await count(page, 'task'), await count(page, 'note')];
const has = (page: Page, tasks: number, notes: number) =>
  eventually(`${tasks} tasks and ${notes} notes`, async () => {
    const [task, note] = await counts(page);
    return task === tasks && note === notes;
  });

/** From now on the page remembers how streams begin, how many tasks it shows, and the progress it is told. */
const watch = (page: Page) =>
  page.evaluate(async () => {
    Object.assign(globalThis, {modes: [], shown: [], totals: []});
    service.addEventListener('sync_started', ({mode}) => modes.push(mode));
    service.onStateChange(({status, progress: at}) => {
      if (status === 'syncing' && at) totals.push(at.total ?? -1);
    });
    await new Promise<void>(resolve => {
      service.live('task').subscribe(rows => {
        if (rows) shown.push(rows.length);
        if (rows) resolve();
      });
    });
  });

test('a tab that wants another type has its rows come, and those that are here stay, unsent and in sight', async t => {
  const {server, network, open} = await setUp(t);
  const first = await open(['task']);
  await untilSynced(first);
  assert.deepEqual(await counts(first), [TASKS, 0]);
  await watch(first);
  const before = network.bytes;
  assert.ok(before > TASKS * 1000, `${before} bytes`);

  const second = await open(['note']);
  await Promise.all([first, second].map(page => has(page, TASKS, NOTES)));
  const cost = network.bytes - before;
  assert.ok(cost > NOTES * 1000 && cost < 2 * NOTES * 1000 + 20_000, `${cost} bytes for ${NOTES} rows of 1,000`);
  assert.deepEqual(await first.evaluate(() => modes), ['backfill']);
  assert.deepEqual([...new Set(await first.evaluate(() => shown))], [TASKS], 'nothing flickers');
  assert.ok((await first.evaluate(() => totals)).includes(NOTES), 'its progress is that of what comes');
  assert.equal((await server.stats()).connections, 1);

  // Both are live, in both tabs, whichever wanted them.
  await server.query(`UPDATE task SET body = 'later' WHERE id = 't1'`);
  await server.query(`DELETE FROM note WHERE id = 'n1'`);
  for (const page of [first, second]) {
    await has(page, TASKS, NOTES - 1);
    await eventually('the changed task', () =>
      page.evaluate(async () => (await service.get('task', 't1'))?.['body'] === 'later'),
    );
  }

  // A page that is loaded again costs nothing: what it wanted counts on.
  const settled = network.bytes;
  await second.close();
  const again = await open(['note']);
  await untilSynced(again);
  assert.deepEqual(await counts(again), [TASKS, NOTES - 1]);
  assert.ok(network.bytes - settled < 5000, `${network.bytes - settled} bytes`);
});

test('the next visit wants something else: what it has no use for goes, what is new comes, and the rest stays', async t => {
  const {network, open} = await setUp(t);
  const visit = async (types: PageOptions['types'], tasks: number, notes: number) => {
    const before = network.bytes;
    const page = await open(types);
    await untilSynced(page);
    assert.deepEqual(await counts(page), [tasks, notes]);
    await page.close();
    return network.bytes - before;
  };
  const all = await visit(undefined, TASKS, NOTES);
  assert.ok(all > (TASKS + NOTES) * 1000, `${all} bytes`);
  const less = await visit(['task'], TASKS, 0);
  assert.ok(less < 5000, `${less} bytes to drop a type`);
  const filtered = [{type: 'task', where: {list: 'a'}}, 'note'];
  const part = await visit(filtered, TASKS / 10, NOTES);
  assert.ok(part < (TASKS / 10 + NOTES) * 1400, `${part} bytes for another filter`);
  const more = await visit(undefined, TASKS, NOTES);
  assert.ok(more > TASKS * 1000 && more < all - NOTES * 900, `${more} bytes for whole tasks again, but no notes`);
});

test('a backfill that a closed tab cuts short goes on with the next one, and sends no row twice', async t => {
  const {server, network, open} = await setUp(t);
  const rows = 4000;
  await server.query(`INSERT INTO note SELECT 'm' || n, repeat('y', 1000) FROM generate_series(1, ${rows}) n`);
  const first = await open(['task']);
  await untilSynced(first);
  await first.close();

  network.rate = 1_000_000;
  const before = network.bytes;
  const second = await open(['task', 'note']);
  await untilState(second, 'state.progress?.received > 1000');
  assert.deepEqual(await counts(second), [TASKS, 0], 'nothing shows, and nothing is gone');
  await second.close({runBeforeUnload: false});
  network.rate = Number.POSITIVE_INFINITY;
  await server.query(`UPDATE task SET body = 'meanwhile' WHERE id = 't2'`);
  await server.query(`DELETE FROM note WHERE id = 'm1'`);
  const broken = network.bytes - before;
  const third = await open(['task', 'note']);
  await untilSynced(third);
  await has(third, TASKS, NOTES + rows - 1);
  assert.equal(await third.evaluate(async () => (await service.get('task', 't2'))?.['body']), 'meanwhile');
  const rest = network.bytes - before - broken;
  assert.ok(rest < (NOTES + rows - 900) * 1150, `${rest} bytes after ${broken}`);
});

test('a tab that wants what the server does not have says so in all tabs, and takes nothing from the others', async t => {
  const {open, server} = await setUp(t);
  const first = await open(['task']);
  await untilSynced(first);
  const second = await open(['nothing']);
  for (const page of [first, second]) await untilState(page, "state.error?.code === 'unknown-type'");
  await server.query(`UPDATE task SET body = 'later' WHERE id = 't1'`);
  await eventually('rows flow on', () =>
    first.evaluate(async () => (await service.get('task', 't1'))?.['body'] === 'later'),
  );
});
