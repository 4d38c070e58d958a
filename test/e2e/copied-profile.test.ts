/** A profile that was copied, as cloned machines and restored backups do it: two databases with one identity. */
import assert from 'node:assert/strict';
import {cp} from 'node:fs/promises';
import {test} from 'node:test';
import {chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {
  atEnd,
  eventually,
  type Scope,
  startService,
  TestServer,
  temporaryFolder,
  untilState,
  untilSynced,
} from './harness.js';

const NOTES = {
  sql: `CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);
    CREATE TABLE IF NOT EXISTS applied (number serial PRIMARY KEY, id text);
    CREATE OR REPLACE FUNCTION note_applied() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO applied (id) VALUES (NEW.id); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER note_applied AFTER INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION note_applied();`,
  publish: {note: true},
} as const;

async function openProfile(
  t: Scope,
  folder: string,
  server: TestServer,
  connect: boolean,
): Promise<{page: Page; close(): Promise<void>}> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: await ensureBrowser('chromium'),
    args: CHROMIUM_ARGS,
  });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await context.close();
  };
  atEnd(t, close);
  await context.addInitScript('globalThis.__name = target => target');
  const page = await context.newPage();
  await page.goto(server.url);
  await startService(page, {connect});
  return {page, close};
}

/** A profile with two operations queued, copied; its original has since sent them and had them settled. */
async function settleBehindCopy(t: Scope, server: TestServer): Promise<string> {
  const folder = await temporaryFolder(t);
  const before = await openProfile(t, folder, server, true);
  await untilSynced(before.page);
  await before.page.evaluate(async () => {
    await service.disconnect();
    await service.put('note', 'a', {id: 'a', body: 'before the copy'});
    await service.put('note', 'b', {id: 'b', body: 'before the copy'});
  });
  await before.close();
  const copy = await temporaryFolder(t);
  await cp(folder, copy, {recursive: true});
  const original = await openProfile(t, folder, server, true);
  await original.page.evaluate(async () => {
    await service.flush();
    await service.settled(await service.put('note', 'a', {id: 'a', body: 'after the copy'}), {until: 'echoed'});
    // A greeting tells the server what is settled, which is all that it may forget.
    await service.forceConnect();
    await service.connect();
  });
  await untilSynced(original.page);
  await original.close();
  return copy;
}

const applied = async (server: TestServer) =>
  (await server.query<{id: string}>('SELECT id FROM applied ORDER BY number')).map(({id}) => id).join();

test('a profile put back from an old copy sends again what was settled long ago: it takes effect once', async t => {
  const server = await TestServer.start(t, NOTES);
  const restored = await openProfile(t, await settleBehindCopy(t, server), server, true);
  await restored.page.evaluate(async () => {
    await service.put('note', 'c', {id: 'c', body: 'in the restored one'});
    await service.flush();
  });
  await untilSynced(restored.page);
  assert.equal(await applied(server), 'a,b,a,c');
  assert.equal((await restored.page.evaluate(() => service.get('note', 'a')))?.['body'], 'after the copy');
  const {pending, failed} = await restored.page.evaluate(() => service.getState());
  assert.deepEqual([pending, failed], [0, 0]);
});

test('a copy that is older than what the server remembers sends nothing by itself, and asks', async t => {
  const server = await TestServer.start(t, NOTES);
  const copy = await settleBehindCopy(t, server);
  await server.query(`INSERT INTO note VALUES ('d', 'much later')`);
  await server.trim();
  const restored = await openProfile(t, copy, server, false);
  await restored.page.evaluate(async () => {
    await service.put('note', 'c', {id: 'c', body: 'in the restored one'});
    void service.connect();
  });
  await untilState(restored.page, 'state.failed === 3 && state.isConnected');
  assert.equal(await applied(server), 'a,b,a,d');
  assert.equal((await restored.page.evaluate(() => service.get('note', 'a')))?.['body'], 'after the copy');
  const codes = await restored.page.evaluate(async () => {
    const [a, b, c] = await service.operations({stage: 'failed'});
    if (!a || !b || !c) throw new Error('Not all are there');
    await service.retry(c.id);
    await service.settled(c.id);
    await service.discard();
    return [a, b, c].map(({error}) => error?.code);
  });
  assert.deepEqual(codes, ['stale-operation', 'stale-operation', 'stale-operation']);
  assert.equal(await applied(server), 'a,b,a,d,c');
  await untilSynced(restored.page);
});

test('both copies go on, each under a name of its own, and what was queued in both takes effect once', async t => {
  const server = await TestServer.start(t, NOTES);
  const original = await temporaryFolder(t);
  const before = await openProfile(t, original, server, true);
  await untilSynced(before.page);
  await before.page.evaluate(async () => {
    await service.disconnect();
    await service.put('note', 'queued', {id: 'queued', body: 'in both copies'});
  });
  await before.close();
  const copy = await temporaryFolder(t);
  await cp(original, copy, {recursive: true});

  const first = await openProfile(t, original, server, true);
  await untilSynced(first.page);
  const second = await openProfile(t, copy, server, true);
  await untilSynced(second.page);
  await untilSynced(first.page);
  await eventually('both are connected, as two', async () => {
    const {instances} = await server.stats();
    return Object.values(instances).filter(sockets => sockets === 1).length === 2;
  });
  await first.page.evaluate(async () =>
    service.settled(await service.put('note', 'a', {id: 'a', body: 'of the first'})),
  );
  await second.page.evaluate(async () =>
    service.settled(await service.put('note', 'b', {id: 'b', body: 'of the second'})),
  );
  await eventually('each sees the other’s', async () => {
    const counts = await Promise.all([first, second].map(({page}) => page.evaluate(() => service.count('note'))));
    return counts.every(count => count === 3);
  });
  assert.equal(await applied(server), 'queued,a,b');
});
