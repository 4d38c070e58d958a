/** Where the engine runs: in a worker, in another worker when that one dies, in the page where there can be none. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilState, untilSynced} from './harness.js';
import {outcome, Site, type Visit, visit, visitAlone} from './site.js';

const mode = (page: Page) => page.evaluate(() => service.getState().mode);
/** Saves a note and waits for the server's answer. */
const saves = (page: Page, id: string) =>
  page.evaluate(async id => (await service.settled(await service.put('note', id, {id, body: 'saved'}))).status, id);

test('a worker of the page’s own origin is the normal case', async t => {
  const site = await Site.start(t);
  const page = await visitAlone(await sharedBrowser(t), site, {policy: "script-src 'self'; worker-src 'self'"});
  await untilSynced(page);
  assert.equal(await mode(page), 'worker');
  assert.equal(await saves(page, '1'), 'applied');
  assert.deepEqual(await page.evaluate(() => logged), []);
});

test('a worker from another origin runs by way of an import, and leaves no address behind', async t => {
  const site = await Site.start(t);
  const cdn = await Site.start(t);
  const browser = await sharedBrowser(t);
  const policy = `script-src 'self' ${cdn.url}; worker-src blob: ${cdn.url}`;
  const ways: Visit[] = [
    {policy, worker: `'${cdn.url}sync-worker.js'`},
    {policy, worker: `new URL('${cdn.url}sync-worker.js')`},
    // The package itself comes from there, and finds its worker beside itself.
    {policy, from: cdn.url},
    {policy: `${policy}; require-trusted-types-for 'script'; trusted-types lit-html sync-elements`, from: cdn.url},
  ];
  for (const way of ways) {
    const profile = await newProfile(browser);
    await profile.addInitScript(() => {
      const {createObjectURL, revokeObjectURL} = URL;
      const open = new Set<string>();
      Object.assign(globalThis, {open});
      URL.createObjectURL = object => {
        const url = createObjectURL.call(URL, object);
        open.add(url);
        return url;
      };
      URL.revokeObjectURL = url => {
        open.delete(url);
        revokeObjectURL.call(URL, url);
      };
    });
    const page = await visit(profile, site, way);
    await untilSynced(page);
    assert.equal(await mode(page), 'worker');
    assert.equal(await saves(page, '1'), 'applied');
    assert.equal(await page.evaluate(() => (globalThis as unknown as {open: Set<string>}).open.size), 0);
    assert.deepEqual(await page.evaluate(() => logged), []);
    await profile.close();
  }
});

test('with Trusted Types enforced the worker starts by a policy of ours, where the page allows it', async t => {
  const site = await Site.start(t);
  const browser = await sharedBrowser(t);
  const typed = `script-src 'self'; worker-src 'self'; require-trusted-types-for 'script'`;
  for (const worker of [undefined, `'/sync-worker.js'`]) {
    const page = await visitAlone(browser, site, {
      policy: `${typed}; trusted-types lit-html sync-elements`,
      ...(worker === undefined ? {} : {worker}),
    });
    await untilSynced(page);
    assert.equal(await mode(page), 'worker');
    assert.deepEqual(await page.evaluate(() => logged), []);
  }
  const without = await visitAlone(browser, site, {policy: `${typed}; trusted-types lit-html`});
  await untilSynced(without);
  assert.equal(await mode(without), 'page');
  assert.equal((await without.evaluate(() => logged)).length, 1);
});

