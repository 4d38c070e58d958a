/** Catch-up and live as a client meets them, and checkpoints that are not what they say. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {SyncFrame} from '../src/protocol/protocol.js';
import {MemorySource} from './index.js';
import {TestClient} from './testing/client.js';
import {manyRows, startServer, TABLES, write} from './testing/harness.js';
import {checkpoint, replica} from './testing/replica.js';

describe('catching up', () => {
  it('brings whole transactions in order, then completes', async () => {
    const {source, url} = await startServer();
    const {head} = source;
    for (const title of ['1', '2', '3']) await write(source, 'task', {a: {title}, b: {title}});
    const client = await TestClient.greet(url, checkpoint(source.generation, head.lsn, head.mark));
    const start = await client.next('sync_start');
    assert.deepEqual([start.mode, start.lsn], ['catchup', head.lsn]);
    for (const title of ['1', '2', '3']) {
      const {changes, mark} = await client.next('changes');
      assert.deepEqual(
        changes.map(change => change.data?.['title']),
        [title, title],
      );
      assert.equal(typeof mark, 'string');
    }
    assert.equal((await client.next('sync_complete')).lsn, source.head.lsn);
    replica(client);
  });

  it('with nothing to catch up is live at once', async () => {
    const {source, url} = await startServer();
    const {lsn, mark} = source.head;
    const client = await TestClient.greet(url, checkpoint(source.generation, lsn, mark));
    assert.deepEqual((await client.next('sync_start')).mode, 'live');
    await write(source, 'task', {a: {title: '1'}});
    assert.equal((await client.next('changes')).prevLSN, lsn);
    assert.ok(client.frames.every(frame => frame.type !== 'sync_complete'));
  });

  it('sends a huge transaction in parts with one pair of LSNs', async () => {
    const {source, url} = await startServer();
    const {head} = source;
    await write(source, 'task', manyRows(5000, 100));
    const client = await TestClient.greet(url, checkpoint(source.generation, head.lsn, head.mark));
    await client.next('sync_complete');
    const parts = client.frames.filter(frame => frame.type === 'changes');
    assert.ok(parts.length > 3);
    assert.deepEqual(
      parts.map(({part}) => part),
      parts.map((_, index) => index + 1),
    );
    assert.deepEqual(
      parts.map(({final}) => final ?? false),
      parts.map((_, index) => index === parts.length - 1),
    );
    assert.ok(parts.every(frame => frame.prevLSN === head.lsn && frame.lsn === source.head.lsn));
    assert.equal(replica(client).size, 5000);
  });

  it('sends one change larger than a frame alone', async () => {
    const {source, url} = await startServer();
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    await write(source, 'task', {a: {title: '1'}, big: {title: 'x'.repeat(300_000)}, c: {title: '3'}});
    await client.next('changes', frame => frame.final === true);
    assert.equal(replica(client).size, 3);
  });

  it('says of a frame that is longer than most how long it is, right before it, and of no other', async () => {
    const {source, url} = await startServer();
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    const rows = {a: {title: 'x'.repeat(120_000)}, b: {title: 'é'.repeat(200_000)}, c: {title: 'x'}};
    for (const [id, row] of Object.entries(rows)) await write(source, 'task', {[id]: row});
    await client.next('changes', ({changes}) => changes[0]?.entityId === 'c');
    const types = client.frames.map(({type}) => type);
    const at = types.indexOf('large_frame');
    assert.deepEqual(types.slice(at - 1), ['changes', 'large_frame', 'changes', 'changes']);
    const [said, large] = client.frames.slice(at);
    assert.deepEqual(said, {type: 'large_frame', bytes: Buffer.byteLength(JSON.stringify(large))});
  });

  it('takes another subscription for a snapshot', async () => {
    const {source, url} = await startServer();
    const {lsn, mark} = source.head;
    const client = await TestClient.greet(url, {...checkpoint(source.generation, lsn, mark), want: ['task']});
    assert.equal((await client.next('sync_start')).mode, 'snapshot');
    assert.ok(client.frames.every(frame => frame.type !== 'reset'));
  });
});

describe('a checkpoint that can not be trusted', () => {
  const cases: Record<string, (source: MemorySource) => Partial<SyncFrame>> = {
    generation: ({head}) => checkpoint('another', head.lsn, head.mark),
    ahead: source => checkpoint(source.generation, 'FF/0', 'x'),
    'unknown-mark': source => checkpoint(source.generation, source.head.lsn, 'x'),
    trimmed: source => checkpoint(source.generation, '0/0'),
  };
  for (const [reason, greeting] of Object.entries(cases)) {
    it(`is answered by reset (${reason}) and a snapshot on the same stream`, async () => {
      const source = new MemorySource({tables: TABLES});
      const {url} = await startServer({source});
      await write(source, 'task', {a: {title: '1'}});
      const client = await TestClient.greet(url, greeting(source));
      const reset = await client.next('reset');
      assert.deepEqual([reset.reason, reset.generation], [reason, source.generation]);
      assert.deepEqual((await client.next('sync_start')).mode, 'snapshot');
      await client.next('sync_complete');
      assert.equal(replica(client).size, 1);
    });
  }

  it('is found when the log is trimmed under a slow client', async () => {
    const {source, url} = await startServer();
    const first = await TestClient.connect(url);
    first.acknowledge = false;
    first.sync({window: 1});
    await first.next('sync_data');
    for (const title of ['1', '2']) await write(source, 'task', {big: {title: title.repeat(3_000_000)}});
    await write(source, 'task', {a: {title: '3'}});
    await source.trim({rows: 0, milliseconds: 1e9});
    first.acknowledge = true;
    first.send({type: 'received', stream: 1, n: 1});
    assert.equal((await first.next('reset')).reason, 'trimmed');
    await first.next('sync_complete');
    assert.equal(replica(first).size, 2);
  });

  it('is found when the log is trimmed before anybody has read what it held, and the next commit comes through', async () => {
    const source = new MemorySource({tables: TABLES});
    // Asked before the server is, it is told of a commit first.
    const unsubscribe = source.subscribe(() => void source.trim({rows: 0, milliseconds: 1e9}));
    const {url} = await startServer({source});
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    await write(source, 'task', {a: {title: '1'}});
    unsubscribe();
    assert.equal((await client.next('reset')).reason, 'trimmed');
    await client.next('sync_complete');
    await write(source, 'task', {b: {title: '2'}});
    assert.equal((await client.next('changes')).lsn, source.head.lsn);
  });
});

describe('live', () => {
  it('fans out to all clients, and steps over what concerns one not with a head', async () => {
    const {source, url} = await startServer();
    const all = await TestClient.greet(url);
    const pairs = await TestClient.greet(url, {want: ['pair']});
    for (const client of [all, pairs]) await client.next('sync_complete');
    await write(source, 'task', {a: {title: '1'}});
    assert.equal((await all.next('changes')).changes.length, 1);
    const head = await pairs.next('head');
    assert.deepEqual([head.lsn, head.mark], [source.head.lsn, source.head.mark]);
    await write(source, 'pair', {'["a","b"]': {note: 'n'}});
    assert.equal((await pairs.next('changes')).prevLSN, head.lsn);
    replica(pairs);
  });

  it('sends deletes to those whose filter a row leaves, and whole rows to those it enters', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', {a: {title: '1', owner: 'x'}, b: {title: '2', owner: 'y'}});
    const client = await TestClient.greet(url, {want: [{type: 'task', where: {owner: 'x'}}]});
    assert.equal((await client.next('sync_start')).total, 1);
    await client.next('sync_complete');
    const changesOf = async (rows: Parameters<typeof write>[2]) => {
      await write(source, 'task', rows);
      const {changes} = await client.next('changes');
      return changes.map(change => [change.type, change.entityId, change.data?.['title']]);
    };
    assert.deepEqual(await changesOf({a: {owner: 'y'}}), [['delete', 'a', undefined]]);
    assert.deepEqual(await changesOf({b: {owner: 'x'}}), [['update', 'b', '2']]);
    assert.deepEqual(await changesOf({a: {title: 'unseen'}, b: {title: '3'}}), [['update', 'b', '3']]);
    assert.deepEqual(await changesOf({a: null, b: null}), [['delete', 'b', undefined]]);
  });

  it('stops at the window, and goes on when frames are acknowledged', async () => {
    const {source, url} = await startServer();
    const client = await TestClient.greet(url, {window: 2000});
    await client.next('sync_complete');
    client.acknowledge = false;
    for (let index = 0; index < 10; index++) await write(source, 'task', {a: {title: 'x'.repeat(700)}});
    const before = await client.next('changes', frame => frame.n === 3);
    // A pong comes behind whatever was sent before it: no frame beyond the window is on its way.
    client.send({type: 'ping', t: 1});
    await client.next('pong');
    assert.equal(client.frames.filter(frame => frame.type === 'changes').length, 2);
    client.acknowledge = true;
    client.send({type: 'received', stream: 1, n: before.n});
    await client.next('changes', frame => frame.lsn === source.head.lsn);
    replica(client);
  });

  it('closes a client that stops acknowledging while frames are due', async () => {
    const {source, url} = await startServer({limits: {stalled: 50, heartbeat: 80}});
    const client = await TestClient.greet(url, {window: 1});
    await client.next('sync_complete');
    client.acknowledge = false;
    for (const title of ['1', '2']) await write(source, 'task', {a: {title}});
    assert.equal((await client.next('sync_error')).code, 'stalled');
    assert.equal((await client.closed).code, 4429);
  });

  it('moves to the next stream on a second greeting', async () => {
    const {source, url} = await startServer();
    const client = await TestClient.greet(url, {instance: 'again'});
    await client.next('sync_complete');
    const {lsn, mark} = source.head;
    client.sync({...checkpoint(source.generation, lsn, mark), instance: 'again', stream: 2});
    assert.deepEqual((({stream, mode}) => [stream, mode])(await client.next('sync_start')), [2, 'live']);
    client.sync({instance: 'again', stream: 2});
    await write(source, 'task', {a: {title: '1'}});
    assert.deepEqual((({stream, n}) => [stream, n])(await client.next('changes')), [2, 1]);
  });

  it('takes a changed permission for a changed subscription, and shows only permitted rows', async () => {
    let owner = 'x';
    const {source, url} = await startServer({rows: table => (table === 'task' ? {owner} : false)});
    await write(source, 'task', {a: {owner: 'x'}, b: {owner: 'y'}});
    const first = await TestClient.greet(url);
    await first.next('sync_complete');
    assert.deepEqual([...replica(first).keys()], ['task/a']);
    await write(source, 'task', {a: {title: '1'}});
    const {lsn, mark = ''} = await first.next('changes');
    const same = await TestClient.greet(url, checkpoint(source.generation, lsn, mark));
    assert.equal((await same.next('sync_start')).mode, 'live');
    owner = 'y';
    const other = await TestClient.greet(url, checkpoint(source.generation, lsn, mark));
    assert.equal((await other.next('sync_start')).mode, 'snapshot');
    await other.next('sync_complete');
    assert.deepEqual([...replica(other).keys()], ['task/b']);
  });
});
