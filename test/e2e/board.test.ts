/** Two people, one board: what one writes the other sees, and what both wrote offline comes together. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, openTab, startService, TestServer, untilState, untilSynced} from './harness.js';

const BOARD = {
  sql: `CREATE TABLE IF NOT EXISTS task (id text PRIMARY KEY, title text, status text, position double precision);
    INSERT INTO task VALUES ('a', 'First', 'todo', 1), ('b', 'Second', 'todo', 2) ON CONFLICT DO NOTHING;`,
  publish: {task: true},
} as const;

const rowsOf = (page: Page) => page.evaluate(() => service.list('task', {orderBy: 'id'}));
const rowsAt = (server: TestServer) => server.query('SELECT * FROM task ORDER BY id');

async function untilRow(page: Page, id: string, column: string, value: string): Promise<void> {
  await page.evaluate(
    ([id, column, value]) =>
      new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${id}.${column} is not ${value} within 20 s`)), 20_000);
        const stop = service.live('task').subscribe(rows => {
          if (!rows?.some(row => row['id'] === id && row[column as string] === value)) return;
          clearTimeout(late);
          queueMicrotask(() => stop());
          resolve();
        });
      }),
    [id, column, value] as const,
  );
}

test('an edit in one profile shows in the other', async t => {
  const server = await TestServer.start(t, BOARD);
  const browser = await sharedBrowser(t);
  const ann = await openTab(await newProfile(browser), server);
  const bob = await openTab(await newProfile(browser), server);
  await untilSynced(ann);
  await untilSynced(bob);
  await ann.evaluate(() => service.patch('task', 'a', {title: 'Changed by Ann'}));
  await untilRow(bob, 'a', 'title', 'Changed by Ann');
  assert.deepEqual(await rowsOf(bob), await rowsAt(server));
});

test('two profiles edit different tasks offline, and both converge to what the server holds', async t => {
  const server = await TestServer.start(t, BOARD);
  const browser = await sharedBrowser(t);
  const profiles = [await newProfile(browser), await newProfile(browser)];
  const [ann, bob] = await Promise.all(profiles.map(profile => openTab(profile, server)));
  assert.ok(ann && bob);
  await untilSynced(ann);
  await untilSynced(bob);
  await ann.evaluate(() => service.disconnect());
  await bob.evaluate(() => service.disconnect());
  await ann.evaluate(async () => {
    await service.patch('task', 'a', {title: 'Ann was here', status: 'doing'});
    await service.put('task', 'c', {id: 'c', title: 'New by Ann', status: 'todo', position: 3});
  });
  await bob.evaluate(() => service.patch('task', 'b', {title: 'Bob was here', status: 'done'}));
  // Each sees their own, and only that.
  assert.equal((await rowsOf(ann)).length, 3);
  assert.equal((await rowsOf(bob)).length, 2);
  assert.equal(await ann.evaluate(() => service.getStatus()), 'pending');
  await ann.evaluate(() => service.connect());
  await bob.evaluate(() => service.connect());
  for (const page of [ann, bob]) {
    await untilRow(page, 'a', 'title', 'Ann was here');
    await untilRow(page, 'b', 'title', 'Bob was here');
    await untilRow(page, 'c', 'title', 'New by Ann');
    await untilSynced(page);
  }
  const truth = await rowsAt(server);
  assert.equal(truth.length, 3);
  assert.deepEqual(await rowsOf(ann), truth);
  assert.deepEqual(await rowsOf(bob), truth);
});

/** Counts in the database what each operation did, so that no client's word is needed. */
const COUNTED = {
  sql: `CREATE TABLE IF NOT EXISTS task (id text PRIMARY KEY, title text, status text, position double precision);
    CREATE TABLE IF NOT EXISTS applied (number serial PRIMARY KEY, id text, title text);
    CREATE OR REPLACE FUNCTION note_applied() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO applied (id, title) VALUES (NEW.id, NEW.title); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER note_applied AFTER INSERT OR UPDATE ON task FOR EACH ROW EXECUTE FUNCTION note_applied();`,
  publish: {task: true},
} as const;

/** 20 operations on four tasks, five each, offline; then the page is reloaded, as an impatient person does. */
async function queueTwentyOfflineAndReload(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await service.disconnect();
    for (let step = 1; step <= 5; step++) {
      for (const id of ['p', 'q', 'r', 's']) await service.put('task', id, {id, title: `${id}${step}`, status: 'todo'});
    }
  });
  await page.reload();
}

async function expectOnceEachInOrder(server: TestServer): Promise<void> {
  const applied = await server.query<{id: string; title: string}>('SELECT id, title FROM applied ORDER BY number');
  for (const id of ['p', 'q', 'r', 's']) {
    const titles = applied.filter(row => row.id === id).map(row => row.title);
    assert.deepEqual(
      titles,
      [1, 2, 3, 4, 5].map(step => `${id}${step}`),
    );
  }
  assert.equal(applied.length, 20);
}