/** What keeps a worker from running, and what the one message must name. */
const OBSTACLES: readonly (readonly [name: string, visit: Visit, cause: RegExp])[] = [
  ['the policy allows no worker', {policy: "script-src 'self'; worker-src 'none'"}, /page's policy.*worker-src/],
  ['the file is missing', {worker: `'/nowhere.js'`}, /could not be loaded/],
  ['a page comes in its place', {worker: `'/'`}, /could not be loaded/],
  ['the file throws', {worker: `'/throws.js'`}, /it threw: .*told to/],
  ['the file is no script', {worker: `'/broken.js'`}, /could not be loaded/],
  ['it is another script, which says nothing of ours', {worker: `'/other.js'`}, /within 10 s/],
  ['the factory throws', {worker: `() => { throw new Error('no worker today'); }`}, /no worker today/],
  ['the browser has none', {worker: `(delete globalThis.Worker, undefined)`}, /has no workers/],
  [
    'what it says can not be read',
    {
      worker: `() => {
        const worker = new Worker('/sync-worker.js', {type: 'module'});
        setTimeout(() => worker.dispatchEvent(new MessageEvent('messageerror')));
        return worker;
      }`,
    },
    /could not be read/,
  ],
  ['another origin does not let it be read', {worker: `'CDN/private/sync-worker.js'`}, /could not be loaded/],
  [
    'the policy allows no import from another origin',
    {policy: "script-src 'self'; worker-src 'self'", worker: `'CDN/sync-worker.js'`},
    /page's policy.*worker-src/,
  ],
];

test('where no worker can run the page does its work, says so in the state, and why in one message', {
  concurrency: 3,
}, async t => {
  const site = await Site.start(t);
  const cdn = await Site.start(t);
  site.files.set('/throws.js', `throw new Error('told to')`);
  site.files.set('/broken.js', `this is no script`);
  site.files.set('/other.js', `self.postMessage({hello: 'world'}); self.onmessage = () => {};`);
  const browser = await sharedBrowser(t);
  await Promise.all(
    OBSTACLES.map(([name, {worker, ...rest}, cause], index) =>
      t.test(name, async () => {
        const way = {...rest, ...(worker && {worker: worker.replace('CDN/', cdn.url)})};
        const page = await visitAlone(browser, site, way);
        await untilSynced(page);
        assert.equal(await mode(page), 'page');
        assert.equal(await saves(page, String(index)), 'applied');
        const [message, ...others] = await page.evaluate(() => logged);
        assert.match(message ?? '', /^error: The sync worker can't be used: .*Syncing goes on in the page/);
        assert.match(message ?? '', cause);
        assert.deepEqual(others, []);

        const strict = await visitAlone(browser, site, {...way, mode: 'worker', connect: false});
        assert.equal(await outcome(strict, 'service.initialize()'), 'worker-failed');
        assert.equal(await outcome(strict, `service.put('note', 'x', {id: 'x', body: ''})`), 'worker-failed');
        const {status, error} = await strict.evaluate(() => service.getState());
        assert.deepEqual([status, error?.code, error?.action], ['error', 'worker-failed', 'reload']);
      }),
    ),
  );
});

/** The built worker, and beside it one that can be told to fall ill. */
const SICK = `
import '/sync-worker.js';
const post = self.postMessage.bind(self);
new BroadcastChannel('orders').onmessage = ({data}) => {
  switch (data) {
    case 'hang': for (;;);
    case 'throw': return setTimeout(() => { throw new Error('told to'); });
    case 'fall silent': self.postMessage = () => {}; return;
    case 'close': return self.close();
  }
};`;

test('a worker that hangs, throws, falls silent or closes is replaced, and what was asked is done once', {
  concurrency: 4,
}, async t => {
  const site = await Site.start(t);
  site.files.set('/sick.js', SICK);
  const browser = await sharedBrowser(t);
  await Promise.all(
    ['hang', 'throw', 'fall silent', 'close'].map(order =>
      t.test(order, async () => {
        const name = order.replace(' ', '-');
        const page = await visitAlone(browser, site, {
          // The first falls ill; what takes its place is the worker as it is.
          worker: `() => {
            globalThis.workers = (globalThis.workers ?? 0) + 1;
            return new Worker(workers === 1 ? '/sick.js' : '/sync-worker.js', {type: 'module'});
          }`,
        });
        await untilSynced(page);
        const outcomes = await page.evaluate(
          async ({order, name}) => {
            const orders = new BroadcastChannel('orders');
            const say = (n: string) => service.queueOperation({type: 'send_message', payload: `${name} ${n}`});
            const before = say('before');
            orders.postMessage(order);
            const after = ['1', '2', '3'].map(say);
            const row = service.put('note', name, {id: name, body: 'asked of a dying worker'});
            const settled = (await Promise.all([before, ...after])).map(({status}) => status);
            const id = await row;
            await service.settled(id);
            orders.close();
            return settled;
          },
          {order, name},
        );
        for (const status of outcomes) assert.match(status, /^(applied|duplicate|echoed)$/);
        const mine = site.messages.filter(message => String(message).startsWith(`${name} `)).sort();
        assert.deepEqual(
          mine,
          ['1', '2', '3', 'before'].map(n => `${name} ${n}`),
        );
        assert.deepEqual(await site.read(name), {id: name, body: 'asked of a dying worker'});
        await untilSynced(page);
        assert.equal(await mode(page), 'worker');
        assert.equal(await page.evaluate(() => (globalThis as unknown as {workers: number}).workers), 2);
        assert.deepEqual(await page.evaluate(() => service.operations()), []);
        const notes = await page.evaluate(() => logged);
        assert.equal(notes.filter(note => note.includes('died and is replaced')).length, 1, notes.join('\n'));
      }),
    ),
  );
  assert.equal(site.server.stats().overlaps, 0);
});

test('storage that another tab holds is told of, and opens as soon as it is let go', async t => {
  const site = await Site.start(t);
  const profile = await newProfile(await sharedBrowser(t));
  const holder = await profile.newPage();
  await holder.goto(site.url);
  // A tab that holds the database while somebody deletes it: whoever opens it now stands behind the deletion.
  await holder.evaluate(async () => {
    const database = await new Promise<IDBDatabase>(resolve => {
      const request = indexedDB.open('sync-elements/1', 1);
      request.onupgradeneeded = () => request.result.createObjectStore('instances');
      request.onsuccess = () => resolve(request.result);
    });
    Object.assign(globalThis, {letGo: () => database.close()});
    const deletion = indexedDB.deleteDatabase('sync-elements/1');
    await new Promise(resolve => {
      deletion.onblocked = resolve;
    });
  });
  const page = await visit(profile, site);
  const saved = saves(page, '1');
  await untilState(page, "state.error?.code === 'storage-blocked'");
  assert.equal(await page.evaluate(() => service.getStatus()), 'error');
  assert.deepEqual(await page.evaluate(() => errors), ['storage-blocked']);
  await holder.evaluate(() => (globalThis as unknown as {letGo(): void}).letGo());
  await untilSynced(page);
  assert.equal(await saved, 'applied');
  assert.equal(await mode(page), 'worker');
  assert.equal(await page.evaluate(() => service.getState().error), null);
});

/** What the next version of this package does first, where it stores or says things in another way. */
const NEWER: Readonly<Record<string, () => Promise<void>>> = {
  'upgrades the databases': async () => {
    for (const {name = ''} of await indexedDB.databases()) {
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.open(name, 2);
        request.onsuccess = () => resolve(request.result.close());
        request.onblocked = () => reject(new Error(`${name} is held`));
      });
    }
  },
  'speaks on the channel': async () => {
    for (const {name = ''} of await indexedDB.databases()) {
      const channel = new BroadcastChannel(name);
      channel.postMessage({format: 2, announcement: {kind: 'of tomorrow'}});
      channel.close();
    }
  },
};

