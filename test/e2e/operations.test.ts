/** Operations where it takes real browsers, disks and sockets to see that none is lost, doubled or stuck. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {join} from 'node:path';
import {test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {WebSocket, WebSocketServer} from 'ws';
import type {SyncOptions} from '../../src/index.js';
import {sharedBrowser} from './browser.js';
import {
  atEnd,
  barePages,
  eventually,
  newProfile,
  openTab,
  type Scope,
  TestServer,
  untilState,
  untilSynced,
} from './harness.js';

/** `applied` tells every effect, in the order in which they took place. */
const TASKS = {
  sql: `
    CREATE TABLE IF NOT EXISTS task (id text PRIMARY KEY, title text CHECK (title <> 'poison'));
    CREATE TABLE IF NOT EXISTS step (id text PRIMARY KEY, task text NOT NULL REFERENCES task);
    CREATE TABLE IF NOT EXISTS applied (place bigserial PRIMARY KEY, id text, title text);
    CREATE OR REPLACE FUNCTION task_applied() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO applied (id, title) VALUES (NEW.id, NEW.title); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER task_applied AFTER INSERT OR UPDATE ON task
      FOR EACH ROW EXECUTE FUNCTION task_applied();`,
  publish: {task: true, step: true},
} as const;

const put = (page: Page, id: string, title: string) =>
  page.evaluate(([id, title]) => service.put('task', id, {id, title}), [id, title] as const);
const effects = async (server: TestServer, id: string) =>
  (await server.query('SELECT title FROM applied WHERE id = $1 ORDER BY place', [id])).map(({title}) => title);
const flush = (page: Page) => page.evaluate(() => service.flush());

/** A tab whose service is told more than the harness can say. */
async function openWith(profile: BrowserContext, server: TestServer, options: Partial<SyncOptions>): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(server.url);
  await page.evaluate(`import('/sync-elements.js').then(({WorkerSyncService}) => {
    globalThis.service = new WorkerSyncService({url: '/', logger: 'silent', ...${JSON.stringify(options)}});
  })`);
  return page;
}

test('a page is told of changes only while somebody listens to them', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  await profile.addInitScript(() => {
    const told: string[] = [];
    Object.assign(globalThis, {told});
    globalThis.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        this.addEventListener('message', ({data}) => data.kind === 'event' && told.push(data.event.name));
      }
    };
  });
  const page = await openTab(profile, server);
  await untilSynced(page);
  const told = () => page.evaluate(() => (globalThis as unknown as {told: string[]}).told.includes('changes'));
  await put(page, 'a', 'unheard');
  await flush(page);
  assert.equal(await told(), false);
  await page.evaluate(async () => {
    const heard = new Promise(resolve =>
      Object.assign(globalThis, {stop: service.addEventListener('changes', resolve)}),
    );
    await service.put('task', 'b', {id: 'b', title: 'heard'} as never);
    await heard;
  });
  assert.equal(await told(), true);
});

/** The site by way of a line on which answers to operations can get lost. */
class LossyLine {
  readonly url: string;
  loses = false;
  lost = 0;
  #told = () => {};

  private constructor(url: string) {
    this.url = url;
  }

