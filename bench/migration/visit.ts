/** What a person does: opens the app for the first time, types into it while it syncs, comes back to it later. */
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import type {BrowserContext, CDPSession, Page} from 'playwright-core';
import {bundleOf} from '../../scripts/bundle-of.js';
import {openProfile, scoped} from '../ingest/stage.js';
import {type PageTasks, tracePageTasks} from '../page-tasks.js';
import type {SyncFeed} from './feed.js';
import type {BenchServer, Line} from './server.js';

/** `halfway` is ours with a server that speaks the plan's words. */
export type Client = 'before' | 'after' | 'halfway';
/** `none` is the app with no client at all, `worker` one that has but a worker, which does nothing. */
type Loaded = Client | 'none' | 'worker';

interface Synced {
  line: Line;
  /** Milliseconds from the client's start until a row was drawn, all that the app shows were, and it had all. */
  firstRow: number;
  inSight: number;
  synced: number;
  /** Milliseconds from the first frame with rows that was sent. */
  transfer: number;
}

/** In the app's page: app.js. */
declare global {
  var app: {
    load(client: Loaded): Promise<void>;
    start(feed: {owner: string; owned: number; end: string}): Promise<number>;
    readonly firstRow: Promise<number>;
    readonly inSight: Promise<number>;
    /** How many keys have shown so far, and the milliseconds that each took since it was last asked. */
    readonly latencies: number;
    takeLatencies(): number[];
    titles(): string[];
  };
}

const MIB = 1024 * 1024;
/** Milliseconds between two keys: fast for a person. */
const KEY_PAUSE = 50;

/**
 * All that the app's page may load. Read once: a build that happens meanwhile must not change what is measured. Ours is what
 * a bundler makes of the headless entry: the elements are no part of the comparison.
 */
export async function appFiles(): Promise<Map<string, string>> {
  const text = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  const files = new Map([['/', text('app.html')]]);
  for (const name of ['app.js', 'before.js', 'after.js', 'idle-worker.js']) files.set(`/${name}`, text(name));
  const {entry, alongside, later} = await bundleOf("export {WorkerSyncService} from 'sync-elements'");
  files.set('/headless.js', entry.code);
  for (const {fileName, code} of [...alongside, ...later]) files.set(`/${fileName}`, code);
  files.set('/sync-worker.js', text('../../dist/sync-worker.js'));
  for (const name of ['compat/plan-dialect', 'compat/plan-frames'])
    files.set(`/${name}.js`, text(`../../dist/src/${name}.js`));
  files.set('/idb-keyval.js', text('../../node_modules/idb-keyval/dist/index.js'));
  return files;
}

async function open(profile: BrowserContext, server: BenchServer, client: Loaded): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(server.url);
  await page.waitForFunction(() => globalThis.app !== undefined);
  await page.evaluate(client => app.load(client), client);
  await page.focus('input');
  return page;
}

/** Starts the client, and has it served until it has all. */
async function sync(page: Page, server: BenchServer, feed: SyncFeed): Promise<Synced> {
  const about = {owner: feed.owner, owned: feed.owned, end: feed.lsn};
  const [line, synced] = await Promise.all([server.next(feed), page.evaluate(feed => app.start(feed), about)]);
  const transfer = performance.now() - line.sendingSince;
  const firstRow = await page.evaluate(() => app.firstRow);
  // One that loses a row has no figure.
  const inSight = await page.evaluate(() => app.inSight);
  return {line, transfer, firstRow, inSight, synced};
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
  /** When the app is opened again: milliseconds until the first row is drawn, and all that it shows. */
  laterFirstRow: number;
  laterInSight: number;
}

/** The first and the second time somebody comes, with nobody looking on. */
export function visitTwice(server: BenchServer, feed: SyncFeed, client: Client): Promise<Visit> {
  return scoped(async scope => {
    const profile = await openProfile(scope);
    const page = await open(profile, server, client);
    const {line: _, ...first} = await sync(page, server, feed);
    const memory = await memoryOf(page);
    await page.close();
    const later = await sync(await open(profile, server, client), server, feed);
    return {...first, memory, laterFirstRow: later.firstRow, laterInSight: later.inSight};
  });
}

/** MiB of the app's page with a worker that does nothing: what any client with a worker takes. */
export function bareMemory(server: BenchServer): Promise<number> {
  return scoped(async scope => memoryOf(await open(await openProfile(scope), server, 'worker')));
}

export interface Traced extends PageTasks {
  /** How long it was traced. */
  milliseconds: number;
}

/** The tasks of the app's page while nothing happens: the caret blinks, the tracing itself works. */
export function idle(server: BenchServer, milliseconds: number): Promise<Traced> {
  return scoped(async scope => trace(await open(await openProfile(scope), server, 'none'), () => sleep(milliseconds)));
}

async function trace(page: Page, work: () => Promise<void>): Promise<Traced> {
  const browser = page.context().browser();
  if (!browser) throw new Error('This profile has no browser to trace');
  let milliseconds = 0;
  const tasks = await tracePageTasks(browser, page, async () => {
    const began = performance.now();
    await work();
    milliseconds = performance.now() - began;
  });
  return {...tasks, milliseconds};
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
): Promise<Phases<Traced>> {
  return inPhases(server, feed, live, client, trace);
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
    const page = await open(await openProfile(scope), server, client);
    let line: Line | undefined;
    const initial = await measure(page, async () => {
      ({line} = await sync(page, server, feed));
    });
    return {initial, live: await measure(page, async () => line?.live(live))};
  });
}