const isOutdated = "state.error?.code === 'newer-version'";

for (const [what, deploys] of Object.entries(NEWER)) {
  for (const mode of ['worker', 'page'] as const) {
    test(`a newer deploy ${what}: an older tab in the ${mode} stops, keeps its work, and asks for a reload`, async t => {
      const site = await Site.start(t);
      const profile = await newProfile(await sharedBrowser(t));
      const connected = await visit(profile, site, {mode, database: 'one'});
      await untilSynced(connected);
      const writing = await visit(profile, site, {mode, database: 'two', connect: false});
      const id = await writing.evaluate(() => service.put('note', '1', {id: '1', body: 'not sent yet'}));
      const waits = outcome(writing, 'service.flush()');

      const fresh = await profile.newPage();
      await fresh.goto(site.url);
      await fresh.evaluate(deploys);
      for (const page of [connected, writing]) {
        await untilState(page, isOutdated);
        const state = await page.evaluate(() => service.getState());
        assert.deepEqual(
          [state.status, state.error?.action, state.isConnected, state.isConnecting],
          ['error', 'reload', false, false],
        );
      }
      assert.equal(await waits, 'newer-version');
      await eventually('the socket is closed', async () => site.sockets === 0);
      await eventually('nobody leads', async () => (await leaders(fresh)) === 0);
      assert.deepEqual(await queued(fresh), [id]);
      if (what !== 'upgrades the databases') return;
      // Whatever is asked of it, and in a page with the old code that is opened now, it stays so.
      for (const call of [`service.put('note', '2', {id: '2', body: 'late'})`, 'service.connect()']) {
        assert.equal(await outcome(writing, call), 'newer-version');
      }
      await untilState(writing, isOutdated);
      const stale = await visit(profile, site, {mode, database: 'two', connect: false});
      assert.equal(await outcome(stale, 'service.initialize()'), 'newer-version');
      await untilState(stale, isOutdated);
      assert.deepEqual(await queued(fresh), [id]);
    });
  }
}

/** How many leader locks are held, of whichever database. */
const leaders = (page: Page) =>
  page.evaluate(async () => (await navigator.locks.query()).held?.filter(({name}) => name?.endsWith('/leader')).length);

/** Ids of the operations that lie in the outboxes of this profile. */
const queued = (page: Page) =>
  page.evaluate(async () => {
    const ids: string[] = [];
    for (const {name = ''} of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      if (database.objectStoreNames.contains('outbox')) {
        const records = await new Promise<{id: string}[]>(resolve => {
          const request = database.transaction('outbox').objectStore('outbox').getAll();
          request.onsuccess = () => resolve(request.result);
        });
        ids.push(...records.map(({id}) => id));
      }
      database.close();
    }
    return ids;
  });
