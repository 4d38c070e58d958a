/** What is cut short, and what changes while somebody waits: logins, logouts, workers, keys. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, openTab, startService, TestServer, untilState, untilSynced} from './harness.js';

const NOTES = {
  sql: `CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text CHECK (body <> 'poison'));`,
  publish: {note: true},
} as const;

/** The databases of this origin but the directory. */
const databases = (page: Page) =>
  page.evaluate(async () =>
    (await indexedDB.databases()).map(({name = ''}) => name).filter(name => name.split('/').length > 2),
  );

test('who waits for an operation of an unclaimed database hears of it after the login', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const ann = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(ann);
  await ann.evaluate(() => service.logout({unsent: 'flush', wipe: false}));
  // Now nobody is logged in, and what is written is nobody's: until Ann is back, who has a database of her own.
  const settlement = await ann.evaluate(async () => {
    const waiting = service.settled(await service.put('note', '1', {id: '1', body: 'before the login'}), {
      until: 'echoed',
    });
    await service.connect();
    return waiting;
  });
  assert.equal(settlement.status, 'echoed');
  assert.deepEqual(await server.query('SELECT * FROM note'), [{id: '1', body: 'before the login'}]);
});

test('an adoption that was cut short is taken up at the next login', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openTab(profile, server, {token: 'user:ann', connect: false});
  await page.evaluate(() => service.put('note', '1', {id: '1', body: 'left behind'}));
  // As a crash right after the claim would leave it: the directory knows Ann, the work lies in nobody's database.
  await page.evaluate(async () => {
    await service.cleanup();
    const open = indexedDB.open('sync-elements/1');
    await new Promise(resolve => {
      open.onsuccess = resolve;
    });
    const tx = open.result.transaction('instances', 'readwrite');
    const store = tx.objectStore('instances');
    const keys = store.getAllKeys();
    keys.onsuccess = () => {
      const [key] = keys.result;
      const get = store.get(key as IDBValidKey);
      get.onsuccess = () => {
        const shelf = get.result;
        shelf.last = 'ann';
        shelf.instances.push({id: crypto.randomUUID(), clientId: 'x', subject: 'ann'});
        store.put(shelf, key);
      };
    };
    await new Promise(resolve => {
      tx.oncomplete = resolve;
    });
    open.result.close();
  });
  await startService(page, {token: 'user:ann'});
  await untilSynced(page);
  await eventually('the work arrived', async () => (await server.query('SELECT * FROM note')).length === 1);
  await eventually('one database is left', async () => (await databases(page)).length === 1);
});

test('a logout that was cut short is finished by whoever opens the page next', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openTab(profile, server);
  await untilSynced(page);
  await page.evaluate(async () =>
    service.settled(await service.put('note', '1', {id: '1', body: 'mine'}), {until: 'echoed'}),
  );
  const [name] = await databases(page);
  // The tombstone is written, and then the power goes.
  await page.evaluate(async name => {
    await service.cleanup();
    const open = indexedDB.open(name ?? '');
    await new Promise(resolve => {
      open.onsuccess = resolve;
    });
    const tx = open.result.transaction('outbox', 'readwrite');
    tx.objectStore('outbox').put({loggedOut: true}, 0);
    await new Promise(resolve => {
      tx.oncomplete = resolve;
    });
    open.result.close();
  }, name);
  await page.reload();
  await startService(page, {connect: false});
  assert.deepEqual(await page.evaluate(() => service.list('note')), []);
  await page.evaluate(() => service.put('note', '2', {id: '2', body: 'somebody new'}));
  await eventually('the old database is gone', async () => !(await databases(page)).includes(name ?? ''));
});

test('a worker that is replaced does not open a line that another tab has closed', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const first = await profile.newPage();
  await first.goto(server.url);
  await first.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    const worker = () => Object.assign(globalThis, {held: new Worker('/sync-worker.js', {type: 'module'})}).held;
    Object.assign(globalThis, {service: new WorkerSyncService({url: '/', worker, logger: 'silent'})});
    await service.connect();
  });
  const second = await openTab(profile, server);
  await untilState(second, "state.status === 'synced' && state.role === 'follower'");
  await second.evaluate(() => service.disconnect());
  await untilState(first, '!state.isConnected');
  // The worker dies loudly; the manager puts another in its place and asks it what was outstanding.
  await first.evaluate(async () => {
    const {held} = globalThis as unknown as {held: Worker};
    held.terminate();
    held.dispatchEvent(new ErrorEvent('error', {message: 'died'}));
    await service.list('note');
  });
  assert.equal(await first.evaluate(() => service.isConnected()), false);
  assert.equal((await server.stats()).connections, 0);
});

test('in a key of the application’s own nothing overtakes, and a refusal sets aside only what was not applied', async t => {
  const server = await TestServer.start(t, NOTES);
  const page = await openTab(await newProfile(await sharedBrowser(t)), server);
  await untilSynced(page);
  const outcome = await page.evaluate(async () => {
    await service.disconnect();
    const write = (id: string, body: string) =>
      service.enqueue({type: 'upsert', entityType: 'note', entityId: id, payload: {id, body}, key: 'one by one', id});
    await write('bad', 'poison');
    await write('good', 'fine');
    await service.connect();
    const codes = await Promise.all(
      ['bad', 'good'].map(id =>
        service.settled(id).then(
          ({status}) => status,
          (error: {code: string}) => error.code,
        ),
      ),
    );
    return {codes, failed: service.getState().failed};
  });
  assert.deepEqual(outcome, {codes: ['constraint', 'blocked'], failed: 2});
  assert.deepEqual(await server.query('SELECT * FROM note'), [], 'what is said to wait was not applied');
});

test('a logout in one tab loses no write that was accepted in another', async t => {
  const server = await TestServer.start(t, NOTES);
  const browser = await sharedBrowser(t);
  // Several rounds, since the moment that matters lasts milliseconds.
  for (let round = 0; round < 6; round++) {
    const profile = await newProfile(browser);
    const leaving = await openTab(profile, server);
    await untilSynced(leaving);
    const writing = await openTab(profile, server);
    await untilState(writing, "state.status === 'synced' && state.role === 'follower'");
    // Writes until the door is shut; `accepted` holds what `put` has promised.
    const written = writing.evaluate(async round => {
      const accepted: string[] = [];
      for (let number = 0; number < 2000; number++) {
        const id = `${round}-${number}`;
        try {
          const operation = await service.put('note', id, {id, body: 'kept'});
          accepted.push(id);
          // Every other one is seen through, so that the queue is empty again and again, and a logout finds it so.
          if (number % 2 === 0) await service.settled(operation, {until: 'echoed'});
        } catch {
          break;
        }
      }
      return accepted;
    }, round);
    const noted = () => server.query<{id: string}>('SELECT id FROM note WHERE id LIKE $1', [`${round}-%`]);
    await eventually('the first are there', async () => (await noted()).length > 4);
    const outcome = await leaving.evaluate(() =>
      service.logout({unsent: 'flush'}).then(
        () => 'done',
        (error: {code: string}) => error.code,
      ),
    );
    assert.equal(outcome, 'done');
    const accepted = await written;
    const stored = new Set((await noted()).map(({id}) => id));
    assert.deepEqual(
      accepted.filter(id => !stored.has(id)),
      [],
    );
    await profile.close();
  }
});
