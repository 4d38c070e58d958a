/** Rows in a database of the user's own: the real worker, the real server, a database in the page, and tabs that are closed. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {cp} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import type {BrowserContext, Page} from 'playwright-core';
import {tracePageTasks} from '../../bench/page-tasks.js';
import {sharedBrowser} from './browser.js';
import {barePages, eventually, newProfile, type Scope, TestServer, untilState, untilSynced} from './harness.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const ROWS = 12_000;
const SQL = `
  CREATE TABLE IF NOT EXISTS item (id text PRIMARY KEY, title text NOT NULL, rank int NOT NULL, note text);
  INSERT INTO item SELECT 'i' || n, repeat('title ' || n || ' ', 10), n, NULL FROM generate_series(1, ${ROWS}) n
    ON CONFLICT DO NOTHING;`;

/** What the page makes the database by, given `Dexie` and the two adapters. */
const DEXIE = `dexieDatabase(db, {tables: ['item']})`;
/** Only what every database must have: no checkpoint, no bulk path, no readers. */
const PLAIN = `(() => {
  const whole = ${DEXIE};
  const bare = ({upsertEntity, deleteEntity}) => ({upsertEntity, deleteEntity});
  return {name: 'plain', clear: whole.clear, transaction: run => whole.transaction(tx => run(bare(tx)))};
})()`;

async function startServer(t: Scope): Promise<TestServer> {
  const pages = await barePages(t);
  await cp(join(root, 'dist/src'), join(pages, 'src'), {recursive: true});
  await cp(join(root, 'node_modules/dexie/dist/dexie.mjs'), join(pages, 'dexie.js'));
  return TestServer.start(t, {publish: {item: true}, sql: SQL, pages});
}

interface Opening {
  database?: string;
  options?: string;
}

async function open(
  profile: BrowserContext,
  server: TestServer,
  {database = DEXIE, options = ''}: Opening = {},
): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(server.url);
  await page.evaluate(`(async () => {
    const {WorkerSyncService} = await import('/sync-elements.js');
    const {dexieDatabase} = await import('/src/database/adapters/dexie.js');
    const {memoryDatabase} = await import('/src/database/adapters/memory.js');
    const {Dexie} = await import('/dexie.js');
    globalThis.db = new Dexie('own');
    db.version(1).stores({item: 'id', syncCheckpoint: ''});
    globalThis.seen = {changes: 0, errors: []};
    globalThis.database = ${database};
    globalThis.service = new WorkerSyncService({url: '/', logger: 'warn', database, ${options}});
    service.addEventListener('changes', () => seen.changes++);
    service.addEventListener('error', error => seen.errors.push(error.code));
    await service.initialize();
    void service.connect();
  })()`);
  return page;
}

