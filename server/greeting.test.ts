/** Who is let in, who is sent away, and with which code. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {SyncFrame} from '../src/protocol/protocol.js';
import {originAllowed} from './http/origin.js';
import type {SyncServerOptions} from './index.js';
import {Counters} from './session/counters.js';
import {GREETING, TestClient} from './testing/client.js';
import {startServer, write} from './testing/harness.js';

/** The code of the error and of the close that end this connection. */
async function ending(client: TestClient): Promise<[string, number]> {
  const {code} = await client.next('sync_error');
  return [code, (await client.closed).code];
}

const withTokens: Partial<SyncServerOptions> = {
  authenticate: ({token}) => {
    if (token === 'throws') throw new Error('bad signature');
    if (token === 'expired') return {subject: 'ann', expires: Date.now() - 1};
    if (token === 'short') return {subject: 'ann', expires: Date.now() + 150};
    return token ? {subject: token.split('-')[0] ?? '', expires: Date.now() + 60_000} : null;
  },
  limits: {heartbeat: 200},
};

describe('the greeting', () => {
  it('is answered by a welcome with all a client has to know', async () => {
    const {source, url} = await startServer();
    const client = await TestClient.connect(url);
    client.sync();
    const {serverTime, ...rest} = await client.next('welcome');
    assert.ok(Math.abs(serverTime - Date.now()) < 60_000);
    assert.deepEqual(rest, {
      type: 'welcome',
      protocol: 1,
      subject: 'anonymous',
      generation: source.generation,
      headLSN: source.head.lsn,
      heartbeat: 15_000,
      limits: {operation: 1_000_000, frame: 1024 * 1024, operations: 500},
    });
  });

  it('has to come in time', async () => {
    const {url} = await startServer({limits: {greeting: 40}});
    assert.deepEqual(await ending(await TestClient.connect(url)), ['no-greeting', 4408]);
  });

  it('has to come in time even while the host thinks about the token', async () => {
    const {url} = await startServer({limits: {greeting: 40}, authenticate: () => new Promise(() => {})});
    const client = await TestClient.connect(url);
    client.sync();
    assert.deepEqual(await ending(client), ['no-greeting', 4408]);
  });

  for (const [what, frame, code, close] of [
    ['operations first', {type: 'operations', ops: [], settled: 0}, 'greeting-expected', 4400],
    ['a ping first', {type: 'ping', t: 1}, 'greeting-expected', 4400],
    ['an unknown frame first', {type: 'hello'}, 'greeting-expected', 4400],
    ['version 2', {...GREETING, protocol: 2}, 'protocol-version', 4406],
    ['version 2 of another shape', {type: 'sync', protocol: 2}, 'protocol-version', 4406],
    ['no instance', {...GREETING, instance: undefined}, 'bad-frame', 4400],
    ['an empty instance', {...GREETING, instance: ''}, 'bad-frame', 4400],
    ['an epoch below zero', {...GREETING, epoch: -1}, 'bad-frame', 4400],
    ['a fraction of a stream', {...GREETING, stream: 1.5}, 'bad-frame', 4400],
    ['more than 16 KiB', {...GREETING, token: 'x'.repeat(16_384)}, 'frame-too-large', 4400],
    ['an unknown type', {...GREETING, want: ['toString']}, 'unknown-type', 4403],
    ['an unknown column', {...GREETING, want: [{type: 'only', where: {__proto: 1}}]}, 'unknown-type', 4403],
    ['a filter that is no value', {...GREETING, want: [{type: 'task', where: {a: [1]}}]}, 'unknown-column', 4403],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      const {url} = await startServer();
      const client = await TestClient.connect(url);
      client.send(frame);
      assert.deepEqual(await ending(client), [code, close]);
    });
  }

  for (const lsn of ['', '0/', '/0', 'G/0', '-1/0', '0x1/0', '123456789/0', ' 0/1', '0/1 ', 7, null, {}]) {
    it(`is refused or taken as absent with the LSN ${JSON.stringify(lsn)}`, async () => {
      const {url} = await startServer();
      const client = await TestClient.connect(url);
      client.send({...GREETING, lastLSN: lsn});
      if (lsn === null) assert.equal((await client.next('sync_start')).mode, 'snapshot');
      else assert.deepEqual(await ending(client), ['bad-frame', 4400]);
    });
  }

  it('bounds the sockets that have not greeted, and those of a subject', async () => {
    const {url} = await startServer({limits: {socketsBeforeGreeting: 2, socketsPerSubject: 1}});
    const first = await TestClient.greet(url);
    const second = await TestClient.connect(url);
    const third = await TestClient.connect(url);
    await assert.rejects(TestClient.connect(url), /503/);
    second.sync();
    assert.deepEqual(await ending(second), ['slow-down', 4429]);
    await third.end();
    await first.next('sync_start');
  });
});