  static async open(t: Scope, server: TestServer): Promise<LossyLine> {
    const http = createServer(async (request, response) => {
      const file = await fetch(new URL(request.url ?? '/', server.url));
      response.writeHead(file.status, {'content-type': file.headers.get('content-type') ?? 'text/plain'});
      response.end(Buffer.from(await file.arrayBuffer()));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    const line = new LossyLine(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
    const door = new WebSocketServer({server: http});
    door.on('connection', browser => line.#connect(browser, server));
    atEnd(t, () => {
      for (const browser of door.clients) browser.terminate();
      http.closeAllConnections();
      http.close();
    });
    return line;
  }

  /** Resolves when an answer was lost. */
  async lostOne(): Promise<void> {
    while (this.lost === 0) {
      await new Promise<void>(resolve => {
        this.#told = resolve;
      });
    }
  }

  #connect(browser: WebSocket, server: TestServer): void {
    const upstream = new WebSocket(`${server.url.replace('http', 'ws')}api/sync`);
    const opened = once(upstream, 'open');
    browser.on('message', async data => {
      await opened;
      upstream.send(data.toString());
    });
    upstream.on('message', data => {
      const frame = data.toString();
      if (!this.loses || !frame.includes('"operation_ack"')) return browser.send(frame);
      this.lost++;
      this.#told();
    });
    for (const side of [browser, upstream]) side.on('error', () => {});
    browser.on('close', () => upstream.terminate());
    upstream.on('close', () => browser.terminate());
  }
}

test('the server has committed, the answer is lost, the tab is killed: one effect, and the next tab knows', async t => {
  const server = await TestServer.start(t, TASKS);
  const line = await LossyLine.open(t, server);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = await openTab(profile, line);
  await untilSynced(tab);
  line.loses = true;
  const id = await put(tab, 'a', 'once');
  await line.lostOne();
  assert.deepEqual(await effects(server, 'a'), ['once']);
  await tab.close();

  line.loses = false;
  const next = await openTab(profile, line);
  assert.ok((await next.evaluate(id => service.settled(id), id)).lsn);
  await untilSynced(next);
  const {applied, duplicates} = await server.stats();
  assert.deepEqual([applied, duplicates], [1, 1]);
  assert.deepEqual(await effects(server, 'a'), ['once']);
  // What became of it is known to a tab that was not there, too.
  const third = await openTab(profile, line);
  assert.equal((await third.evaluate(id => service.settled(id, {until: 'echoed'}), id)).status, 'echoed');
});

test('the worker dies between a durable write and its word of it: the page is told, and it is one effect', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await profile.newPage();
  await page.goto(server.url);
  await page.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    const workers: Worker[] = [];
    Object.assign(globalThis, {workers});
    globalThis.service = new WorkerSyncService({
      url: '/',
      logger: 'silent',
      worker: () => {
        const worker = new Worker('/sync-worker.js', {type: 'module'});
        // The first word of a finished `enqueue`, whose answer is the id, never arrives: the worker is gone instead.
        const first = workers.push(worker) === 1;
        worker.addEventListener('message', event => {
          if (!first || event.data.kind !== 'answer' || event.data.value !== 'the-one') return;
          event.stopImmediatePropagation();
          worker.terminate();
          worker.dispatchEvent(new ErrorEvent('error', {message: 'killed by the test', cancelable: true}));
        });
        return worker;
      },
    });
    await service.initialize();
  });
  const id = await page.evaluate(() =>
    service.enqueue({
      id: 'the-one',
      type: 'upsert',
      entityType: 'task',
      entityId: 'a',
      payload: {id: 'a', title: 'once'},
    }),
  );
  assert.equal(id, 'the-one');
  assert.ok((await page.evaluate('workers.length')) === 2, 'the first worker was replaced');
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  assert.deepEqual(await effects(server, 'a'), ['once']);
  assert.equal((await page.evaluate(() => service.getState())).failed, 0);
});

test('two tabs write one row by turns, offline and online: each write takes effect once, in the order made', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const [one, two] = [await openTab(profile, server), await openTab(profile, server)];
  await untilSynced(one);
  await one.evaluate(() => service.disconnect());
  for (let at = 0; at < 10; at++) await put(at % 2 ? two : one, 'shared', `offline ${at}`);
  for (const tab of [one, two]) {
    assert.equal((await tab.evaluate(() => service.get('task', 'shared')))?.['title'], 'offline 9');
  }
  await two.evaluate(() => service.connect());
  for (let at = 0; at < 10; at++) await put(at % 2 ? two : one, 'shared', `online ${at}`);
  await Promise.all([flush(one), flush(two)]);
  assert.deepEqual(await effects(server, 'shared'), [
    ...Array.from({length: 10}, (_, at) => `offline ${at}`),
    ...Array.from({length: 10}, (_, at) => `online ${at}`),
  ]);
});

