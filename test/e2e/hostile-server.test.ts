/** A server that sends what no server should: each gets a coded error, the rows stay as they were, nothing is lost. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {Page} from 'playwright-core';
import {type WebSocket, WebSocketServer} from 'ws';
import type {Limits} from '../../src/index.js';
import {sharedBrowser} from './browser.js';
import {atEnd, barePages, eventually, newProfile, untilSynced} from './harness.js';

const ROW = {type: 'update', entityType: 'note', entityId: '1', data: {id: '1', body: 'as it was'}};
const WELCOME = {
  type: 'welcome',
  protocol: 1,
  subject: 'somebody',
  generation: 'g1',
  headLSN: '0/1',
  serverTime: 0,
  heartbeat: 15_000,
  limits: {operation: 1_000_000, frame: 1_000_000, operations: 100},
};

/** Greets properly, gives one row, and then whatever the test says. */
class HostileServer {
  url = '';
  welcome: object = WELCOME;
  /** Sends it as soon as a client is live. */
  afterwards: (socket: WebSocket, stream: number) => void = () => {};
  readonly #closes: number[] = [];
  #closed: (() => void) | undefined;

  static async start(test: TestContext): Promise<HostileServer> {
    const server = new HostileServer();
    const folder = await barePages(test);
    const http = createServer(async (request, response) => {
      const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
      const body = await readFile(join(folder, name)).catch(() => undefined);
      response.writeHead(body ? 200 : 404, {
        'content-type': name.endsWith('.js') ? 'text/javascript' : 'text/html',
      });
      response.end(body);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    server.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    const sockets = new WebSocketServer({server: http});
    sockets.on('connection', socket => server.#serve(socket));
    atEnd(test, () => {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
    });
    return server;
  }

  /** The code with which the client closes next. */
  async nextClose(): Promise<number> {
    if (this.#closes.length === 0) await new Promise<void>(resolve => (this.#closed = resolve));
    return this.#closes.shift() ?? 0;
  }

  #serve(socket: WebSocket): void {
    const send = (frame: object) => socket.send(JSON.stringify(frame));
    socket.on('close', code => {
      this.#closes.push(code);
      this.#closed?.();
    });
    socket.on('message', data => {
      const frame = JSON.parse(String(data));
      if (frame.type !== 'sync') return;
      const {stream} = frame;
      send(this.welcome);
      if (frame.lastLSN) {
        send({type: 'sync_start', stream, mode: 'live', generation: 'g1', lsn: frame.lastLSN});
      } else {
        send({type: 'sync_start', stream, mode: 'snapshot', generation: 'g1', lsn: '0/1', mark: 'm1'});
        send({type: 'sync_data', stream, n: 1, changes: [ROW], cursor: 'done'});
        send({type: 'sync_complete', stream, generation: 'g1', lsn: '0/1'});
      }
      this.afterwards(socket, stream);
    });
  }
}

async function openLive(page: Page, server: HostileServer, limits: Partial<Limits> = {}): Promise<void> {
  await page.goto(server.url);
  await page.evaluate(async limits => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    const codes: string[] = [];
    Object.assign(globalThis, {codes, service: new WorkerSyncService({url: '/', logger: 'silent', limits})});
    service.addEventListener('error', error => codes.push(error.code));
    const done = new Promise<void>(resolve => service.addEventListener('sync_completed', () => resolve()));
    await service.connect();
    await done;
  }, limits);
}

const change = (fields: object) => (stream: number) =>
  JSON.stringify({
    type: 'changes',
    stream,
    n: 1,
    prevLSN: '0/1',
    lsn: '0/2',
    mark: 'm',
    changes: [{...ROW, ...fields}],
  });
const chain = (fields: object) => (stream: number) =>
  JSON.stringify({type: 'changes', stream, n: 1, prevLSN: '0/1', lsn: '0/2', changes: [], ...fields});
const literal = (text: string) => () => text;
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

/** Frame by frame: what is sent, and the code it gets. */
const MALFORMED: readonly [string, (stream: number) => string, string?][] = [
  ['empty', literal('')],
  ['truncated', literal('{"type":"changes","changes":[')],
  ['null', literal('null')],
  ['an array', literal('[]')],
  ['a string', literal('"changes"')],
  ['without a type', literal('{}')],
  ['with a byte order mark', literal('\uFEFF{"type":"ping","t":1}')],
  ['with a type that is __proto__', literal('{"type":"__proto__"}')],
  ['100,000 deep', literal(`{"type":"changes","changes":${deep}}`)],
  ['over the limit', literal(JSON.stringify({type: 'x', pad: 'x'.repeat(9_000_000)})), 'frame-too-large'],
  ['with a row 100,000 deep', stream => change({})(stream).replace('"as it was"', deep)],
  ['with a million elements', stream => chain({})(stream).replace('[]', `[${'0,'.repeat(999_999)}0]`)],
  ['with 1e999', stream => change({})(stream).replace('"as it was"', '1e999')],
  ['with 2^53 + 1', stream => change({})(stream).replace('"as it was"', '9007199254740993')],
  ['with a NUL in an id', change({entityId: 'a\0b'})],
  ['with a lone surrogate in an id', stream => change({})(stream).replace('"entityId":"1"', '"entityId":"\\ud800"')],
  ['with an entity type that is __proto__', change({entityType: '__proto__'})],
  ['with an entity type that is constructor', change({entityType: 'constructor'})],
  ['with an unknown kind of change', change({type: 'toString'})],
  ['without an id', change({entityId: undefined})],
  ['with an object as id', change({entityId: {}})],
  ['with a number as id', change({entityId: 1})],
  ['with an update that has no data', change({data: undefined})],
  ['with data that is an array', change({data: []})],
  ...['', '0/', '/0', 'G/0', '-1/0', '0x1/0', '123456789/0', '0/123456789', '0/2 ', ' 0/2', '0/2/3'].map(
    lsn => [`with the LSN '${lsn}'`, chain({lsn})] as [string, (stream: number) => string],
  ),
  ['with a number as LSN', chain({lsn: 2})],
  ['with a negative n', chain({n: -1})],
];

test('malformed frames: a coded error, the socket closed with 4400, the row as it was', {
  timeout: 120_000,
}, async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  for (const [name, make, code = 'bad-frame'] of MALFORMED) {
    server.afterwards = (socket, stream) => {
      server.afterwards = () => {};
      socket.send(make(stream));
    };
    await page.evaluate(() => {
      (globalThis as unknown as {codes: string[]}).codes.length = 0;
      return service.forceConnect();
    });
    // The one that was open says goodbye; the one that got the frame is closed for it.
    assert.equal(await server.nextClose(), 1000, name);
    assert.equal(await server.nextClose(), 4400, name);
    const seen = await page.evaluate(async () => {
      const live = new Promise<void>(resolve => service.addEventListener('sync_completed', () => resolve()));
      await service.forceConnect();
      await live;
      const {codes} = globalThis as unknown as {codes: string[]};
      return {codes, row: await service.get('note', '1'), lsn: service.getState().lastLSN};
    });
    assert.deepEqual(seen.codes, [code], name);
    assert.deepEqual(seen.row, {id: '1', body: 'as it was'}, name);
    assert.equal(seen.lsn, '0/1', name);
  }
  assert.equal(await page.evaluate(() => ({}) as {polluted?: string}).then(object => object.polluted), undefined);
});

/** What parses but does not fit: the stream begins again, nothing of it is applied. */
const MISFITS: readonly [string, (stream: number) => object][] = [
  ['a gap', stream => ({type: 'changes', stream, n: 1, prevLSN: '0/5', lsn: '0/6', changes: [ROW]})],
  [
    'an LSN inside a transaction',
    stream => ({type: 'changes', stream, n: 1, prevLSN: '0/0', lsn: '0/2', changes: [ROW]}),
  ],
  [
    'a part without a first',
    stream => ({type: 'changes', stream, n: 1, prevLSN: '0/1', lsn: '0/2', part: 2, changes: [ROW]}),
  ],
  ['rows of a snapshot nobody asked for', stream => ({type: 'sync_data', stream, n: 1, changes: [ROW], cursor: 'x'})],
];

test('frames that do not fit: greeted again with the next stream, nothing applied', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  for (const [name, make] of MISFITS) {
    let greetings = 0;
    const again = new Promise<void>(resolve => {
      server.afterwards = (socket, stream) => {
        greetings++;
        if (greetings === 1) socket.send(JSON.stringify(make(stream)));
        else resolve();
      };
    });
    await page.evaluate(() => service.forceConnect());
    await again;
    server.afterwards = () => {};
    assert.deepEqual(await page.evaluate(() => service.get('note', '1')), {id: '1', body: 'as it was'}, name);
  }
});

