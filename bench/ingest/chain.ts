/**
 * The whole chain, as a newcomer sees it: 171,075 places out of an embedded Postgres, over a socket, into a worker, durable
 * with their checkpoint, while the demo page shows its progress. Each round also runs it cut short: the server's reading
 * alone; to a client that only acknowledges; to a worker that receives and parses. What each stretch adds is its share.
 */
import {fork} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import type {Browser} from 'playwright-core';
import {WebSocket} from 'ws';
import {atEnd, newProfile, type Scope, startBrowser, temporaryFolder} from '../../test/e2e/harness.js';
import {type PageTasks, tracePageTasks} from '../page-tasks.js';
import type {Figure} from '../report.js';
import {quantile} from '../statistics.js';
import type {ChainMessage, ChainSetup} from './chain-server.js';
import {scoped} from './stage.js';

const PLACES = 171_075;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pages = here('../../demo-dist');

interface Run {
  rows: number;
  ms: number;
}

async function startServer(scope: Scope) {
  const setup: ChainSetup = {dataDir: await temporaryFolder(scope), pages};
  const child = fork(here('chain-server.ts'), {
    env: {...process.env, SETUP: JSON.stringify(setup)},
    execArgv: ['--import', 'tsx'],
  });
  atEnd(scope, async () => {
    const gone = once(child, 'exit');
    if (child.kill('SIGKILL')) await gone;
  });
  const heard = async <K extends ChainMessage['kind']>(kind: K) => {
    const [message] = (await once(child, 'message')) as [ChainMessage];
    if (message.kind !== kind) throw new Error(`Instead of '${kind}' the server said '${message.kind}'`);
    return message as Extract<ChainMessage, {kind: K}>;
  };
  const {port} = await heard('listening');
  return {
    url: `http://127.0.0.1:${port}/`,
    socket: `ws://127.0.0.1:${port}/api/sync`,
    async read(): Promise<Run> {
      child.send('read');
      return heard('read');
    },
  };
}

/** To a client that looks at no frame more than to acknowledge it. */
async function sent(socketUrl: string): Promise<Run> {
  const socket = new WebSocket(socketUrl, {perMessageDeflate: false, maxPayload: 16 * 1024 * 1024});
  await once(socket, 'open');
  const started = performance.now();
  const say = (frame: object) => socket.send(JSON.stringify(frame));
  const rows = new Promise<number>((resolve, reject) => {
    let total = 0;
    socket.on('close', code => reject(new Error(`The server closed the socket (${code})`)));
    socket.on('message', data => {
      const text = String(data);
      const n = /^\{"type":"sync_data","stream":1,"n":(\d+)/.exec(text)?.[1];
      if (n !== undefined) return say({type: 'received', stream: 1, n: Number(n)});
      const frame = JSON.parse(text);
      if (frame.type === 'sync_start') total = frame.total;
      if (frame.type === 'sync_complete') resolve(total);
    });
  });
  say({
    type: 'sync',
    protocol: 1,
    clientId: 'sent',
    instance: crypto.randomUUID(),
    epoch: 1,
    stream: 1,
    want: ['place'],
    settled: 1,
    window: 1024 * 1024,
  });
  const result = {rows: await rows, ms: performance.now() - started};
  socket.removeAllListeners('close');
  socket.terminate();
  return result;
}

/** Milliseconds from the click to the last row, and how the page fared. */
async function ours(browser: Browser, url: string): Promise<Run & {tasks: PageTasks}> {
  const profile = await newProfile(browser);
  const page = await profile.newPage();
  // Opened with the line held, so that the measurement begins with the connection and not with the page's loading.
  await page.goto(`${url}places.html`);
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
async function bare(browser: Browser, {url, socket}: {url: string; socket: string}): Promise<Run> {
  const profile = await newProfile(browser);
  const page = await profile.newPage();
  await page.goto(url);
  const cdp = await profile.newCDPSession(page);
  // The page's policy allows no worker from a blob; this one is ours, not the page's.
  await cdp.send('Page.setBypassCSP', {enabled: true});
  await page.reload();
  const result = await page.evaluate(
    ({url, source}) =>
      new Promise<Run>((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
        worker.onmessage = event => resolve(event.data);
        worker.onerror = event => reject(new Error(event.message));
        worker.postMessage(url);
      }),
    {url: socket, source: await readFile(here('chain-bare-worker.js'), 'utf8')},
  );
  await profile.close();
  return result;
}

export function chainFigures(rounds: number): Promise<Figure[]> {
  return scoped(async scope => {
    const server = await startServer(scope);
    const browser = await startBrowser(scope);
    const runs: Record<'read' | 'sent' | 'bare' | 'ours', Run[]> = {read: [], sent: [], bare: [], ours: []};
    const tasks: PageTasks[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.read.push(await server.read());
      runs.sent.push(await sent(server.socket));
      runs.bare.push(await bare(browser, server));
      const whole = await ours(browser, server.url);
      runs.ours.push(whole);
      tasks.push(whole.tasks);
    }
    const rows = Math.min(
      ...Object.values(runs)
        .flat()
        .map(run => run.rows),
    );
    const time = (kind: keyof typeof runs) =>
      quantile(
        runs[kind].map(run => run.ms),
        0.5,
      );
    const rate = (kind: keyof typeof runs) => (PLACES / time(kind)) * 1000;
    const share = (ms: number) => (100 * ms) / time('ours');
    return [
      {name: 'places: rows, in the worst run', value: rows, unit: 'rows', goal: {atLeast: PLACES}},
      {name: 'places, whole chain, durable', value: rate('ours'), unit: 'rows/s'},
      {name: 'of its time: the server', value: share(time('sent')), unit: '%'},
      {name: 'of its time: wire and parsing besides', value: share(time('bare') - time('sent')), unit: '%'},
      {name: 'of its time: applying besides', value: share(time('ours') - time('bare')), unit: '%'},
      {name: "the server's own bare keyset read", value: rate('read'), unit: 'rows/s'},
      {name: 'the server, to a client that only acknowledges', value: rate('sent'), unit: 'rows/s'},
      {name: 'server against its own keyset read', value: time('read') / time('sent'), unit: '×', goal: {atLeast: 0.5}},
      {
        name: 'places: page tasks over 50 ms of thread time',
        value: Math.max(...tasks.map(task => task.over50)),
        unit: 'tasks',
        goal: {atMost: 0},
      },
      {name: 'places: longest page task', value: Math.max(...tasks.map(task => task.longest)), unit: 'ms'},
      {
        name: 'places: page tasks seen',
        value: Math.min(...tasks.map(task => task.count)),
        unit: 'tasks',
        goal: {atLeast: 1},
      },
    ];
  });
}
