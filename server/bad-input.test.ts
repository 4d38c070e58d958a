/** Hostile frames: each gets its code, and another client goes on unharmed. */
import assert from 'node:assert/strict';
import {connect} from 'node:net';
import {after, describe, it} from 'node:test';
import {Rate} from './session/rate.js';
import {TestClient} from './testing/client.js';
import {startServer, write} from './testing/harness.js';

const running = await startServer({limits: {bytesPerSecond: 1e9}});
const bystander = await TestClient.greet(running.url);
await bystander.next('sync_complete');
after(() => bystander.end());

async function unharmed(): Promise<void> {
  await write(running.source, 'task', {witness: {title: String(Math.random())}});
  await bystander.next('changes', frame => frame.lsn === running.source.head.lsn);
}

const op = {id: 'x', seq: 1, type: 'upsert', entityType: 'task', entityId: 'a', timestamp: 0, payload: {}};
const operations = (change: object) => JSON.stringify({type: 'operations', ops: [{...op, ...change}], settled: 0});

const TEXTS: Record<string, string> = {
  'an empty frame': '',
  'white space': '  ',
  'truncated JSON': '{"type":"ping","t"',
  null: 'null',
  'an array': '[]',
  'a string': '"sync"',
  'a number': '1',
  'a byte order mark': '\ufeff{"type":"ping","t":1}',
  'no type': '{}',
  'a type that is a number': '{"type":1}',
  'JSON 100,000 deep': `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'a payload 100,000 deep': operations({payload: 0}).replace(
    '"payload":0',
    `"payload":${'['.repeat(1e5)}${']'.repeat(1e5)}`,
  ),
  'a ping without time': '{"type":"ping"}',
  'a ping at 1e999': '{"type":"ping","t":1e999}',
  'a payload with 1e999': operations({payload: 0}).replace('"payload":0', '"payload":{"n":1e999}'),
  'a payload with 2^53 + 1': operations({payload: 0}).replace('"payload":0', '"payload":{"n":9007199254740993}'),
  'received beyond what was sent': '{"type":"received","stream":1,"n":1000}',
  'received of minus one': '{"type":"received","stream":1,"n":-1}',
  'operations that are none': '{"type":"operations","ops":{},"settled":0}',
  'operations without settled': '{"type":"operations","ops":[]}',
  'an operation that is null': '{"type":"operations","ops":[null],"settled":0}',
  'an operation without id': operations({id: undefined}),
  'an operation with an empty id': operations({id: ''}),
  'an operation with NUL in its id': operations({id: 'a\0b'}),
  'an operation with a lone surrogate in its id': operations({id: 'a'})
    .replace('"a"', '"\\ud800"')
    .replace('"id":"a"', '"id":"\\ud800"'),
  'an operation whose id is an object': operations({id: {}}),
  'an operation whose entity is NaN': operations({entityId: Number.NaN, seq: null}),
  'an operation of type __proto__': operations({type: '__proto__'}),
  'operations beyond the limit': JSON.stringify({
    type: 'operations',
    ops: Array.from({length: 501}, () => op),
    settled: 0,
  }),
  'a million elements': `{"type":"operations","ops":[${'0,'.repeat(500_000)}0],"settled":0}`,
  'another instance in a second greeting': JSON.stringify({
    type: 'sync',
    protocol: 1,
    clientId: 'c',
    instance: 'other',
    epoch: 1,
    stream: 9,
    settled: 0,
    window: 1,
  }),
};

describe('a frame that can not be read closes its own connection with 4400', () => {
  for (const [what, text] of Object.entries(TEXTS)) {
    it(what, async () => {
      const client = await TestClient.greet(running.url);
      await client.next('sync_complete');
      client.send(text);
      assert.equal((await client.next('sync_error')).code, 'bad-frame');
      assert.equal((await client.closed).code, 4400);
      await unharmed();
    });
  }

  it('a binary frame', async () => {
    const client = await TestClient.greet(running.url);
    client.ws.send(Buffer.from('{"type":"ping","t":1}'));
    assert.equal((await client.closed).code, 4400);
    await unharmed();
  });
});

describe('the WebSocket itself', () => {
  it('ends a message above the limit with 1009', async () => {
    const client = await TestClient.greet(running.url);
    client.send(`"${'x'.repeat(10_000_000)}"`);
    assert.equal((await client.closed).code, 1009);
    await unharmed();
  });

  it('ends invalid UTF-8 with 1007', async () => {
    const client = await TestClient.greet(running.url);
    client.ws.send(Buffer.from([0xff, 0xfe]), {binary: false});
    assert.equal((await client.closed).code, 1007);
    await unharmed();
  });

  it('ends 100,000 fragments of one message', async () => {
    const client = await TestClient.greet(running.url);
    for (let index = 0; index < 100_000; index++) client.ws.send('', {fin: false});
    assert.notEqual((await client.closed).code, 1000);
    await unharmed();
  });

  it('ends a flood of pings', async () => {
    const {url, server} = await startServer({limits: {framesPerSecond: 10}});
    const client = await TestClient.greet(url);
    for (let index = 0; index < 200; index++) client.ws.ping();
    // The close frame may be lost with what the client still sends.
    assert.ok([4429, 1006].includes((await client.closed).code));
    assert.deepEqual(server.stats().closed, {'slow-down': 1});
  });

  it('ends a flood of greetings, or of tokens, and asks neither host nor database for each', async () => {
    let asked = 0;
    const authenticate = () => {
      asked++;
      return {subject: 'ana'};
    };
    const {url, server} = await startServer({authenticate});
    for (const flood of ['sync', 'token']) {
      const client = await TestClient.greet(url, {instance: flood, token: 't', stream: 1});
      asked = 0;
      for (let at = 2; at < 2000; at++) {
        if (flood === 'sync') client.sync({instance: flood, token: 't', stream: at});
        else client.send({type: 'token', token: 't'});
      }
      client.send({type: 'ping', t: 1});
      const unmoved = client.next('pong').then(
        () => undefined,
        () => client.closed,
      );
      const {code} = (await Promise.race([client.closed, unmoved])) ?? {code: undefined};
      assert.ok(code === 4429 || code === 1006, `${flood}: ${code}`);
      assert.ok(asked <= 51, `${asked} times`);
    }
    assert.deepEqual(server.stats().closed, {'slow-down': 2});
  });

  for (const code of [1000, 1001, 3000, 4999]) {
    it(`takes the close code ${code} for a goodbye`, async () => {
      const client = await TestClient.greet(running.url);
      client.ws.close(code);
      await client.closed;
      await unharmed();
    });
  }

  it('survives garbage in place of a handshake', async () => {
    const socket = connect(running.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.end('GET /api/sync HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x00\xff\x00');
    await new Promise(resolve => socket.on('close', resolve));
    await unharmed();
  });
});

describe('a frame that can be read', () => {
  it('of an unknown type is reported, and only a hundred of them close', async () => {
    const client = await TestClient.greet(running.url);
    for (const type of ['toString', 'hasOwnProperty', 'welcome']) {
      client.send({type});
      const error = await client.next('sync_error');
      assert.deepEqual([error.code, error.message.includes(type)], ['unknown-frame', true]);
    }
    for (let index = 0; index < 100; index++) client.send({type: `t${index}`});
    assert.equal((await client.closed).code, 4400);
    await unharmed();
  });

  it('may have unknown fields, __proto__ and duplicate keys among them', async () => {
    const client = await TestClient.greet(running.url);
    client.send('{"type":"pong","type":"ping","t":1,"t":2,"__proto__":{"t":3},"constructor":4,"toString":5}');
    assert.equal((await client.next('pong')).t, 2);
    assert.equal(({} as Record<string, unknown>)['t'], undefined);
  });

  it('sends more operations than allowed for a second, and is told for each when to try again; the line stays', async () => {
    const {url} = await startServer({limits: {operationsPerSecond: 1}});
    const client = await TestClient.greet(url);
    const ops = (from: number, count: number) =>
      Array.from({length: count}, (_, index) => ({id: `o${from + index}`, entityType: 'task', entityId: 'a'}));
    client.operations(ops(0, 10));
    client.operations(ops(10, 3));
    for (const {id} of ops(0, 10)) assert.equal((await client.answer(id)).type, 'operation_ack');
    for (const {id} of ops(10, 3)) {
      const answer = await client.answer(id);
      assert.ok(answer.type === 'operation_nack');
      assert.deepEqual([answer.code, answer.retryable], ['slow-down', true]);
      assert.ok((answer.retryAfter ?? 0) > 0 && (answer.retryAfter ?? 0) <= 3000, String(answer.retryAfter));
    }
    client.send({type: 'ping', t: 5});
    assert.equal((await client.next('pong')).t, 5);
  });
});

describe('a rate', () => {
  it('lets bursts of ten seconds through, and says how long to wait then; what it refuses costs nothing', () => {
    let now = 0;
    const rate = new Rate(100, () => now);
    assert.equal(rate.waitFor(1000), 0);
    assert.equal(rate.waitFor(50), 500);
    assert.equal(rate.waitFor(50), 500);
    now = 250;
    assert.equal(rate.waitFor(50), 250);
    now = 500;
    assert.equal(rate.waitFor(50), 0);
    assert.equal(rate.take(1), false);
  });
  it('lets more than a burst through when it is full, and then makes up for it', () => {
    let now = 0;
    const rate = new Rate(100, () => now);
    assert.equal(rate.waitFor(3000), 0);
    now = 20_000;
    assert.equal(rate.waitFor(1), 10);
  });
});