describe('a token', () => {
  for (const token of [undefined, '', 'expired', 'throws']) {
    it(`is refused: ${String(token)}`, async () => {
      const {url} = await startServer(withTokens);
      const client = await TestClient.connect(url);
      client.sync(token === undefined ? {} : {token});
      assert.deepEqual(await ending(client), ['unauthorized', 4401]);
    });
  }

  it("of another subject gets a welcome that names the right one, no rows, and the close code 'forbidden'", async () => {
    const {url} = await startServer(withTokens);
    const client = await TestClient.connect(url);
    client.sync({token: 'ann-1', subject: 'bob'});
    assert.equal((await client.next('welcome')).subject, 'ann');
    const error = await client.next('sync_error');
    assert.deepEqual([error.code, error.subject], ['wrong-subject', 'ann']);
    assert.equal((await client.closed).code, 4403);
    assert.equal(client.frames.length, 2);
  });

  it('is enforced when it expires, unless it was refreshed', async () => {
    const {url} = await startServer(withTokens);
    const expiring = await TestClient.greet(url, {token: 'short'});
    const refreshed = await TestClient.greet(url, {token: 'short'});
    refreshed.send({type: 'token', token: 'ann-2'});
    assert.deepEqual(await ending(expiring), ['token-expired', 4401]);
    refreshed.send({type: 'ping', t: 3});
    await refreshed.next('pong');
  });

  it('of another subject is no refresh', async () => {
    const {url} = await startServer(withTokens);
    const client = await TestClient.greet(url, {token: 'ann-1'});
    client.send({type: 'token', token: 'bob-1'});
    assert.deepEqual(await ending(client), ['wrong-subject', 4403]);
  });
});

describe('fencing', () => {
  const greet = (url: string, epoch: number, more: Partial<SyncFrame> = {}) =>
    TestClient.greet(url, {instance: 'i', epoch, ...more});

  it('closes the older leader when a newer one greets, and turns it away afterwards', async () => {
    const {url, server} = await startServer();
    const old = await greet(url, 5);
    await greet(url, 6);
    assert.deepEqual(await ending(old), ['fenced', 4409]);
    const back = await TestClient.connect(url);
    back.sync({instance: 'i', epoch: 5});
    assert.deepEqual(await ending(back), ['fenced', 4409]);
    assert.deepEqual(server.stats().instances, {i: 1});
    assert.equal(server.stats().overlaps, 0);
  });

  it('is watched: two of one instance at a time are counted', () => {
    const counters = new Counters();
    counters.entered('ann', 'i');
    counters.entered('bob', 'i');
    counters.left('ann', 'i');
    counters.entered('ann', 'i');
    assert.equal(counters.values().overlaps, 0);
    counters.entered('ann', 'i');
    assert.equal(counters.values().overlaps, 1);
  });

  it('is remembered by the source', async () => {
    const {source, server, url} = await startServer();
    await greet(url, 5);
    await server.close();
    const again = await startServer({source});
    const back = await TestClient.connect(again.url);
    back.sync({instance: 'i', epoch: 4});
    assert.deepEqual(await ending(back), ['fenced', 4409]);
  });

  it('lets the same leader come back, and ends the socket it left behind', async () => {
    const {url} = await startServer();
    const half = await greet(url, 5);
    const back = await greet(url, 5);
    assert.equal((await half.closed).code, 4409);
    await back.next('sync_complete');
  });

  it('turns a greeting away that its leader has long given up, and leaves the newer one in place', async () => {
    const {url} = await startServer();
    const present = await greet(url, 5, {stream: 2});
    const late = await TestClient.connect(url);
    late.sync({instance: 'i', epoch: 5, stream: 1});
    assert.deepEqual(await ending(late), ['fenced', 4409]);
    present.send({type: 'ping', t: 1});
    await present.next('pong');
    // The next leader counts from one again.
    await greet(url, 6, {stream: 1});
    assert.equal((await present.closed).code, 4409);
  });

  it('does not reach across subjects', async () => {
    const {url} = await startServer(withTokens);
    const ann = await greet(url, 5, {token: 'ann-1'});
    await greet(url, 9, {token: 'bob-1'});
    ann.send({type: 'ping', t: 1});
    await ann.next('pong');
  });

  it('stops two databases of one identity that keep replacing each other', async () => {
    const {url} = await startServer();
    const codes: number[] = [];
    let last = await greet(url, 5);
    for (let index = 0; index < 6; index++) {
      const before = last;
      last = await TestClient.connect(url);
      last.sync({instance: 'i', epoch: 5});
      codes.push(await Promise.race([before.closed, last.closed]).then(({code}) => code));
    }
    assert.deepEqual(codes, [4409, 4409, 4409, 4409, 4409, 4410]);
  });
});