function sum(rows: readonly Record<string, unknown>[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(JSON.stringify(['id', 'title', 'rank', 'note'].map(column => row[column])));
  return `${rows.length} rows, ${hash.digest('hex')}`;
}

const sumAt = async (server: TestServer) => sum(await server.query('SELECT * FROM item ORDER BY id COLLATE "C"'));
/** As the database itself tells it, without the service. */
const sumIn = async (page: Page) => sum((await page.evaluate(`db.item.orderBy(':id').toArray()`)) as []);

const countIn = (page: Page) => page.evaluate('db.item.count()') as Promise<number>;

/** The state may still be that of before a change: what counts is that the rows come to be the server's, and stay. */
async function agrees(page: Page, server: TestServer): Promise<void> {
  const isSame = async () => (await sumIn(page)) === (await sumAt(server));
  await eventually("the rows equal the server's", isSame);
  await untilSynced(page);
  assert.ok(await isSame(), 'and stay so');
}

for (const [name, database] of Object.entries({'a database with a checkpoint': DEXIE, 'one without': PLAIN})) {
  test(`${name}: a tab dies in the middle of the snapshot, the other goes on, and the rows equal the server's`, async t => {
    const server = await startServer(t);
    const profile = await newProfile(await sharedBrowser(t));
    const options = 'limits: {windowBytes: 32 * 1024}';
    const first = await open(profile, server, {database, options});
    const second = await open(profile, server, {database, options});
    await eventually('a part of the rows is there', async () => (await countIn(first)) > 1000);
    await first.close();
    const before = await countIn(second);
    assert.ok(before < ROWS, 'it was in the middle');
    await untilState(second, `state.role === 'leader' && state.progress !== null`);
    const resumed = (await second.evaluate('service.getState().progress.received')) as number;
    assert.ok(resumed >= 1000, `it resumed at ${resumed} rows, not from the start`);
    await server.query(`UPDATE item SET title = 'renamed' WHERE rank % 7 = 0`);
    await server.query('DELETE FROM item WHERE rank % 11 = 0');
    await agrees(second, server);

    const third = await open(profile, server, {database, options});
    await untilSynced(third);
    await server.query(`UPDATE item SET note = 'live' WHERE rank < 50`);
    await eventually('the change is told in the other tab', async () => (await third.evaluate('seen.changes')) === 1);
    await agrees(second, server);
    // One transaction, in many parts, larger than the window by far: all of it at once.
    await server.query(`UPDATE item SET title = title || ' again'`);
    await agrees(second, server);
    assert.deepEqual(await second.evaluate('seen.errors'), []);
  });
}

test("what one writes shows at once in queries, in both tabs, and is the server's in the end", async t => {
  const server = await startServer(t);
  const profile = await newProfile(await sharedBrowser(t));
  const leader = await open(profile, server);
  await untilSynced(leader);
  const follower = await open(profile, server);
  await untilSynced(follower);
  await leader.evaluate('service.disconnect()');
  await follower.evaluate(`service.patch('item', 'i5', {title: 'mine'})`);
  await follower.evaluate(`service.put('item', 'new', {id: 'new', title: 'a new one', rank: 7.5 | 0, note: null})`);
  const titles = `service.list('item', {where: {rank: {gte: 4, lte: 7}}, orderBy: 'rank', limit: 5})
    .then(rows => rows.map(({id, title}) => [id, title.slice(0, 9)]))`;
  const expected = [
    ['i4', 'title 4 t'],
    ['i5', 'mine'],
    ['i6', 'title 6 t'],
    ['i7', 'title 7 t'],
    ['new', 'a new one'],
  ];
  assert.deepEqual(await follower.evaluate(titles), expected);
  await eventually('the leader shows it as well', async () => {
    return JSON.stringify(await leader.evaluate(titles)) === JSON.stringify(expected);
  });
  assert.equal(await follower.evaluate(`db.item.get('new')`), undefined, 'not before the server has it');
  const page = `service.list('item', {orderBy: '-rank', limit: 2, after: 'i5'}).then(rows => rows.map(({id}) => id))`;
  assert.deepEqual(await follower.evaluate(page), ['i4', 'i3']);
  assert.equal(await follower.evaluate(`service.count('item', {where: {title: 'mine'}})`), 1);
  await leader.evaluate('service.connect()');
  await agrees(leader, server);
  await agrees(follower, server);
  assert.deepEqual(await follower.evaluate(titles), expected);
  assert.equal(await follower.evaluate(`service.get('item', 'i5').then(({title}) => title)`), 'mine');
});

test('without readers a query is refused, and operations go on', async t => {
  const server = await startServer(t);
  const page = await open(await newProfile(await sharedBrowser(t)), server, {database: PLAIN});
  await untilSynced(page);
  const code = (query: string) => page.evaluate(`service.${query}.then(() => 'answered', error => error.code)`);
  assert.equal(await code(`get('item', 'i1')`), 'no-reader');
  assert.equal(await code(`list('item')`), 'no-reader');
  await page.evaluate(`service.patch('item', 'i1', {note: 'mine'}).then(id => service.settled(id, {until: 'echoed'}))`);
  assert.equal(await page.evaluate(`db.item.get('i1').then(({note}) => note)`), 'mine');
});

test('what the database refuses is tried again, shown if that fails too, and goes on where it stopped', async t => {
  const server = await startServer(t);
  const failing = `(() => {
    const whole = ${DEXIE};
    globalThis.broken = 0;
    const transaction = run =>
      broken > 0 && broken-- ? Promise.reject(new Error('the disk is on fire')) : whole.transaction(run);
    return {...whole, transaction};
  })()`;
  const page = await open(await newProfile(await sharedBrowser(t)), server, {database: failing});
  await untilSynced(page);
  await page.evaluate(`void (globalThis.told = [], service.onStateChange(({status}) => told.push(status)))`);
  await page.evaluate('void (broken = 1)');
  await server.query(`UPDATE item SET note = 'sooner' WHERE rank < 100`);
  await agrees(page, server);
  assert.equal(await page.evaluate('broken'), 0, 'it has failed');
  const told = ((await page.evaluate('told')) as string[]).join(' ');
  assert.match(told, /reconnecting.* syncing.* synced$/, 'it was not said to be in sync meanwhile');
  assert.doesNotMatch(told, /error|synced.*reconnecting/);
  assert.deepEqual(await page.evaluate('seen.errors'), [], 'nor that anything is the matter');

  await page.evaluate('void (broken = Infinity)');
  await server.query(`UPDATE item SET note = 'later' WHERE rank < 100`);
  await untilState(page, `state.error?.code === 'apply-failed'`);
  await page.evaluate(`service.patch('item', 'i1', {title: 'written meanwhile'})`);
  await page.evaluate('void (broken = 0)');
  await untilState(page, 'state.error === null && state.pending === 0');
  await agrees(page, server);
  assert.equal(await page.evaluate(`db.item.get('i1').then(({title}) => title)`), 'written meanwhile');
});

test('logging out leaves no row, and the next user finds none of the last', async t => {
  const server = await startServer(t);
  const page = await open(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  await page.evaluate(`service.logout({unsent: 'discard'})`);
  assert.equal(await countIn(page), 0);
  const kept = (await page.evaluate(`db.syncCheckpoint.get('checkpoint')`)) as {at?: object} | undefined;
  assert.equal(kept?.at, undefined, 'nor a word of whose they were');
  await page.evaluate('service.connect()');
  await agrees(page, server);
});

test('a resync replaces what somebody has spoilt', async t => {
  const server = await startServer(t);
  const page = await open(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  await page.evaluate(
    `db.item.bulkPut([{id: 'ghost', title: 'x', rank: 1, note: null}]).then(() => db.item.delete('i1'))`,
  );
  await page.evaluate('service.resync()');
  await agrees(page, server);
});

test('a database in memory: each tab is a client of its own', async t => {
  const server = await startServer(t);
  const profile = await newProfile(await sharedBrowser(t));
  const tabs = [
    await open(profile, server, {database: 'memoryDatabase()'}),
    await open(profile, server, {database: 'memoryDatabase()'}),
  ];
  for (const tab of tabs) await untilSynced(tab);
  assert.equal((await server.stats()).connections, 2);
  await server.query(`UPDATE item SET note = 'live' WHERE rank <= 3`);
  for (const tab of tabs) {
    const noted = `service.count('item', {where: {note: 'live'}})`;
    await eventually('each has its rows', async () => (await tab.evaluate(noted)) === 3);
    assert.deepEqual(await tab.evaluate('[service.getState().tabs, service.getState().durable]'), [1, false]);
  }
});

for (const database of [DEXIE, 'memoryDatabase()']) {
  test(`no task of the page is over 50 ms while ${ROWS} rows come in, and again in one transaction: ${database}`, async t => {
    const server = await startServer(t);
    const browser = await sharedBrowser(t);
    const profile = await newProfile(browser);
    const page = await open(profile, server, {database, options: ''});
    await page.evaluate('service.disconnect()');
    await page.evaluate('service.resync()').catch(() => {});
    const tasks = await tracePageTasks(browser, page, async () => {
      await page.evaluate('void service.connect()');
      await untilSynced(page);
      const before = await page.evaluate('seen.changes');
      await server.query(`UPDATE item SET title = title || ' again'`);
      await eventually('it has come', async () => (await page.evaluate('seen.changes')) !== before);
    });
    t.diagnostic(`${tasks.count} tasks, the longest ${tasks.longest.toFixed(1)} ms`);
    assert.equal(tasks.over50, 0, `the longest took ${tasks.longest} ms of thread time`);
  });
}

// Of a page that is frozen by force nobody is told; a fence can't be looked at in a `clear`, and where no checkpoint is kept
// there is none: there the next leader waits for it.
for (const [name, database, method, isAwaited] of [
  ['a database with a checkpoint', DEXIE, 'transaction', false],
  ['a database with a checkpoint', DEXIE, 'clear', true],
  ['one without', PLAIN, 'transaction', true],
] as const) {
  test(`${name}: a leader is frozen where it calls ${method}, another tab goes on, and the thawed one spoils nothing`, async t => {
    const server = await startServer(t);
    const profile = await newProfile(await sharedBrowser(t));
    // Held where the method is called, so that it is frozen right there.
    const held = `(() => {
      const whole = ${database};
      globalThis.hold = undefined;
      const ${method} = async run => {
        globalThis.waits = globalThis.hold !== undefined;
        await globalThis.hold;
        return whole.${method}(run);
      };
      return {...whole, ${method}};
    })()`;
    const leader = await open(profile, server, {database: held});
    await untilSynced(leader);
    const other = await open(profile, server, {database});
    await untilSynced(other);
    await leader.evaluate('void (globalThis.hold = new Promise(resolve => (globalThis.letGo = resolve)))');
    if (method === 'clear') await leader.evaluate('void service.resync()');
    await server.query(`UPDATE item SET note = 'first' WHERE rank <= 5`);
    await eventually('the leader is there', async () => (await leader.evaluate('globalThis.waits')) === true);
    const session = await profile.newCDPSession(leader);
    await other.bringToFront();
    await session.send('Page.setWebLifecycleState', {state: 'frozen'});
    if (isAwaited) {
      const waiting = `navigator.locks.query().then(({pending}) => pending.some(({name}) => name.endsWith('/database')))`;
      await eventually('the other tab waits', async () => (await other.evaluate(waiting)) === true);
    } else {
      await untilState(other, `state.role === 'leader'`);
      await agrees(other, server);
      await server.query(`UPDATE item SET note = 'second' WHERE rank <= 5`);
      await agrees(other, server);
    }
    await session.send('Page.setWebLifecycleState', {state: 'active'});
    await leader.evaluate('void (globalThis.letGo(), (globalThis.hold = undefined))');
    await server.query(`UPDATE item SET note = 'third' WHERE rank <= 3`);
    await agrees(other, server);
    if (!isAwaited) await untilState(leader, `state.role === 'follower'`);
    await agrees(leader, server);
  });
}
