/** What a person does: opens the app for the first time, types into it while it syncs, comes back to it later. */
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {BrowserContext, CDPSession, Page} from 'playwright-core';
import {openProfile, scoped} from '../ingest/stage.js';
import {type PageTasks, tracePageTasks} from '../page-tasks.js';
import type {SyncFeed} from './feed.js';
import type {BenchServer, Line} from './server.js';

/** `halfway` is ours with a server that speaks the plan's words. */
export type Client = 'before' | 'after' | 'halfway';

interface Synced {
  line: Line;
  /** Milliseconds from the client's start until a row was drawn, and until it had all. */
  firstRow: number;
  synced: number;
  /** Milliseconds from the first frame with rows that was sent. */
  transfer: number;
}

/** In the app's page: app.js. */
declare global {
  var app: {
    start(client: Client, feed: {owner: string; end: string}): Promise<number>;
    readonly firstRow: Promise<number>;
    /** How many keys have shown so far, and the milliseconds that each took since it was last asked. */
    readonly latencies: number;
    takeLatencies(): number[];
    titles(): string[];
  };
}

const MIB = 1024 * 1024;
/** Milliseconds between two keys: fast for a person. */
const KEY_PAUSE = 50;

/** All that the app's page loads. Read once: a build that happens meanwhile must not change what is measured. */
export function appFiles(): Map<string, string> {
  const text = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  const files = new Map([['/', text('app.html')]]);
  for (const name of ['app.js', 'before.js', 'after.js']) files.set(`/${name}`, text(name));
  for (const name of ['sync-elements.js', 'sync-worker.js']) files.set(`/${name}`, text(`../../dist/${name}`));
  for (const name of ['compat/plan-dialect', 'compat/plan-frames'])
    files.set(`/${name}.js`, text(`../../dist/src/${name}.js`));
  files.set('/idb-keyval.js', text('../../node_modules/idb-keyval/dist/index.js'));
  return files;
}

async function open(profile: BrowserContext, server: BenchServer): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(server.url);
  await page.waitForFunction(() => globalThis.app !== undefined);
  await page.focus('input');
  return page;
}

/** Starts the client, and has it served until it has all. */
async function sync(page: Page, server: BenchServer, feed: SyncFeed, client: Client): Promise<Synced> {
  const about = {owner: feed.owner, end: feed.lsn};
  const [line, synced] = await Promise.all([
    server.next(feed),
    page.evaluate(([client, feed]) => app.start(client, feed), [client, about] as const),
  ]);
  const transfer = performance.now() - line.sendingSince;
  const firstRow = await page.evaluate(() => app.firstRow);
  // One that loses a row has no figure.
  await page.waitForFunction(count => app.titles().length === count, feed.owned);
  return {line, transfer, firstRow, synced};
}

/** MiB that the page and its workers use, once their garbage is collected. In Chromium only, and not declared yet. */
async function memoryOf(page: Page): Promise<number> {
  const bytes = await page.evaluate(async () => {
    type Measures = {measureUserAgentSpecificMemory(): Promise<{bytes: number}>};
    return (await (performance as unknown as Measures).measureUserAgentSpecificMemory()).bytes;
  });
  return bytes / MIB;
}

/** Presses keys for as long as `work` takes; the latency of each, in milliseconds. */
async function typing(page: Page, work: () => Promise<void>): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  let isOver = false;
  const pressed = pressKeys(session, () => isOver);
  await work().finally(() => {
    isOver = true;
  });
  const count = await pressed;
  await page.waitForFunction(count => app.latencies === count, count);
  return page.evaluate(() => app.takeLatencies());
}

/** At their time, whether or not the page has taken those before: a page that is stuck must not slow the typist down. */
async function pressKeys(session: CDPSession, isOver: () => boolean): Promise<number> {
  const sent: Promise<unknown>[] = [];
  while (!isOver()) {
    sent.push(session.send('Input.dispatchKeyEvent', {type: 'keyDown', key: 'a', text: 'a'}));
    sent.push(session.send('Input.dispatchKeyEvent', {type: 'keyUp', key: 'a'}));
    await sleep(KEY_PAUSE);
  }
  await Promise.all(sent);
  return sent.length / 2;
}

export interface Visit extends Omit<Synced, 'line'> {
  /** MiB, with all rows kept. */
  memory: number;
  /** Milliseconds until the first row is drawn when the app is opened again. */
  laterVisit: number;
}

/** The first and the second time somebody comes, with nobody looking on. */
export function visitTwice(server: BenchServer, feed: SyncFeed, client: Client): Promise<Visit> {
  return scoped(async scope => {
    const profile = await openProfile(scope);
    const page = await open(profile, server);
    const {firstRow, synced, transfer} = await sync(page, server, feed, client);
    const memory = await memoryOf(page);
    await page.close();
    const later = await sync(await open(profile, server), server, feed, client);
    return {firstRow, synced, transfer, memory, laterVisit: later.firstRow};
  });
}

/** What is measured while all rows come, and then while transactions do. */
export interface Phases<T> {
  initial: T;
  live: T;
}

/** The tasks of the page's main thread. */
export function traced(
  server: BenchServer,
  feed: SyncFeed,
  live: readonly string[],
  client: Client,
): Promise<Phases<PageTasks>> {
  return inPhases(server, feed, live, client, (page, work) => {
    const browser = page.context().browser();
    if (!browser) throw new Error('This profile has no browser to trace');
    return tracePageTasks(browser, page, work);
  });
}

/** Milliseconds from each key that is pressed meanwhile until it shows. */
export function typed(
  server: BenchServer,
  feed: SyncFeed,
  live: readonly string[],
  client: Client,
): Promise<Phases<number[]>> {
  return inPhases(server, feed, live, client, typing);
}

function inPhases<T>(
  server: BenchServer,
  feed: SyncFeed,
  live: readonly string[],
  client: Client,
  measure: (page: Page, work: () => Promise<void>) => Promise<T>,
): Promise<Phases<T>> {
  return scoped(async scope => {
    const page = await open(await openProfile(scope), server);
    let line: Line | undefined;
    const initial = await measure(page, async () => {
      ({line} = await sync(page, server, feed, client));
    });
    return {initial, live: await measure(page, async () => line?.live(live))};
  });
}
