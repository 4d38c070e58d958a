/**
 * The operation queue against what it can't be faster than, in the same run, on a real profile and a real disk:
 * - `enqueue` until durable against a bare worker that does one strict put for a message and answers it,
 * - a queue filled offline that drains against a bare worker that sends the same operations to the same server at once,
 * - and the same queue with poison in it against itself without.
 */
import {copyFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../scripts/browsers.mjs';
import {atEnd, barePages, type Scope, startService, TestServer, temporaryFolder} from '../test/e2e/harness.js';
import {tracePageTasks} from './page-tasks.js';
import {report} from './report.js';

const ENQUEUES = 200;
const QUEUED = 5000;
const OFFLINE = 10_000;
const MIXED = 5000;
const POISONED = 200;
/** Operations of one entity: each has to find its order. */
const PER_KEY = 10;

/** A poisoned one breaks the constraint; what was written, in the order in which it was, is in `written`. */
const SQL = `
  CREATE TABLE IF NOT EXISTS item (id text PRIMARY KEY, n integer CHECK (n >= 0), body text);
  CREATE TABLE IF NOT EXISTS written (place bigserial PRIMARY KEY, id text, n integer);
  CREATE OR REPLACE FUNCTION item_written() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO written (id, n) VALUES (NEW.id, NEW.n); RETURN NEW; END $$;
  CREATE OR REPLACE TRIGGER item_written AFTER INSERT OR UPDATE ON item
    FOR EACH ROW EXECUTE FUNCTION item_written();`;

/** The mean of the middle fifth: a page's clock ticks every 0.1 ms, which is too coarse for the one in the middle. */
function median(values: readonly number[]): number {
  const middle = [...values]
    .sort((a, b) => a - b)
    .slice(Math.floor(values.length * 0.4), Math.ceil(values.length * 0.6));
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** The pages' own part: what is measured is measured there. */
declare global {
  /** One message to a bare worker and back, with a strict put between. */
  var barePut: (operation: object) => Promise<void>;
}

/** Milliseconds of each `enqueue`, and of each bare put, taken by turns. */
async function enqueues(page: Page, prefix: string): Promise<{ours: number[]; bare: number[]}> {
  return page.evaluate(
    async ([prefix, count]) => {
      const ours: number[] = [];
      const bare: number[] = [];
      const operation = (name: string) => ({
        type: 'upsert',
        entityType: 'item',
        entityId: name,
        payload: {n: 1, body: 'a line of text as a person writes it into a field'},
      });
      for (let at = 0; at < count; at++) {
        let started = performance.now();
        await service.enqueue(operation(`${prefix}${at}`));
        ours.push(performance.now() - started);
        started = performance.now();
        await barePut({...operation(`${prefix}${at}`), id: crypto.randomUUID()});
        bare.push(performance.now() - started);
      }
      return {ours, bare};
    },
    [prefix, ENQUEUES] as const,
  );
}

/** Queues operations while the line is held: by turns over the keys, so that each key's are far apart. */
async function fill(page: Page, prefix: string, count: number, perKey: number, poisoned = 0): Promise<void> {
  await page.evaluate(
    async ([prefix, count, perKey, poisoned]) => {
      const keys = count / perKey;
      await Promise.all(
        Array.from({length: count}, (_, at) => {
          const key = at % keys;
          const isPoison = at < keys && key < poisoned;
          return service.put('item', `${prefix}${key}`, {
            n: isPoison ? -1 : Math.floor(at / keys),
            body: 'a line of text as a person writes it into a field',
          } as never);
        }),
      );
    },
    [prefix, count, perKey, poisoned] as const,
  );
}

/** Milliseconds from the wish to connect until nothing is pending. */
function drain(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const started = performance.now();
    void service.connect();
    await service.flush();
    const ms = performance.now() - started;
    await service.disconnect();
    return ms;
  });
}

function drainBare(page: Page, prefix: string, count: number): Promise<number> {
  return page.evaluate(
    ([prefix, count, perKey]) =>
      new Promise<number>((resolve, reject) => {
        const keys = count / perKey;
        const ops = Array.from({length: count}, (_, at) => ({
          id: crypto.randomUUID(),
          seq: at + 1,
          type: 'upsert',
          entityType: 'item',
          entityId: `${prefix}${at % keys}`,
          payload: {n: Math.floor(at / keys), body: 'a line of text as a person writes it into a field'},
          timestamp: Date.now(),
        }));
        const worker = new Worker('/bare-sender.js');
        worker.onmessage = ({data: {ms, refused}}) => {
          worker.terminate();
          if (refused === 0) resolve(ms);
          else reject(new Error(`${refused} of the bare client's operations were refused`));
        };
        worker.onerror = event => reject(new Error(event.message));
        worker.postMessage({url: `${location.href.replace('http', 'ws')}api/sync`, ops, frame: 250});
      }),
    [prefix, count, PER_KEY] as const,
  );
}