test('answers for operations nobody sent, twice, or of another client change nothing', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  const mine = await page.evaluate(() => service.enqueue({type: 'send_message', payload: {}, id: 'mine'}));
  const heard = new Promise<void>(resolve => {
    server.afterwards = socket => {
      const ack = (id: string) => ({
        type: 'operation_ack',
        id,
        status: 'applied',
        generation: 'g1',
        lsn: '0/1',
      });
      const nack = {type: 'operation_nack', id: 'nobody', code: 'x', message: 'x', retryable: false};
      for (const frame of [ack('nobody'), nack, ack('mine'), ack('mine'), {...nack, id: 'mine'}]) {
        socket.send(JSON.stringify(frame));
      }
      resolve();
    };
  });
  await page.evaluate(() => service.forceConnect());
  await heard;
  const settlement = await page.evaluate(id => service.settled(id, {until: 'echoed'}), mine);
  assert.equal(settlement.status, 'echoed');
  const state = await page.evaluate(() => service.getState());
  assert.deepEqual([state.pending, state.failed], [0, 0]);
});

test('a server of another protocol version stops the client, which says what helps', async t => {
  const server = await HostileServer.start(t);
  server.welcome = {...WELCOME, protocol: 2};
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await page.goto(server.url);
  const state = await page.evaluate(async () => {
    const address = '/sync-elements.js';
    const {WorkerSyncService} = await import(address);
    Object.assign(globalThis, {service: new WorkerSyncService({url: '/', logger: 'silent'})});
    return [await service.connect(), service.getState()] as const;
  });
  assert.equal(state[0], false);
  assert.equal(state[1].error?.code, 'protocol-version');
  assert.equal(state[1].error?.action, 'reload');
});