test('an operation that refers to a row still queued waits for it, however urgent', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = await openTab(profile, server, {connect: false});
  await tab.evaluate(async () => {
    const parent = await service.put('task', 'parent', {id: 'parent', title: 'first'});
    await service.enqueue({
      type: 'upsert',
      entityType: 'step',
      entityId: 'child',
      payload: {id: 'child', task: 'parent'},
      priority: 9,
      after: [parent],
    });
    await service.connect();
    await service.flush();
  });
  assert.deepEqual(await server.query('SELECT task FROM step'), [{task: 'parent'}]);
  assert.equal((await tab.evaluate(() => service.getState())).failed, 0);
});

test('poison at the head of a row stops that row alone; it rolls back once, in every tab, and can be mended', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const [one, two] = [await openTab(profile, server), await openTab(profile, server)];
  await untilSynced(one);
  await untilState(two, "state.status === 'synced'");
  await put(one, 'bad', 'good at first');
  await flush(one);
  for (const tab of [one, two]) {
    await tab.evaluate(() => {
      Object.assign(globalThis, {refusals: []});
      service.addEventListener('operation_error', ({id, error}) => {
        (globalThis as unknown as {refusals: string[]}).refusals.push(`${id} ${error.code}`);
      });
    });
  }
  const ids = await one.evaluate(async () => {
    await service.disconnect();
    const poison = await service.put('task', 'bad', {id: 'bad', title: 'poison'});
    const behind = await service.put('task', 'bad', {id: 'bad', title: 'behind'});
    for (let at = 0; at < 50; at++) await service.put('task', `good${at}`, {id: `good${at}`, title: 'good'});
    void service.connect();
    await service.flush();
    return {poison, behind};
  });
  const [good] = await server.query<{count: number}>(`SELECT count(*)::int AS count FROM task WHERE title = 'good'`);
  assert.equal(good?.count, 50);
  for (const tab of [one, two]) {
    await untilState(tab, 'state.failed === 2');
    assert.equal((await tab.evaluate(() => service.get('task', 'bad')))?.['title'], 'good at first');
    assert.deepEqual(await tab.evaluate('refusals'), [`${ids.poison} constraint`, `${ids.behind} blocked`]);
  }
  await two.evaluate(async ({poison}) => {
    await service.replace(poison, {
      type: 'upsert',
      entityType: 'task',
      entityId: 'bad',
      payload: {id: 'bad', title: 'mended'},
    });
    await service.flush();
  }, ids);
  assert.deepEqual(await effects(server, 'bad'), ['good at first', 'mended', 'behind']);
  await untilSynced(one);
});

test('a write based on another row is refused with the row as it is, and the other one stays in sight', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = await openTab(profile, server);
  await untilSynced(tab);
  await put(tab, 'a', 'mine');
  await flush(tab);
  await tab.evaluate(() => service.disconnect());
  await server.query(`UPDATE task SET title = 'theirs' WHERE id = 'a'`);
  const failed = await tab.evaluate(async () => {
    const id = await service.enqueue({
      type: 'upsert',
      entityType: 'task',
      entityId: 'a',
      payload: {title: 'mine again'},
      partial: true,
      base: {title: 'mine'},
    });
    void service.connect();
    const code = await service.settled(id).then(
      () => 'applied',
      error => error.code,
    );
    const [dead] = await service.operations({stage: 'failed'});
    return {code, row: dead?.row};
  });
  assert.deepEqual(failed, {code: 'conflict', row: {id: 'a', title: 'theirs'}});
  await eventually(
    'the server’s row is shown',
    async () => (await tab.evaluate(() => service.get('task', 'a')))?.['title'] === 'theirs',
  );
});

