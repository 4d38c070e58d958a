/**
 * From a commit at the server to the `changes` event in the leader's page and in a follower's page, single rows, some
 * milliseconds apart. Beside it, commit by commit in turns, from the same process and in the same pages, the limit: a bare
 * socket, one relaxed put of a record of the same shape, one postMessage, and for the other tab one broadcast.
 *
 * A commit's moment is when its source tells the server's process of it, for both alike. The goal is held where the rows
 * live in memory, so that what is measured is the server and not a database: one that streams its changes has nothing to
 * read back, and the embedded Postgres, which has to be asked for what was committed, is reported beside it.
 *
 * The pages' clocks are compared with that process's by round trips over a bare socket: the offset of the shortest one of
 * many counts, and half of that trip, and the step in which a page's clock counts, is the most it can be wrong by (`clock
 * error`).
 */
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {copyFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import type {Browser, Page} from 'playwright-core';
import {atEnd, barePages, newProfile, openTab, type Scope, startBrowser, untilState} from '../test/e2e/harness.js';
import type {Kind, LatencyMessage, LatencyRun, LatencySetup} from './latency-server.js';
import {type Figure, report} from './report.js';
import {quantile} from './statistics.js';

const {values: options} = parseArgs({
  options: {commits: {type: 'string', default: '400'}, json: {type: 'boolean'}},
});
const COMMITS = Number(options.commits);
/** The first ones find code that has not been compiled yet, on both sides: they are made, and not counted. */
const WARM_UP = {commits: 500, pause: 2};
/** Milliseconds between two commits. */
const PAUSE = 20;
const TRIPS = 200;
/** Milliseconds in which a page's clock counts. */
const CLOCK_STEP = 0.1;

const BARE_WORKER = 'latency-bare-worker.js';
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** In the pages: when each row was heard of, by the page's clock, in milliseconds since 1970. */
declare global {
  var seen: Record<Kind, Record<string, number>>;
}

/** The server's process, until it ends with the measurement. */
async function startServer(scope: Scope, setup: LatencySetup) {
  const child = fork(here('latency-server.ts'), {
    env: {...process.env, SETUP: JSON.stringify(setup)},
    execArgv: ['--import', 'tsx'],
  });
  atEnd(scope, () => void child.kill());
  const heard = async <K extends LatencyMessage['kind']>(kind: K) => {
    const [message] = (await once(child, 'message')) as [LatencyMessage];
    if (message.kind !== kind) throw new Error(`Instead of '${kind}' the server said '${message.kind}'`);
    return message as Extract<LatencyMessage, {kind: K}>;
  };
  const {port, bare} = await heard('listening');
  return {
    url: `http://127.0.0.1:${port}/`,
    bare: `ws://127.0.0.1:${bare}`,
    async run(run: LatencyRun) {
      child.send(run);
      return (await heard('done')).commits;
    },
  };
}

/** Starts the bare worker in a page, with a socket if it is given the address of one, and notes what comes. */
async function watch(page: Page, socket: {url: string; name: string} | undefined): Promise<void> {
  await page.evaluate(
    ({worker, socket}) =>
      new Promise<void>((ready, failed) => {
        const now = () => performance.timeOrigin + performance.now();
        globalThis.seen = {ours: {}, bare: {}};
        service.addEventListener('changes', ({ids}) => {
          for (const id of ids ?? []) seen.ours[id] = now();
        });
        const bare = new Worker(worker);
        bare.onerror = event => failed(new Error(event.message));
        bare.onmessage = ({data}) => {
          if (data === 'ready') ready();
          else seen.bare[data] = now();
        };
        bare.postMessage(socket ?? {});
      }),
    {worker: `/${BARE_WORKER}`, socket},
  );
}

/** By how much the page's clock is ahead of the server's, and how wrong that can be, in milliseconds. */
async function compareClocks(page: Page, url: string): Promise<{ahead: number; error: number}> {
  return page.evaluate(
    async ({url, trips, step}) => {
      const now = () => performance.timeOrigin + performance.now();
      const socket = new WebSocket(url);
      await new Promise(resolve => socket.addEventListener('open', resolve));
      let best = {ahead: 0, ms: Number.POSITIVE_INFINITY};
      for (let trip = 0; trip < trips; trip++) {
        const answer = new Promise<MessageEvent>(resolve => {
          socket.onmessage = resolve;
        });
        const sent = now();
        socket.send('');
        const there = Number((await answer).data);
        const ms = now() - sent;
        if (ms < best.ms) best = {ahead: sent + ms / 2 - there, ms};
      }
      socket.close();
      return {ahead: best.ahead, error: best.ms / 2 + step};
    },
    {url, trips: TRIPS, step: CLOCK_STEP},
  );
}

/** The figures of one server, with its tabs in a profile of their own. */
async function measure(scope: Scope, browser: Browser, setup: LatencySetup): Promise<Figure[]> {
  const server = await startServer(scope, setup);
  const profile = await newProfile(browser);
  const tabs: Record<'leader' | 'follower', Page> = {
    leader: await openTab(profile, server),
    follower: await openTab(profile, server, {connect: false}),
  };
  await untilState(tabs.leader, "state.role === 'leader' && state.status === 'synced'");
  await untilState(tabs.follower, "state.role === 'follower' && state.status === 'synced'");
  await watch(tabs.follower, undefined);
  await watch(tabs.leader, {url: server.bare, name: 'bare'});
  await server.run(WARM_UP);
  const clocks = {
    leader: await compareClocks(tabs.leader, server.bare),
    follower: await compareClocks(tabs.follower, server.bare),
  };
  const commits = await server.run({commits: COMMITS, pause: PAUSE});

  const figures: Figure[] = [];
  for (const [role, page] of Object.entries(tabs) as [keyof typeof tabs, Page][]) {
    const seen = await page.evaluate(() => globalThis.seen);
    const times = (kind: Kind) =>
      commits[kind].map(([id, at]) => {
        const heard = seen[kind][id];
        if (heard === undefined) throw new Error(`The ${role} did not hear of a commit (${kind})`);
        return heard - clocks[role].ahead - at;
      });
    const [bare, ours] = [times('bare'), times('ours')];
    const name = `${role}, ${setup.source}`;
    figures.push(
      {name: `${name}: bare, p50`, value: quantile(bare, 0.5), unit: 'ms'},
      {name: `${name}: bare, p99`, value: quantile(bare, 0.99), unit: 'ms'},
      {name: `${name}: ours, p50`, value: quantile(ours, 0.5), unit: 'ms'},
      {name: `${name}: ours, p99`, value: quantile(ours, 0.99), unit: 'ms'},
      {
        name: `${name}: ours against bare, p50`,
        value: quantile(ours, 0.5) / quantile(bare, 0.5),
        unit: '×',
        ...(setup.source === 'memory' ? {goal: {atMost: 1.5}} : {}),
      },
      {name: `${name}: clock error`, value: clocks[role].error, unit: 'ms'},
    );
  }
  await profile.close();
  return figures;
}

const endings: (() => unknown)[] = [];
const scope: Scope = {after: ending => endings.push(ending)};
try {
  const pages = await barePages(scope);
  await copyFile(here(BARE_WORKER), join(pages, BARE_WORKER));
  const browser = await startBrowser(scope);
  const figures: Figure[] = [];
  for (const source of ['memory', 'postgres'] as const) {
    figures.push(...(await measure(scope, browser, {pages, source})));
  }
  report('latency', [...figures, {name: 'commits of each kind', value: COMMITS, unit: 'commits'}]);
} finally {
  for (const end of endings.reverse()) await end();
}