test('a greeting that is malformed is refused before anything is applied', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await page.goto(server.url);
  for (const welcome of [
    {...WELCOME, subject: ''},
    {...WELCOME, headLSN: 'G/0'},
    {...WELCOME, limits: null},
    {type: 'welcome'},
  ]) {
    server.welcome = welcome;
    const rows = await page.evaluate(async () => {
      const address = '/sync-elements.js';
      const {WorkerSyncService} = await import(address);
      const service = new WorkerSyncService({url: '/', logger: 'silent', database: crypto.randomUUID()});
      const refused = new Promise(resolve => service.addEventListener('error', resolve));
      void service.connect();
      const error = (await refused) as {code: string};
      const seen = [error.code, await service.list('note')];
      await service.cleanup();
      return seen;
    });
    assert.deepEqual(rows, ['bad-frame', []]);
  }
});

test('a message of the application’s own arrives as an event, and is no error', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  server.afterwards = socket => socket.send(JSON.stringify({type: 'chat', text: 'hello'}));
  const message = await page.evaluate(async () => {
    const heard = new Promise(resolve => service.addEventListener('message', resolve));
    await service.forceConnect();
    return heard;
  });
  assert.deepEqual(message, {type: 'chat', text: 'hello'});
});

test('a flood of pings is answered in part, the next one when it is over, and the rows stay in reach', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  const pongs: number[] = [];
  const flooded = new Promise<WebSocket>(resolve => {
    server.afterwards = socket => {
      socket.on('message', data => {
        const {type, t} = JSON.parse(String(data));
        if (type === 'pong') pongs.push(t);
      });
      for (let t = 0; t < 20_000; t++) socket.send(`{"type":"ping","t":${t}}`);
      socket.send('{"type":"over"}');
      resolve(socket);
    };
  });
  await page.evaluate(async () => {
    const over = new Promise(resolve => service.addEventListener('message', resolve));
    await service.forceConnect();
    await over;
  });
  const socket = await flooded;
  await eventually('a ping is answered again', async () => {
    socket.send('{"type":"ping","t":20000}');
    return pongs.includes(20_000);
  });
  assert.deepEqual(pongs.slice(0, 3), [0, 1, 2]);
  assert.ok(pongs.length < 1000, `${pongs.length} answers`);
  assert.deepEqual(await page.evaluate(() => service.get('note', '1')), {id: '1', body: 'as it was'});
});

