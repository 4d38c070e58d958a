/** The line over a bad network, with tokens that expire, and with leaders that hang: in real browsers. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {
  barePages,
  eventually,
  newProfile,
  openTab,
  type PageOptions,
  startService,
  TestServer,
  untilState,
  untilSynced,
} from './harness.js';
import {Network} from './network.js';

const ROWS = 3000;
const NOTES = {
  sql: 'CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);',
  publish: {note: true},
} as const;
/** About 900 kB on the wire. */
const MANY = {
  ...NOTES,
  sql: `${NOTES.sql}
    INSERT INTO note SELECT i::text, repeat(md5(i::text), 6) FROM generate_series(1, ${ROWS}) AS i ON CONFLICT DO NOTHING;`,
} as const;

/** In tests' pages: what the page knows, and the test may change. */
declare global {
  var token: string | undefined;
  var lifetime: number;
  var tokensAsked: number;
  /** Rows received so far, at each step of a snapshot; null where the line was down. */
  var steps: (number | null)[];
}

async function through(context: BrowserContext, network: Network, server: TestServer, options: PageOptions = {}) {
  const page = await context.newPage();
  await page.goto(network.url(server.url));
  await startService(page, options);
  return page;
}

/** A tab whose token is whatever `globalThis.token` says, or one that lives for `globalThis.lifetime`. */
async function signedIn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    globalThis.tokensAsked = 0;
    globalThis.service = new WorkerSyncService({
      url: '/',
      // So little is on its way that what the server says in the middle of a snapshot does not stand behind all of it.
      limits: {windowBytes: 128 * 1024},
      getToken: () => {
        globalThis.tokensAsked++;
        return globalThis.lifetime ? `user:ann:${Date.now() + globalThis.lifetime}` : globalThis.token;
      },
    });
    await service.initialize();
    void service.connect();
  });
}

const logSteps = (page: Page) =>
  page.evaluate(() => {
    globalThis.steps = [];
    service.onStateChange(({isConnected, progress}) => {
      if (!isConnected) globalThis.steps.push(null);
      else if (progress) globalThis.steps.push(progress.received);
    });
  });

/** A snapshot whose line was down in the middle of it went on where it was. */
async function assertResumed(page: Page): Promise<void> {
  await untilSynced(page);
  const steps = await page.evaluate(() => globalThis.steps);
  const down = steps.lastIndexOf(null);
  const before = Math.max(...steps.slice(0, down).map(step => step ?? 0));
  const after = steps[down + 1] ?? 0;
  assert.ok(before > 0 && after >= before, `${after} rows after ${before}: it began again (${steps})`);
  assert.equal(await page.evaluate(() => service.count('note')), ROWS);
}

/** What the browser tells a page that somebody looks at again. */
const look = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

test('a socket that is half open is found within 26 s, and within 3 s when somebody looks', async t => {
  const server = await TestServer.start(t, NOTES);
  const network = await Network.start(t, server.setup.port);
  const page = await through(await newProfile(await sharedBrowser(t)), network, server);
  await untilSynced(page);

  const lost = () =>
    page.evaluate(
      () =>
        new Promise<number>(resolve => {
          const since = performance.now();
          const stop = service.onStateChange(state => {
            if (state.isConnected) return;
            queueMicrotask(() => stop());
            resolve(performance.now() - since);
          });
        }),
    );
  network.stall();
  const idle = await lost();
  assert.ok(idle > 9000 && idle < 26_500, `found after ${idle} ms`);
  network.heal();
  await untilSynced(page);

  network.stall();
  const looked = lost();
  await look(page);
  assert.ok((await looked) < 3500, `found after ${await looked} ms`);
  // Nothing gets through: this is a person's whole view of it.
  await untilState(page, "state.status === 'reconnecting'");
  network.heal();
  await untilSynced(page);
});

test('a slow link finishes a snapshot on one socket, and one that is cut goes on where it was', async t => {
  const server = await TestServer.start(t, MANY);
  const network = await Network.start(t, server.setup.port);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await through(profile, network, server, {connect: false});
  network.rate = 50_000;
  await page.evaluate(() => void service.connect());
  await untilSynced(page);
  assert.equal(await page.evaluate(() => service.count('note')), ROWS);
  assert.equal(network.sockets, 1);

  const other = await through(await newProfile(await sharedBrowser(t)), network, server);
  await logSteps(other);
  await untilState(other, 'state.progress?.received > 500');
  network.cut();
  await untilState(other, '!state.isConnected');
  await assertResumed(other);
});