/** How many of these keys were written in another order than queued, or not exactly as often. */
async function disorder(server: TestServer, prefix: string): Promise<number> {
  const rows = await server.query<{id: string; n: number}>(
    'SELECT id, n FROM written WHERE starts_with(id, $1) ORDER BY place',
    [prefix],
  );
  const keys = new Map<string, number[]>();
  for (const {id, n} of rows) keys.set(id, [...(keys.get(id) ?? []), n]);
  const expected = Array.from({length: PER_KEY}, (_, n) => n).join();
  const wrong = [...keys.values()].filter(written => written.join() !== expected).length;
  return wrong + Math.abs(keys.size - OFFLINE / PER_KEY);
}

const endings: (() => unknown)[] = [];
const scope: Scope = {after: ending => endings.push(ending)};
try {
  const pages = await barePages(scope);
  for (const file of ['bare-put.js', 'bare-sender.js']) {
    await copyFile(fileURLToPath(new URL(file, import.meta.url)), join(pages, file));
  }
  const server = await TestServer.start(scope, {sql: SQL, publish: {item: true}, pages});
  const profile = await chromium.launchPersistentContext(await temporaryFolder(scope), {
    executablePath: await ensureBrowser('chromium'),
    args: CHROMIUM_ARGS,
  });
  atEnd(scope, () => profile.close());
  await profile.addInitScript('globalThis.__name = target => target');
  const browser = profile.browser();
  if (!browser) throw new Error('This profile has no browser to trace');
  const page = await profile.newPage();
  await page.goto(server.url);
  await startService(page, {connect: false});
  await page.evaluate(() => {
    const worker = new Worker('/bare-put.js');
    let puts = 0;
    globalThis.barePut = operation =>
      new Promise(resolve => {
        const id = ++puts;
        worker.onmessage = ({data}) => data === id && resolve();
        worker.postMessage({id, operation});
      });
  });

  await enqueues(page, 'warm');
  await page.evaluate(() => service.clearOperationQueue());
  const empty = await enqueues(page, 'empty');
  await page.evaluate(() => service.clearOperationQueue());
  await fill(page, 'waiting', QUEUED, PER_KEY);
  const full = await enqueues(page, 'full');
  await page.evaluate(() => service.clearOperationQueue());

  // Each between two of what it is held against, so that what else the machine does meanwhile counts for both.
  const bareBefore = await drainBare(page, 'bare before/', OFFLINE / 2);
  await fill(page, 'ours/', OFFLINE, PER_KEY);
  const ours = await drain(page);
  const bareAfter = await drainBare(page, 'bare after/', OFFLINE / 2);
  const bare = bareBefore + bareAfter;
  // Once more for the page's tasks: being traced costs it what the bare client does not pay.
  await fill(page, 'traced/', OFFLINE, PER_KEY);
  const tasks = await tracePageTasks(browser, page, async () => {
    await drain(page);
  });

  await fill(page, 'plain before/', MIXED, 2);
  const plainBefore = await drain(page);
  await fill(page, 'mixed/', MIXED, 2, POISONED);
  const mixed = await drain(page);
  const {failed} = await page.evaluate(() => service.getState());
  if (failed !== 2 * POISONED) throw new Error(`${failed} operations were set aside`);
  await page.evaluate(() => service.discard());
  await fill(page, 'plain after/', MIXED, 2);
  const plain = (plainBefore + (await drain(page))) / 2;

  const ratio = ({ours, bare}: {ours: number[]; bare: number[]}) => median(ours) / median(bare);
  const rate = (count: number, ms: number) => (count / ms) * 1000;
  report('operations', [
    {name: 'enqueue until durable, nothing queued, p50', value: median(empty.ours), unit: 'ms'},
    {name: 'a strict put and one message round trip, p50', value: median(empty.bare), unit: 'ms'},
    {name: 'the one against the other', value: ratio(empty), unit: '×', goal: {atMost: 1.6}},
    {name: `enqueue until durable, ${QUEUED} queued, p50`, value: median(full.ours), unit: 'ms'},
    {name: 'a strict put and one message round trip, p50', value: median(full.bare), unit: 'ms'},
    {name: 'the one against the other', value: ratio(full), unit: '×', goal: {atMost: 1.6}},
    {name: `${OFFLINE} drained`, value: rate(OFFLINE, ours), unit: 'operations/s'},
    {name: 'bare pipelining socket', value: rate(OFFLINE, bare), unit: 'operations/s'},
    {name: 'the one against the other', value: bare / ours, unit: '×', goal: {atLeast: 0.6}},
    {
      name: 'keys out of order, or not written once each',
      value: (await disorder(server, 'ours/')) + (await disorder(server, 'traced/')),
      unit: 'keys',
      goal: {atMost: 0},
    },
    {name: 'page tasks over 50 ms of thread time', value: tasks.over50, unit: 'tasks', goal: {atMost: 0}},
    {name: 'longest page task', value: tasks.longest, unit: 'ms'},
    {name: 'page tasks seen', value: tasks.count, unit: 'tasks'},
    {
      name: `${MIXED} drained with ${POISONED} poisoned, each with another behind it, against none`,
      value: mixed / plain,
      unit: '×',
      goal: {atMost: 1.3},
    },
  ]);
} finally {
  for (const end of endings.reverse()) await end();
}