/** What makes a client begin its stream again, without end. */
const DEMANDS: readonly [string, (stream: number) => object][] = [
  ['to be greeted', () => ({type: 'sync_request'})],
  ['for another history', () => ({type: 'reset', generation: 'g1', reason: 'trimmed'})],
  ['for attention', () => ({type: 'sync_error', code: 'unwell', message: 'm'})],
];

test('a server that asks over and over is not done the favour: a coded error, and the next try as late as after any', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  for (const [what, make] of DEMANDS) {
    let greetings = 0;
    server.afterwards = (socket, stream) => {
      if (++greetings > 1) return;
      for (let at = 0; at < 20_000; at++) socket.send(JSON.stringify(make(stream)));
    };
    await page.evaluate(() => {
      (globalThis as unknown as {codes: string[]}).codes.length = 0;
      return service.forceConnect();
    });
    // The one that was open says goodbye; the one that floods is closed for it.
    assert.equal(await server.nextClose(), 1000, what);
    assert.equal(await server.nextClose(), 4400, what);
    await untilSynced(page);
    const codes = await page.evaluate(() => (globalThis as unknown as {codes: string[]}).codes);
    assert.deepEqual(
      codes.filter(code => code !== 'unwell'),
      ['server-flood'],
      what,
    );
    assert.ok(codes.length <= 300, `${codes.length} events when it asks ${what}`);
    assert.ok(greetings <= 3, `${greetings} greetings when it asks ${what}`);
    assert.deepEqual(await page.evaluate(() => service.get('note', '1')), {id: '1', body: 'as it was'}, what);
  }
});

test('a stream that breaks over and over ends with its line, not in greetings without end', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  let greetings = 0;
  server.afterwards = (socket, stream) => {
    greetings++;
    socket.send(JSON.stringify({type: 'changes', stream, n: 1, prevLSN: '0/5', lsn: '0/6', changes: [ROW]}));
  };
  await page.evaluate(() => service.forceConnect());
  assert.equal(await server.nextClose(), 1000);
  assert.equal(await server.nextClose(), 4400);
  assert.ok(greetings <= 12, `${greetings} greetings`);
  server.afterwards = () => {};
  await untilSynced(page);
  assert.ok((await page.evaluate(() => (globalThis as unknown as {codes: string[]}).codes)).includes('server-flood'));
});

test('a frame in 20,000 fragments is one frame', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  server.afterwards = (socket, stream) => {
    server.afterwards = () => {};
    const row = {...ROW, data: {id: '1', body: 'x'.repeat(20_000)}};
    const text = JSON.stringify({type: 'changes', stream, n: 1, prevLSN: '0/1', lsn: '0/2', changes: [row]});
    for (let at = 0; at < text.length; at++) socket.send(text[at] ?? '', {fin: at === text.length - 1});
  };
  const changed = page.evaluate(
    () => new Promise<void>(resolve => service.addEventListener('changes', ({lsn}) => lsn === '0/2' && resolve())),
  );
  await page.evaluate(() => service.forceConnect());
  await changed;
  assert.equal(String((await page.evaluate(() => service.get('note', '1')))?.['body']).length, 20_000);
});

