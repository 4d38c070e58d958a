/**
 * The line changes hands: how long after the leader's end the next tab's socket is greeted. The leader's tab is closed,
 * reloaded, its worker terminated, its renderer crashed, while operations flow from the tab that will take over.
 *
 * Beside it, in turns, in another profile of the same browser and at the same server, the limit: two tabs whose workers do
 * nothing but wait for a lock, open a socket and greet. Both are timed alike, from just before the command to the browser
 * until the other tab's page hears of the welcome; the pages' clocks are compared with this process's by round trips, which
 * leaves an error of a millisecond or so. Operations are enqueued in both cases, and in both the server hears nothing of
 * them meanwhile: ours wait for the line, which is held while the limit is measured.
 *
 * The pages come from this process, for both, and not from the server: a page that is loaded again lives, and leads, until
 * its new document's response is there. The server writes our operations until that moment and would have us wait for the
 * document behind them, while for the limit it is idle. What it still has to write when the next leader greets stays in.
 *
 * What the server must have seen is counted there: each effect of an operation by a trigger, and two sockets of one local
 * database at every greeting, not by looking now and then.
 */
import {copyFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import type {BrowserContext, Page} from 'playwright-core';
import type {WorkerSyncService} from '../src/index.js';
import {
  barePages,
  eventually,
  newProfile,
  type Scope,
  startBrowser,
  TestServer,
  untilState,
} from '../test/e2e/harness.js';
import {FailoverTabs, type Runner, WAYS} from './failover-tabs.js';
import {servePages} from './pages.js';
import {type Figure, report} from './report.js';
import {quantile} from './statistics.js';

const {values: options} = parseArgs({
  options: {rounds: {type: 'string', default: '20'}, json: {type: 'boolean'}},
});
const ROUNDS = Number(options.rounds);
/** Milliseconds between two operations of a tab. */
const PACE = 50;

const SQL = `
CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);
CREATE TABLE IF NOT EXISTS quiet (id text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS effect (note text PRIMARY KEY, times int NOT NULL);
CREATE OR REPLACE FUNCTION count_effect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO effect VALUES (NEW.id, 1) ON CONFLICT (note) DO UPDATE SET times = effect.times + 1;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER count_effect AFTER INSERT OR UPDATE ON note
  FOR EACH ROW EXECUTE FUNCTION count_effect();`;

/** In our tabs' pages. */
declare global {
  /** Operations of this tab: a row of its own each, and the ids of those whose enqueueing resolved. */
  var flow: {kept: string[]; end(): Promise<void>};
}

class Ours implements Runner {
  /** Rows whose write was promised to last. */
  readonly kept: string[] = [];
  readonly #url: string;

  /** @param url of the server */
  constructor(url: string) {
    this.#url = url;
  }

  async start(page: Page): Promise<void> {
    await page.evaluate(async url => {
      const address = '/sync-elements.js';
      const {WorkerSyncService: Service} = (await import(address)) as {WorkerSyncService: typeof WorkerSyncService};
      globalThis.service = new Service({
        url,
        worker: () => {
          globalThis.held = new Worker('/sync-worker.js', {type: 'module'});
          return held;
        },
      });
      globalThis.greeted = new Promise(resolve => {
        const stop = service.onStateChange(state => {
          if (state.role !== 'leader' || !state.isConnected) return;
          resolve(performance.timeOrigin + performance.now());
          queueMicrotask(() => stop());
        });
      });
      await service.initialize();
      void service.connect();
    }, this.#url);
    await untilState(page, 'state.isConnected');
    await eventually('this tab leads or waits for it', () => page.evaluate(hasPlace));
    await page.evaluate(startFlow, PACE);
  }

  /** Holds the line while something else is measured: while ours is, the server hears nothing of the operations either. */
  async held<T>([leader]: readonly [Page, Page], work: () => Promise<T>): Promise<T> {
    await leader.evaluate(() => service.disconnect());
    const result = await work();
    await leader.evaluate(() => service.connect());
    await untilState(leader, 'state.isConnected && state.pending < 5');
    return result;
  }

  async leave(page: Page): Promise<void> {
    const kept = await page.evaluate(async () => {
      await flow.end();
      return flow.kept;
    });
    for (const id of kept) this.kept.push(id);
  }
}

/** Whether this tab leads or waits for the lock (with two tabs that is all there is to know). */
async function hasPlace(): Promise<boolean> {
  const {pending = []} = await navigator.locks.query();
  return service.getState().role === 'leader' || pending.some(({name}) => name?.endsWith('/leader'));
}

function startFlow(pace: number): void {
  const kept: string[] = [];
  const running = new Set<Promise<void>>();
  const write = async () => {
    const id = crypto.randomUUID();
    await service.put('note', id, {id, body: 'of a tab that may end at any time'});
    kept.push(id);
  };
  const timer = setInterval(() => {
    const one = write();
    running.add(one);
    void one.finally(() => running.delete(one));
  }, pace);
  globalThis.flow = {
    kept,
    async end() {
      clearInterval(timer);
      await Promise.all(running);
    },
  };
}

class Bare implements Runner {
  readonly #url: string;
  readonly #instance = crypto.randomUUID();
  #epoch = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async start(page: Page): Promise<void> {
    const first = {url: this.#url, instance: this.#instance, epoch: ++this.#epoch};
    await page.evaluate(
      first =>
        new Promise<void>((stands, failed) => {
          globalThis.held = new Worker('/failover-bare-worker.js');
          held.onerror = event => failed(new Error(event.message));
          globalThis.greeted = new Promise(resolve => {
            held.onmessage = ({data}) => {
              if (data === 'welcome') resolve(performance.timeOrigin + performance.now());
              stands();
            };
          });
          held.postMessage(first);
        }),
      first,
    );
  }
}

/** What became of the operations, by the trigger's count, once all has come to rest. */
async function effects(server: TestServer, kept: readonly string[]): Promise<{lost: number; doubled: number}> {
  const rows = await server.query<{note: string; times: number}>('SELECT note, times FROM effect');
  const times = new Map(rows.map(row => [row.note, row.times]));
  return {
    lost: kept.filter(id => !times.has(id)).length,
    doubled: rows.filter(row => row.times > 1).length,
  };
}

async function measure(
  server: TestServer,
  pages: string,
  profiles: {ours: BrowserContext; bare: BrowserContext},
): Promise<Figure[]> {
  const ours = new Ours(server.url);
  const bare = new Bare(`${server.url.replace('http', 'ws')}api/sync`);
  const tabs = {
    ours: await FailoverTabs.open(profiles.ours, pages, ours),
    bare: await FailoverTabs.open(profiles.bare, pages, bare),
  };
  const times = new Map(WAYS.map(way => [way, {ours: [] as number[], bare: [] as number[]}]));
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? (['bare', 'ours'] as const) : (['ours', 'bare'] as const);
    for (const [way, found] of times) {
      for (const kind of order) {
        const handOver = () => tabs[kind].handOver(way);
        found[kind].push(await (kind === 'bare' ? ours.held(tabs.ours.pages, handOver) : handOver()));
      }
    }
  }
  for (const page of tabs.ours.pages) await ours.leave(page);
  await tabs.ours.pages[0].evaluate(() => service.flush());

  const {overlaps} = await server.stats();
  const {lost, doubled} = await effects(server, ours.kept);
  const figures = [...times].flatMap(([way, {ours, bare}]): Figure[] => [
    {name: `${way}: bare, p50`, value: quantile(bare, 0.5), unit: 'ms'},
    {name: `${way}: bare, p90`, value: quantile(bare, 0.9), unit: 'ms'},
    {
      name: `${way}: ours, p50`,
      value: quantile(ours, 0.5),
      unit: 'ms',
      goal: {atMost: quantile(bare, 0.5) + 40},
    },
    {name: `${way}: ours, p90`, value: quantile(ours, 0.9), unit: 'ms'},
    {name: `${way}: ours, worst`, value: Math.max(...ours), unit: 'ms', goal: {atMost: 2000}},
  ]);
  return [
    ...figures,
    {name: 'two sockets of one instance', value: overlaps, unit: 'times', goal: {atMost: 0}},
    {name: 'operations enqueued', value: ours.kept.length, unit: 'operations', goal: {atLeast: 4 * ROUNDS}},
    {name: 'operations lost', value: lost, unit: 'operations', goal: {atMost: 0}},
    {name: 'operations doubled', value: doubled, unit: 'operations', goal: {atMost: 0}},
  ];
}

const endings: (() => unknown)[] = [];
const scope: Scope = {after: ending => endings.push(ending)};
try {
  const folder = await barePages(scope);
  const worker = 'failover-bare-worker.js';
  await copyFile(fileURLToPath(new URL(worker, import.meta.url)), join(folder, worker));
  const pages = await servePages(scope, folder);
  const server = await TestServer.start(scope, {
    sql: SQL,
    publish: {note: true, quiet: {writable: false}},
    pages: folder,
    origins: [new URL(pages).origin],
  });
  const browser = await startBrowser(scope);
  const profiles = {ours: await newProfile(browser), bare: await newProfile(browser)};
  report('failover', await measure(server, pages, profiles));
} finally {
  for (const end of endings.reverse()) await end();
}