describe('the origin', () => {
  const same = {origins: undefined, allowNoOrigin: true};
  const listed = {origins: ['https://app.example', 'null'], allowNoOrigin: false};
  for (const [origin, host, rules, allowed] of [
    ['https://app.example', 'app.example', same, true],
    ['http://app.example:8080', 'app.example:8080', same, true],
    ['https://app.example.evil.test', 'app.example', same, false],
    ['https://evil-app.example', 'app.example', same, false],
    ['https://app.example:444', 'app.example', same, false],
    ['https://app.example/', 'app.example', same, false],
    ['https://user@app.example', 'app.example', same, false],
    ['null', 'app.example', same, false],
    ['', 'app.example', same, false],
    ['file://', '', same, false],
    ['javascript:alert(1)', 'app.example', same, false],
    [undefined, 'app.example', same, true],
    ['https://app.example', undefined, same, false],
    ['https://app.example', 'other.example', listed, true],
    ['https://app.example.evil.test', 'app.example', listed, false],
    ['null', 'app.example', listed, true],
    [undefined, 'app.example', listed, false],
    ['https://anything.example', 'x', {origins: '*', allowNoOrigin: true}, true],
  ] as const) {
    it(`${JSON.stringify(origin)} at ${host} is ${allowed ? 'allowed' : 'refused'}`, () => {
      assert.equal(originAllowed(origin, host, rules), allowed);
    });
  }

  it('is refused with 403 before anything else happens', async () => {
    const {url, server} = await startServer();
    await assert.rejects(TestClient.connect(url, {origin: 'https://127.0.0.1.evil.test'}), /403/);
    await assert.rejects(TestClient.connect(url, {origin: 'null'}), /403/);
    await assert.rejects(TestClient.connect(url.replace('/api/sync', '/other')), /404/);
    assert.deepEqual([server.stats().accepted, server.stats().refused], [0, 3]);
    await TestClient.connect(url, {origin: new URL(url).origin.replace('ws:', 'http:')});
  });
});

describe('life', () => {
  it('is asked for by a ping, and a silent peer is dropped', async () => {
    const {url} = await startServer({limits: {heartbeat: 60, deadAfter: 60}});
    const lively = await TestClient.greet(url);
    const dead = await TestClient.greet(url);
    dead.ws.removeAllListeners('message');
    assert.equal((await dead.closed).code, 1006);
    await lively.next('ping');
    lively.send({type: 'ping', t: 5});
    assert.equal((await lively.next('pong')).t, 5);
  });

  it('is each piece of a long frame, however long the whole of it takes', async () => {
    const {url} = await startServer({limits: {heartbeat: 200, deadAfter: 800}});
    // Pinged each time that it has been silent for so long, it says that the server has looked at the other as well.
    const witness = await TestClient.greet(url);
    const {ws, closed} = await TestClient.greet(url);
    // Its ping comes between the pieces, where no answer can be given.
    ws.removeAllListeners('message');
    const answered = new Promise(resolve => {
      ws.on('message', data => String(data).startsWith('{"type":"pong"') && resolve('answered'));
    });
    for (const piece of ['{', '"type"', ':', '"ping"', ',', '"t"', ':', '1']) {
      ws.send(piece, {fin: false});
      await Promise.race([witness.next('ping'), closed]);
      witness.send({type: 'pong', t: 1});
    }
    ws.send('}', {fin: true});
    assert.equal(await Promise.race([answered, closed]), 'answered');
  });
});

it('nothing unpublished is readable', async () => {
  const {source, url} = await startServer({publish: {task: {columns: ['title']}}});
  const client = await TestClient.greet(url);
  await client.next('sync_complete');
  await write(source, 'task', {a: {title: '1'}});
  assert.deepEqual((await client.next('changes')).changes[0]?.data, {id: 'a', title: '1'});
  client.sync({stream: 2, want: ['note']});
  assert.deepEqual(await ending(client), ['bad-frame', 4400]);
});