test('whatever code a server closes with, the client tries again', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  for (const code of [undefined, 1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4242, 4999]) {
    const again = new Promise<void>(resolve => {
      server.afterwards = socket => {
        server.afterwards = () => resolve();
        // Without a code the frame is empty, and the browser says 1005.
        if (code === undefined) socket.close();
        else socket.close(code, 'for no reason');
      };
    });
    await page.evaluate(() => service.forceConnect());
    await again;
  }
  assert.equal(await page.evaluate(() => service.getState().lastLSN), '0/1');
});

test('a proxy that takes no frame over 20 kB holds up nothing but the operation that is larger by itself', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  await openLive(page, server);
  let refused = 0;
  server.afterwards = socket => {
    socket.on('message', data => {
      if (socket.readyState !== socket.OPEN) return;
      if (String(data).length > 20_000) {
        refused++;
        return socket.close(1009);
      }
      const frame = JSON.parse(String(data));
      for (const {id} of frame.type === 'operations' ? frame.ops : []) {
        socket.send(JSON.stringify({type: 'operation_ack', id, status: 'applied', generation: 'g1', lsn: '0/1'}));
      }
    });
  };
  await page.evaluate(() => service.disconnect());
  const outcomes = page.evaluate(async () => {
    const write = (id: string, size: number) =>
      service.enqueue({id, type: 'upsert', entityType: 'note', entityId: id, payload: {body: 'x'.repeat(size)}});
    await Promise.all([
      ...Array.from({length: 100}, (_, at) => write(`small${at}`, 1000)),
      write('large', 50_000),
      ...Array.from({length: 100}, (_, at) => write(`behind${at}`, 1000)),
    ]);
    void service.connect();
    const told = async (id: string) =>
      service.settled(id).then(
        ({status}) => status,
        ({code}) => code,
      );
    return [await told('behind99'), await told('small99'), await told('large')];
  });
  assert.deepEqual(await outcomes, ['echoed', 'echoed', 'operation-too-large']);
  const {codes, state} = await page.evaluate(() => ({
    codes: (globalThis as unknown as {codes: string[]}).codes,
    state: service.getState(),
  }));
  assert.ok(codes.includes('frame-too-large'), String(codes));
  assert.deepEqual([state.pending, state.failed], [0, 1]);
  assert.ok(refused > 0 && refused <= 8, `${refused} lines were closed for it`);
});

test('a server that sends more than the window allows is not believed, and no row is lost', async t => {
  const server = await HostileServer.start(t);
  const page = await (await newProfile(await sharedBrowser(t))).newPage();
  // So that a machine, however fast, is not done with one before the next two are there.
  await openLive(page, server, {windowBytes: 65_536, frameChars: 500_000});
  const exceeded = page.evaluate(
    () =>
      new Promise<void>(resolve =>
        service.addEventListener('error', ({code}) => code === 'window-exceeded' && resolve()),
      ),
  );
  server.afterwards = (socket, stream) => {
    server.afterwards = () => {};
    for (let n = 1; n <= 100; n++) {
      const row = {...ROW, entityId: `big${n}`, data: {id: `big${n}`, body: 'x'.repeat(400_000)}};
      const lsn = (at: number) => `0/${at.toString(16).toUpperCase()}`;
      socket.send(JSON.stringify({type: 'changes', stream, n, prevLSN: lsn(n), lsn: lsn(n + 1), changes: [row]}));
    }
  };
  await page.evaluate(() => service.forceConnect());
  await exceeded;
  await untilSynced(page);
  assert.deepEqual(await page.evaluate(() => service.get('note', '1')), {id: '1', body: 'as it was'});
});
