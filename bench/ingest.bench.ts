/**
 * The places sync, as a newcomer sees it: 171,075 rows out of an embedded Postgres, over a socket, into a worker, durable
 * with their checkpoint, while the demo page shows its progress. Beside it, in the same rounds, the limit: a bare worker
 * that receives the same frames from the same server and only parses them.
 */
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import type {Browser} from 'playwright-core';
import {newProfile, type Scope, startBrowser, TestServer} from '../test/e2e/harness.js';
import {type PageTasks, tracePageTasks} from './page-tasks.js';
import {report} from './report.js';

const ROUNDS = 3;
const pages = fileURLToPath(new URL('../demo-dist', import.meta.url));
const bareWorker = fileURLToPath(new URL('./bare-worker.js', import.meta.url));
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Milliseconds from the click to the last row, and how the page fared. */
async function ours(browser: Browser, server: TestServer): Promise<{rows: number; ms: number; tasks: PageTasks}> {
  const profile = await newProfile(browser);
  const page = await profile.newPage();
  // Opened with the line held, so that the measurement begins with the connection and not with the page's loading.
  await page.goto(`${server.url}places.html`);
  await page.evaluate(async () => {
    await customElements.whenDefined('sync-provider');
    const provider = document.querySelector('sync-provider') as unknown as {logout(o: object): Promise<void>};
    await provider.logout({unsent: 'discard'});
  });
  let result = {rows: 0, ms: 0};
  const tasks = await tracePageTasks(browser, page, async () => {
    result = await page.evaluate(async () => {
      const {service} = document.querySelector('sync-provider') as unknown as {
        service: typeof globalThis.service;
      };
      const started = performance.now();
      const done = new Promise<void>(resolve => service.addEventListener('sync_completed', () => resolve()));
      await service.connect();
      await done;
      const ms = performance.now() - started;
      return {rows: await service.count('place'), ms};
    });
  });
  await profile.close();
  return {...result, tasks};
}

/** The same frames, received and parsed in a worker, and that is all. */
async function bare(browser: Browser, server: TestServer): Promise<{rows: number; ms: number}> {
  const profile = await newProfile(browser);
  const page = await profile.newPage();
  await page.goto(server.url);
  const cdp = await profile.newCDPSession(page);
  // The page's policy allows no worker from a blob; this one is ours, not the page's.
  await cdp.send('Page.setBypassCSP', {enabled: true});
  await page.reload();
  const result = await page.evaluate(
    ({url, source}) =>
      new Promise<{rows: number; ms: number}>((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
        worker.onmessage = event => resolve(event.data);
        worker.onerror = event => reject(new Error(event.message));
        worker.postMessage(url);
      }),
    {url: `${server.url.replace('http', 'ws')}api/sync`, source: await readFile(bareWorker, 'utf8')},
  );
  await profile.close();
  return result;
}

const endings: (() => unknown)[] = [];
const scope: Scope = {after: ending => endings.push(ending)};
try {
  const server = await TestServer.start(scope, {publish: {place: {writable: false}}, places: true, pages});
  const browser = await startBrowser(scope);
  const rounds: {ours: Awaited<ReturnType<typeof ours>>; bare: Awaited<ReturnType<typeof bare>>}[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({bare: await bare(browser, server), ours: await ours(browser, server)});
  }
  const rate = (kind: 'ours' | 'bare') => median(rounds.map(round => (round[kind].rows / round[kind].ms) * 1000));
  const tasks = rounds.map(round => round.ours.tasks);
  report('ingest', [
    {
      name: 'rows',
      value: Math.min(...rounds.map(round => round.ours.rows)),
      unit: 'rows',
      goal: {atLeast: 171_075},
    },
    {name: 'ours, durable with checkpoint', value: rate('ours'), unit: 'rows/s'},
    {name: 'bare receive and parse, same server', value: rate('bare'), unit: 'rows/s'},
    {name: 'ours against bare', value: rate('ours') / rate('bare'), unit: '×'},
    {
      name: 'page tasks over 50 ms of thread time',
      value: Math.max(...tasks.map(task => task.over50)),
      unit: 'tasks',
      goal: {atMost: 0},
    },
    {name: 'longest page task', value: Math.max(...tasks.map(task => task.longest)), unit: 'ms'},
    {name: 'page tasks seen', value: Math.min(...tasks.map(task => task.count)), unit: 'tasks'},
  ]);
} finally {
  for (const end of endings.reverse()) await end();
}
