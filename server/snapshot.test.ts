/** Snapshots: whole, replayed, resumed; and cursors that lie. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {MemorySource} from './index.js';
import {TestClient} from './testing/client.js';
import {manyRows, startServer, TABLES, write} from './testing/harness.js';
import {replica} from './testing/replica.js';

describe('a snapshot', () => {
  it('brings all rows in frames of bounded size, then completes at the head', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', manyRows(5000, 100));
    const client = await TestClient.greet(url);
    const start = await client.next('sync_start');
    assert.deepEqual([start.mode, start.lsn, start.total], ['snapshot', source.head.lsn, 5000]);
    const complete = await client.next('sync_complete');
    assert.equal(complete.lsn, source.head.lsn);
    assert.equal(replica(client).size, 5000);
    const data = client.frames.filter(frame => frame.type === 'sync_data');
    assert.ok(data.length > 5);
    assert.ok(data.every(frame => JSON.stringify(frame).length <= 128 * 1024));
    assert.deepEqual(
      data.map(({n}) => n),
      data.map((_, index) => index + 1),
    );
    assert.equal(complete.last, data.length);
  });

  it('of nothing is one empty frame whose cursor says that it was all', async () => {
    const {url} = await startServer();
    const client = await TestClient.greet(url);
    const data = await client.next('sync_data');
    assert.deepEqual(data.changes, []);
    assert.match(data.cursor, /null\]$/);
    await client.next('sync_complete');
  });

  it('replays what was written while it was read', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', manyRows(5000, 100));
    const client = await TestClient.connect(url);
    client.acknowledge = false;
    client.sync({window: 1});
    await client.next('sync_data');
    await write(source, 'task', {r000000: {title: 'late'}, r004999: null, r009999: {title: 'new'}});
    client.acknowledge = true;
    client.send({type: 'received', stream: 1, n: 1});
    const complete = await client.next('sync_complete');
    assert.equal(complete.lsn, source.head.lsn);
    const rows = replica(client);
    assert.equal(rows.get('task/r000000')?.data?.['title'], 'late');
    assert.equal(rows.has('task/r004999'), false);
    assert.equal(rows.size, 5000);
  });

  it('goes on behind its cursor, and replays from where it began', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', manyRows(5000, 100));
    const first = await TestClient.connect(url);
    first.acknowledge = false;
    first.sync({window: 1, instance: 'resumer'});
    const {lsn} = await first.next('sync_start');
    const page = await first.next('sync_data');
    await first.end();
    const staged = replica(first);
    await write(source, 'task', {r000000: {title: 'changed'}, r000001: null, r004000: {title: 'changed'}});
    const second = await TestClient.greet(url, {instance: 'resumer', snapshot: {lsn, cursor: page.cursor}});
    const start = await second.next('sync_start');
    assert.deepEqual([start.mode, start.lsn], ['snapshot', lsn]);
    await second.next('sync_complete');
    const fresh = second.frames.filter(frame => frame.type === 'sync_data').flatMap(frame => frame.changes);
    assert.ok(fresh.every(change => change.entityId > (page.changes.at(-1)?.entityId ?? '')));
    const rows = replica(second, staged);
    assert.equal(rows.size, 4999);
    assert.equal(rows.get('task/r000000')?.data?.['title'], 'changed');
  });

  it('whose rows were all out goes on with the replay alone', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', {a: {title: '1'}});
    const first = await TestClient.greet(url);
    const {lsn} = await first.next('sync_start');
    const {cursor} = await first.next('sync_data');
    await first.end();
    await write(source, 'task', {b: {title: '2'}});
    const second = await TestClient.greet(url, {snapshot: {lsn, cursor}});
    const changes = await second.next('changes');
    assert.equal(changes.prevLSN, lsn);
    await second.next('sync_complete');
    assert.ok(second.frames.every(frame => frame.type !== 'sync_data'));
  });

  it('goes on in the middle of the replay, from where the client got to', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', {a: {title: '1'}});
    const first = await TestClient.greet(url);
    const start = await first.next('sync_start');
    assert.equal(start.mark, source.head.mark);
    const {cursor} = await first.next('sync_data');
    await first.end();
    await write(source, 'task', {b: {title: '2'}});
    const {lsn, mark} = source.head;
    await write(source, 'task', {c: {title: '3'}});
    const greeting = {generation: source.generation, lastLSN: lsn, snapshot: {lsn, cursor}};
    const second = await TestClient.greet(url, {...greeting, mark});
    assert.deepEqual((({mode, lsn: from}) => [mode, from])(await second.next('sync_start')), ['snapshot', lsn]);
    assert.deepEqual(
      (await second.next('changes')).changes.map(change => change.entityId),
      ['c'],
    );
    await second.next('sync_complete');
    const liar = await TestClient.greet(url, {...greeting, mark: 'another'});
    assert.equal((await liar.next('reset')).reason, 'unknown-mark');
    assert.equal((await liar.next('sync_start')).lsn, source.head.lsn);
  });

  for (const cursor of [
    '',
    'null',
    '[]',
    '{}',
    '[1]',
    '[2,"g","0/1","m","0/1","m","all",["task","a"]]',
    '[3,1,1,1,1,1,1,1]',
    '"x"',
    '[2,"g","0/1","m","0/1","m","all",{"length":2}]',
    '['.repeat(8000),
  ]) {
    it(`starts over with the cursor ${cursor.slice(0, 50)}`, async () => {
      const {source, url} = await startServer();
      await write(source, 'task', {a: {title: '1'}});
      const client = await TestClient.greet(url, {snapshot: {lsn: source.head.lsn, cursor}});
      const start = await client.next('sync_start');
      assert.deepEqual([start.mode, start.lsn], ['snapshot', source.head.lsn]);
      await client.next('sync_complete');
      assert.equal(replica(client).size, 1);
    });
  }

  it('starts over where a restored server never had what its rows already hold', async () => {
    const {source, url, server} = await startServer({source: new MemorySource({tables: TABLES})});
    const memory = source as MemorySource;
    await write(source, 'task', manyRows(5000, 100));
    const backup = memory.save();
    const first = await TestClient.connect(url);
    first.acknowledge = false;
    first.sync({window: 1});
    const {lsn} = await first.next('sync_start');
    await first.next('sync_data');
    await write(source, 'task', {r004999: {title: 'lost'}});
    // The second frame was made before that. The third may hold it, and the mark of the snapshot does not vouch for it.
    first.send({type: 'received', stream: 1, n: 1});
    const {n} = await first.next('sync_data');
    first.send({type: 'received', stream: 1, n});
    const page = await first.next('sync_data');
    await first.end();
    await server.close();
    const restored = await startServer({source: new MemorySource({tables: TABLES, state: backup})});
    const {generation, head} = restored.source;
    const at = {generation, lastLSN: lsn, mark: head.mark, have: 'all', snapshot: {lsn, cursor: page.cursor}};
    const second = await TestClient.greet(restored.url, at);
    assert.equal((await second.next('reset')).reason, 'ahead');
    assert.equal((await second.next('sync_start')).mode, 'snapshot');
    await second.next('sync_complete');
    assert.equal(replica(second).size, 5000);
  });

  it('starts over with a cursor of another subscription', async () => {
    const {source, url} = await startServer();
    await write(source, 'task', {a: {title: '1'}, b: {title: '2'}});
    const first = await TestClient.greet(url, {want: ['pair']});
    const {lsn} = await first.next('sync_start');
    const {cursor} = await first.next('sync_data');
    const second = await TestClient.greet(url, {snapshot: {lsn, cursor}});
    await second.next('sync_complete');
    assert.equal(replica(second).size, 2);
  });
});