test('tokens that expire in the middle of a snapshot are renewed on the open line', async t => {
  const server = await TestServer.start(t, {...MANY, tokens: true});
  const network = await Network.start(t, server.setup.port);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await page.goto(network.url(server.url));
  network.rate = 60_000;
  await page.evaluate(() => {
    globalThis.lifetime = 6000;
  });
  await signedIn(page);
  await untilSynced(page);
  assert.equal(await page.evaluate(() => service.count('note')), ROWS);
  assert.equal(network.sockets, 1, 'the line was never closed');
  assert.ok((await page.evaluate(() => globalThis.tokensAsked)) >= 3, 'tokens were renewed');
});

test('a token that expired, and had no successor in time, costs a reconnect and no row', async t => {
  const server = await TestServer.start(t, {...MANY, tokens: true});
  const network = await Network.start(t, server.setup.port);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await page.goto(network.url(server.url));
  network.rate = 60_000;
  await page.evaluate(() => {
    // The package itself comes over this line first.
    globalThis.token = `user:ann:${Date.now() + 9000}`;
  });
  await signedIn(page);
  await logSteps(page);
  await untilState(page, 'state.progress?.received > 500');
  await untilState(page, '!state.isConnected');
  await page.evaluate(() => {
    globalThis.token = 'user:ann';
  });
  await assertResumed(page);
});

test('signed out in all tabs: the first that has a token takes the line, and all go on', async t => {
  const server = await TestServer.start(t, {...NOTES, tokens: true});
  const profile = await newProfile(await sharedBrowser(t));
  const tabs: Page[] = [];
  for (let index = 0; index < 3; index++) {
    const page = await profile.newPage();
    await page.goto(server.url);
    await page.evaluate(() => {
      globalThis.token = 'user:gone:1';
    });
    await signedIn(page);
    tabs.push(page);
  }
  const [first, second, third] = tabs;
  assert.ok(first && second && third);
  for (const page of tabs) await untilState(page, "state.status === 'needs-auth'");
  await first.evaluate(() => service.put('note', '1', {id: '1', body: 'held'}));

  await third.evaluate(() => {
    globalThis.token = 'user:ann';
  });
  await look(third);
  for (const page of tabs) await untilState(page, "state.status === 'synced'");
  assert.equal(await third.evaluate(() => service.getState().role), 'leader');
  assert.deepEqual(await server.query('SELECT * FROM note'), [{id: '1', body: 'held'}]);
});

/** A worker that can be made to hang: it runs the real one, and loops when told. */
const HANGING = `
  const mine = new BroadcastChannel('hang');
  mine.onmessage = ({data}) => { const until = Date.now() + data; while (Date.now() < until); };
  await import('./sync-worker.js');
`;

test('a leader that hangs with the lock is stolen from, and stands down when it is back', async t => {
  const pages = await barePages(t);
  await writeFile(join(pages, 'hanging-worker.js'), HANGING);
  const server = await TestServer.start(t, {
    ...NOTES,
    pages,
    sql: `${NOTES.sql}
      CREATE TABLE IF NOT EXISTS effect (id text);
      CREATE OR REPLACE FUNCTION count_effect() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO effect VALUES (NEW.id); RETURN NEW; END $$;
      CREATE OR REPLACE TRIGGER counted AFTER INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION count_effect();`,
  });
  const profile = await newProfile(await sharedBrowser(t));
  const hung = await profile.newPage();
  await hung.goto(server.url);
  await hung.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    globalThis.service = new WorkerSyncService({url: '/', worker: '/hanging-worker.js'});
    void service.connect();
  });
  await untilSynced(hung);
  const other = await openTab(profile, server);
  await untilState(other, "state.status === 'synced' && state.role === 'follower'");

  const hang = 15_000;
  await other.evaluate(ms => new BroadcastChannel('hang').postMessage(ms), hang);
  const since = Date.now();
  const ids: string[] = [];
  for (let index = 0; index < 10; index++) {
    ids.push(`f${index}`);
    await other.evaluate(id => service.put('note', id, {id, body: 'of the follower'}), `f${index}`);
  }
  await untilState(other, "state.role === 'leader' && state.status === 'synced'");
  const after = Date.now() - since;
  assert.ok(after > 4000 && after < hang, `taken over after ${after} ms`);
  await untilState(hung, "state.role === 'follower' && state.status === 'synced'");
  ids.push('h');
  await hung.evaluate(async () => service.settled(await service.put('note', 'h', {id: 'h', body: 'of the thawed'})));
  const effects = await server.query<{id: string}>('SELECT id FROM effect ORDER BY id');
  assert.deepEqual(
    effects.map(({id}) => id),
    ids.sort(),
    'each took effect once',
  );
  await eventually('one socket', async () => (await server.stats()).connections === 1);
});