test('the site’s data is cleared under an open tab: it is told, and what was queued takes effect once', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const tab = await openTab(profile, server);
  await untilSynced(tab);
  // The server has settled some of this database's numbers: the next ones must not be taken for those.
  for (let at = 0; at < 3; at++) await put(tab, 'before', `${at}`);
  await flush(tab);
  await tab.evaluate(() => {
    Object.assign(globalThis, {codes: []});
    service.addEventListener('error', ({code}) => (globalThis as unknown as {codes: string[]}).codes.push(code));
    return service.disconnect();
  });
  const queued = await put(tab, 'queued', 'in memory only');
  const cdp = await profile.newCDPSession(tab);
  await cdp.send('Storage.clearDataForOrigin', {origin: new URL(server.url).origin, storageTypes: 'all'});
  await put(tab, 'after', 'written afterwards');
  assert.deepEqual(await tab.evaluate('codes'), ['storage-evicted']);
  await tab.evaluate(() => void service.connect());
  await tab.evaluate(id => service.settled(id), queued);
  await untilSynced(tab);
  assert.deepEqual(
    [await effects(server, 'before'), await effects(server, 'queued'), await effects(server, 'after')],
    [['0', '1', '2'], ['in memory only'], ['written afterwards']],
  );
  assert.equal((await tab.evaluate(() => service.getState())).failed, 0);
  assert.equal((await tab.evaluate(() => service.list('task'))).length, 3);
});

test('a page that is closed while a write is not durable asks first, if it was told to, and else does not', async t => {
  const pages = await barePages(t);
  await writeFile(join(pages, 'silent-worker.js'), '// Never gets ready.');
  const server = await TestServer.start(t, {...TASKS, pages});
  const profile = await newProfile(await sharedBrowser(t));
  const dialogs: string[] = [];
  const leave = async (page: Page) => {
    page.on('dialog', dialog => {
      dialogs.push(dialog.type());
      void dialog.accept();
    });
    const closed = page.waitForEvent('close');
    await page.close({runBeforeUnload: true});
    await closed;
  };
  const silent = {worker: `${server.url}silent-worker.js`, mode: 'worker'} as const;

  for (const [warns, expected] of [
    [true, ['beforeunload']],
    [false, []],
  ] as const) {
    const page = await openWith(profile, server, {...silent, warnBeforeLeaving: warns});
    await page.mouse.click(5, 5);
    await page.evaluate(() => void service.put('task', 'a', {id: 'a', title: 'not saved yet'}).catch(() => {}));
    await leave(page);
    assert.deepEqual(dialogs.splice(0), expected);
  }
  const page = await openWith(profile, server, {warnBeforeLeaving: true});
  await page.mouse.click(5, 5);
  await put(page, 'a', 'saved');
  await leave(page);
  assert.deepEqual(dialogs, []);
});

test('the browser is asked to keep the data: once, and not before somebody has used the page', async t => {
  const server = await TestServer.start(t, TASKS);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openWith(profile, server, {});
  await page.evaluate(() => {
    // What a driver evaluates counts as a gesture: this page has its own word for it.
    const used = {hasBeenActive: false};
    Object.defineProperty(navigator, 'userActivation', {value: used});
    Object.assign(globalThis, {asked: 0, used});
    navigator.storage.persist = async () => {
      (globalThis as unknown as {asked: number}).asked++;
      return true;
    };
  });
  await put(page, 'a', 'before any gesture');
  assert.equal(await page.evaluate('asked'), 0);
  await page.evaluate('used.hasBeenActive = true');
  await put(page, 'a', 'after one');
  await put(page, 'a', 'and again');
  await eventually('the browser was asked', async () => (await page.evaluate('asked')) === 1);
  await put(page, 'a', 'and again');
  assert.equal(await page.evaluate('asked'), 1);
});