test('20 operations queued offline survive a reload and arrive once each, in order per task', async t => {
  const server = await TestServer.start(t, COUNTED);
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  await queueTwentyOfflineAndReload(page);
  await startService(page, {connect: false});
  assert.equal(await page.evaluate(async () => (await service.operations()).length), 20);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  await expectOnceEachInOrder(server);
});

test('kill -9 of the server in the middle of 20 operations: each takes effect once', async t => {
  const server = await TestServer.start(t, {
    ...COUNTED,
    // Slow enough that the kill falls into the middle; pg_sleep stands in for a disk.
    sql: `${COUNTED.sql}
      CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER slow BEFORE INSERT OR UPDATE ON task FOR EACH ROW EXECUTE FUNCTION slow();`,
  });
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  await queueTwentyOfflineAndReload(page);
  await startService(page);
  // As soon as the first answers are here, and long before the last can be.
  await untilState(page, 'state.pending > 0 && state.pending <= 17');
  await server.kill();
  await untilState(page, '!state.isConnected');
  assert.ok((await page.evaluate(() => service.getState().pending)) > 0, 'the kill came in the middle');
  await server.start();
  await page.evaluate(() => service.forceConnect());
  await untilSynced(page);
  await expectOnceEachInOrder(server);
});

test('a refused operation is set aside and shown; others flow; retry sends it again', async t => {
  const server = await TestServer.start(t, {
    ...BOARD,
    sql: `${BOARD.sql} ALTER TABLE task DROP CONSTRAINT IF EXISTS titled; ALTER TABLE task ADD CONSTRAINT titled CHECK (title <> 'poison');`,
  });
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  const refused = await page.evaluate(async () => {
    const poisoned = await service.patch('task', 'a', {title: 'poison'});
    const other = await service.patch('task', 'b', {title: 'fine'});
    const error = await service.settled(poisoned).catch((error: unknown) => (error as {code: string}).code);
    await service.settled(other);
    return {poisoned, error, state: service.getState(), row: await service.get('task', 'a')};
  });
  assert.equal(refused.error, 'constraint');
  assert.equal(refused.state.status, 'error');
  assert.equal(refused.state.error?.code, 'operations-failed');
  assert.equal(refused.state.failed, 1);
  assert.equal(refused.row?.['title'], 'First', 'the overlay is rolled back');
  await server.query('ALTER TABLE task DROP CONSTRAINT titled');
  await page.evaluate(id => service.retry(id), refused.poisoned);
  await untilSynced(page);
  assert.equal((await rowsAt(server))[0]?.['title'], 'poison');
});

test('the server is restored to an older copy of its folder: the client notices, resyncs and keeps its queue', async t => {
  const server = await TestServer.start(t, BOARD);
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  await page.evaluate(async () =>
    service.settled(await service.patch('task', 'a', {title: 'in the copy'}), {until: 'echoed'}),
  );
  await server.kill();
  const older = await server.copyData(t);
  await server.start();
  await page.evaluate(() => service.forceConnect());
  await untilSynced(page);
  await page.evaluate(async () =>
    service.settled(await service.patch('task', 'a', {title: 'lost with the disk'}), {until: 'echoed'}),
  );
  await page.evaluate(async () => {
    await service.disconnect();
    for (let number = 0; number < 500; number++) {
      await service.put('task', `n${number}`, {id: `n${number}`, title: `queued ${number}`, status: 'todo'});
    }
  });
  await server.kill();
  const restored = await TestServer.start(t, {...server.setup, dataDir: older});
  // The restored one goes on: its positions get other contents than the ones this client has seen.
  await restored.query(`UPDATE task SET title = 'another history' WHERE id = 'b'`);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  assert.deepEqual(await rowsOf(page), await rowsAt(restored));
  assert.equal((await rowsOf(page)).length, 502);
  assert.equal((await rowsAt(restored)).find(row => row['id'] === 'a')?.['title'], 'in the copy');
});

test('the rows that a person sees never flicker between the answer and the echo', async t => {
  const server = await TestServer.start(t, BOARD);
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  const seen = await page.evaluate(async () => {
    const titles: unknown[] = [];
    let shown = () => {};
    const first = new Promise<void>(resolve => {
      shown = resolve;
    });
    const stop = service.live('task', {where: {id: 'a'}}).subscribe(rows => {
      titles.push(rows?.[0]?.['title']);
      if (rows) shown();
    });
    await first;
    for (let step = 1; step <= 20; step++) {
      await service.settled(await service.patch('task', 'a', {title: `step ${step}`}), {until: 'echoed'});
    }
    stop();
    return titles.filter(title => title !== undefined);
  });
  const expected = ['First', ...Array.from({length: 20}, (_, index) => `step ${index + 1}`)];
  assert.deepEqual(seen, expected);
  await eventually('the server has the last', async () => (await rowsAt(server))[0]?.['title'] === 'step 20');
});
