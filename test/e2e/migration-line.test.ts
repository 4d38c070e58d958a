/** What the plan's line did not know (defect 14) and what its end left behind (defect 16), in a real browser. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {type TestContext, test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {type WebSocket, WebSocketServer} from 'ws';
import {sharedBrowser} from './browser.js';
import {atEnd, eventually, newProfile, untilState, untilSynced} from './harness.js';
import {openOld} from './migration-site.js';
import {Site} from './site.js';

async function start(t: TestContext) {
  const site = await Site.start(t);
  return {site, profile: await newProfile(await sharedBrowser(t))};
}

const WELCOME = {
  ...{type: 'welcome', protocol: 1, subject: 'somebody', generation: 'g', headLSN: '0/1', serverTime: 0},
  ...{heartbeat: 15_000, limits: {operation: 1_000_000, frame: 1_000_000, operations: 100}},
};
const live = (socket: WebSocket, {stream}: {stream: number}, welcome = WELCOME) => {
  const at = {stream, generation: 'g', lsn: '0/1'};
  for (const frame of [welcome, {type: 'sync_start', mode: 'snapshot', ...at}, {type: 'sync_complete', ...at}])
    socket.send(JSON.stringify(frame));
};

/** A server that answers a greeting as the test says, and nothing else. */
async function answering(t: TestContext, greeted: (socket: WebSocket, frame: {stream: number}) => void) {
  const heard: {address: string; greeting: Record<string, unknown>}[] = [];
  const server = new WebSocketServer({port: 0, host: '127.0.0.1'});
  await once(server, 'listening');
  atEnd(t, () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket, {url = ''}) => {
    socket.on('message', data => {
      const frame = JSON.parse(String(data));
      if (frame.type !== 'sync') return;
      heard.push({address: url, greeting: frame});
      greeted(socket, frame);
    });
  });
  return {url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard};
}

/** A tab of its own whose line goes there; `happened` has its attempts to come back. */
async function connected(profile: BrowserContext, site: Site, url: string, token?: string): Promise<Page> {
  const page = await openOld(profile, site);
  await page.evaluate(
    ([url, token]) => {
      const getToken = token === undefined ? {} : {getToken: () => token};
      compat.configureSync({url, database: url, logger: 'silent', ...getToken});
      service.addEventListener('reconnecting', ({attempt}) => happened.push(attempt));
      void service.connect();
    },
    [url, token] as const,
  );
  return page;
}
const attempts = (page: Page) => page.evaluate(() => happened.length);

test('defect 14: a line that does not open, or is not greeted, or falls silent, is given up in time', async t => {
  const {site, profile} = await start(t);
  const deaf = createServer(() => {}).listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  atEnd(t, () => deaf.close());
  const mute = await answering(t, () => {});
  const silent = await answering(t, live);
  const deafUrl = `ws://127.0.0.1:${(deaf.address() as AddressInfo).port}/`;
  const [opening, greeting, talking] = await Promise.all(
    [deafUrl, mute.url, silent.url].map(url => connected(profile, site, url)),
  );
  assert.ok(opening && greeting && talking);
  await untilSynced(talking);
  // 10 s to connect and 10 s to be greeted; a ping after 15 s of silence, and 10 s for its answer.
  for (const page of [opening, greeting])
    await eventually('it is tried again', async () => (await attempts(page)) > 0, 15_000);
  assert.equal(await attempts(talking), 0, 'silence alone is not the end');
  await eventually('the silent one is left', async () => silent.heard.length > 1, 30_000);
});

test('defect 14: why the server closes decides what is done', async t => {
  const {site, profile} = await start(t);
  const closing = async (code: number, token?: string) => {
    const server = await answering(t, (socket, frame) => {
      live(socket, frame);
      socket.close(code);
    });
    return {server, page: await connected(profile, site, server.url, token)};
  };
  const [version, forbidden, signedOut, plain] = await Promise.all([
    closing(4406),
    closing(4403, 'a token'),
    closing(4401, 'a token'),
    closing(1000),
  ]);
  await untilState(version.page, "state.status === 'error' && state.error.action === 'reload'");
  await untilState(forbidden.page, "state.status === 'error' || state.status === 'needs-auth'");
  await untilState(signedOut.page, "state.status === 'needs-auth'");
  await eventually('1000 is no reason to stay away', async () => plain.server.heard.length > 1);
  assert.equal(version.server.heard.length, 1, 'a page that is too old does not come back by itself');
  const [{address, greeting} = {address: '', greeting: {}}] = signedOut.server.heard;
  assert.equal(greeting['token'], 'a token');
  assert.ok(!address.includes('token'), 'never in the address');
  assert.equal(greeting['protocol'], 1);
});

test('defect 14: another version of the protocol is not spoken', async t => {
  const {site, profile} = await start(t);
  const server = await answering(t, (socket, frame) => live(socket, frame, {...WELCOME, protocol: 2}));
  const page = await connected(profile, site, server.url);
  await untilState(page, "state.status === 'error' && state.error.action === 'reload'");
});

test('defect 16: cleanup leaves nobody waiting', async t => {
  const {site, profile} = await start(t);
  const page = await openOld(profile, site);
  const told = await page.evaluate(async () => {
    const told: Record<string, string> = {};
    const waits = (name: string, promise: Promise<unknown>) =>
      promise.then(
        value => {
          told[name] = `resolved ${value}`;
        },
        error => {
          told[name] = error.code;
        },
      );
    const {syncClientCompat: client, globalConnectionTracker: tracker, syncMessageHandler: handler} = compat;
    // A port at which nobody listens, so that all of it has something to wait for.
    compat.configureSync({url: 'ws://127.0.0.1:9/', logger: 'silent'});
    await client.initialize();
    const id = await service.put('note', '1', {id: '1'});
    const attempt = tracker.startConnectionAttempt('a');
    await attempt.turn;
    const all = [
      waits('connect', client.connect()),
      waits('settled', service.settled(id)),
      waits('flush', service.flush()),
      waits(
        'data',
        new Promise((resolve, reject) =>
          client.queueOperation({type: 'send_message', payload: 1, resolve: () => resolve(1), reject}),
        ),
      ),
      waits(
        'function',
        new Promise((resolve, reject) => client.queueOperation({execute: () => {}, resolve: () => resolve(1), reject})),
      ),
      waits('attempt', tracker.waitForExistingAttempt('a')),
      waits('frame', handler.handleMessage({type: 'changes', lsn: '0/1', changes: []})),
    ];
    await new Promise<void>(queued => {
      const look = async () => ((await service.operations()).length === 2 ? queued() : void look());
      void look();
    });
    tracker.cleanup();
    await Promise.all([client.cleanup(), handler.cleanup(), compat.cleanupBackgroundSync()]);
    // Who still waits then is missing from what is told.
    await Promise.race([Promise.all(all), new Promise(late => setTimeout(late, 10_000))]);
    return told;
  });
  assert.deepEqual(told, {
    ...{connect: 'closed', settled: 'closed', flush: 'closed', data: 'closed', function: 'cancelled'},
    ...{attempt: 'closed', frame: 'closed'},
  });
  const {held, pending} = await page.evaluate(async () => {
    const {held = [], pending = []} = await navigator.locks.query();
    return {held: held.length, pending: pending.length};
  });
  assert.deepEqual({held, pending}, {held: 0, pending: 0}, 'no lock is left');
});
