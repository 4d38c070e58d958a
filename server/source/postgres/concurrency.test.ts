/** Operations through the server and others' SQL beside them, all at once: what a client is told is the history, whole and in order. */
import assert from 'node:assert/strict';
import {after, describe, it} from 'node:test';
import pg from 'pg';
import type {JsonObject} from '../../../src/protocol/protocol.js';
import {TestClient} from '../../testing/client.js';
import {startServer} from '../../testing/harness.js';
import {sharedPostgres, skip} from '../../testing/postgres.js';
import {replica} from '../../testing/replica.js';

/** Numbers that look random and are the same in each run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('many who write at once on a Postgres server', {skip}, () => {
  const postgres = sharedPostgres();

  async function connect(settings = ''): Promise<pg.Client> {
    const client = new pg.Client((await postgres.cluster()).url());
    after(() => client.end().catch(() => {}));
    client.on('error', () => {});
    await client.connect();
    await client.query(`SET TimeZone = 'Pacific/Apia'; ${settings}`);
    return client;
  }

  async function serve() {
    const source = await postgres.source();
    return {...(await startServer({source, publish: ['task', 'pair']})), sql: source};
  }

  /** Transactions of a few statements on few rows, of which some are taken back; deadlocks, where they happen, are theirs to repeat. */
  async function write(client: pg.Client, seed: number, transactions: number): Promise<number> {
    const random = randomOf(seed);
    let failed = 0;
    for (let index = 0; index < transactions; index++) {
      try {
        await client.query('BEGIN');
        for (let statement = random(3); statement >= 0; statement--) {
          const id = `t${random(12)}`;
          const title = `${seed}.${index}.${statement}`;
          const savepoint = random(4) === 0;
          if (savepoint) await client.query('SAVEPOINT s');
          if (random(5) === 0) await client.query('DELETE FROM task WHERE id = $1', [id]);
          else {
            await client.query(
              'INSERT INTO task (id, title) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET title = $2',
              [id, title],
            );
          }
          if (savepoint && random(2) === 0) await client.query('ROLLBACK TO s');
        }
        await client.query(random(4) === 0 ? 'ROLLBACK' : 'COMMIT');
      } catch (error) {
        failed++;
        assert.match(String((error as {code?: unknown}).code), /^40/);
        await client.query('ROLLBACK');
      }
    }
    return failed;
  }

  async function tableOf(client: pg.Client): Promise<[string, JsonObject][]> {
    const {rows} = await client.query<JsonObject & {id: string}>(
      'SELECT id, title, owner, secret FROM task ORDER BY id',
    );
    return rows.map(row => [`task/${row.id}`, row]);
  }

  /** What a client holds once it has heard of a row that is written now. */
  async function caughtUp(client: TestClient, writer: pg.Client): Promise<[string, JsonObject][]> {
    await writer.query(`INSERT INTO pair (a, b) VALUES ('the', 'end') ON CONFLICT DO NOTHING`);
    await client.next('changes', frame => frame.changes.some(({entityId}) => entityId === '["the","end"]'));
    const rows = [...replica(client)].filter(([key]) => key.startsWith('task/'));
    return rows.map(([key, {data}]): [string, JsonObject] => [key, data ?? {}]).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  it('are told in the order of their commits, all of them, and what is told is what the table holds', async () => {
    const {url} = await serve();
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    const writers = await Promise.all([1, 2, 3, 4].map(() => connect()));
    const operations = Array.from({length: 60}, (_, index) => ({
      id: `op-${index}`,
      seq: index + 1,
      entityType: 'task',
      entityId: `t${index % 12}`,
      payload: {title: `op ${index}`},
    }));
    const writing = Promise.all(writers.map((writer, index) => write(writer, index + 1, 60)));
    for (const op of operations) {
      client.operations([op]);
      const answer = await client.answer(op.id);
      assert.equal(answer.type, 'operation_ack', JSON.stringify(answer));
    }
    assert.deepEqual(await writing, [0, 0, 0, 0], 'nobody is a deadlock');
    const [reader] = writers;
    assert.ok(reader);
    assert.deepEqual(await caughtUp(client, reader), await tableOf(reader));
    // A log that lost a commit, or a rolled back one that left something, would show as a gap in the counted positions.
    const {rows} = await reader.query(
      `SELECT p.lsn - p.floor + 1 - count(*) AS missing FROM sync.position p, sync.transaction t GROUP BY p.lsn, p.floor`,
    );
    assert.deepEqual(rows, [{missing: '0'}]);
  });

  it('lose nothing when the connection that listens is ended, again and again', async () => {
    const {url} = await serve();
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    const [writer, killer] = [await connect(), await connect()];
    let writing = true;
    const written = write(writer, 7, 150).finally(() => {
      writing = false;
    });
    let kills = 0;
    while (writing) {
      const {rows} = await killer.query(
        `SELECT count(pg_terminate_backend(l.pid))::int AS ended FROM pg_locks l
         WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
           AND (l.classid::int8 << 32 | l.objid::int8) = 6014960149975557485`,
      );
      kills += rows[0]?.ended ?? 0;
    }
    await written;
    assert.ok(kills > 1);
    assert.deepEqual(await caughtUp(client, killer), await tableOf(killer));
    assert.equal(client.frames.filter(({type}) => type === 'sync_start').length, 1, 'on the same line');
  });

  it('and the database goes down under them: the line stays, and tells what came after', async () => {
    const {url} = await serve();
    const cluster = await postgres.cluster();
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    await (await connect()).query(`INSERT INTO task (id, title) VALUES ('a', 'before')`);
    await client.next('changes');
    await cluster.crash();
    await (await connect()).query(`INSERT INTO task (id, title) VALUES ('b', 'after')`);
    const {changes} = await client.next('changes');
    assert.equal(changes[0]?.entityId, 'b');
    client.operations([{id: 'op', entityType: 'task', entityId: 'c', payload: {title: 'c'}}]);
    assert.equal((await client.answer('op')).type, 'operation_ack');
    replica(client);
  });

  it('are not held up by readers, nor readers by them', async () => {
    const {url} = await serve();
    const idle = await connect();
    await idle.query(`BEGIN; INSERT INTO task (id, title) VALUES ('open', '1')`);
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    assert.equal(replica(client).size, 0);
    await idle.query('COMMIT');
    assert.equal((await client.next('changes')).changes[0]?.entityId, 'open');
  });

  it('keep an operation waiting no longer than it may: it comes again', async () => {
    const source = await postgres.source({lockTimeout: 200});
    const {url} = await startServer({source, publish: ['task']});
    const idle = await connect();
    await idle.query(`BEGIN; INSERT INTO task (id, title) VALUES ('open', '1')`);
    const client = await TestClient.greet(url);
    client.operations([{id: 'op', entityType: 'task', entityId: 'a', payload: {title: '2'}}]);
    const refused = await client.answer('op');
    assert.ok(
      refused.type === 'operation_nack' && refused.retryable && refused.code === 'busy',
      JSON.stringify(refused),
    );
    assert.ok(!/lock|timeout/i.test(refused.message), 'none of the database’s words');
    await idle.query('ROLLBACK');
    client.operations([{id: 'op', seq: 2, entityType: 'task', entityId: 'a', payload: {title: '2'}}]);
    await client.next('operation_ack');
  });

  it('apply one operation once, though it comes from two copies of a client at the same time', async () => {
    const {url, sql} = await serve();
    const copies = await Promise.all(['one', 'two', 'three'].map(instance => TestClient.greet(url, {instance})));
    const ids = Array.from({length: 20}, (_, index) => `op-${index}`);
    for (const id of ids) {
      for (const copy of copies) copy.operations([{id, entityType: 'task', entityId: id, payload: {title: id}}]);
    }
    const answers = await Promise.all(ids.flatMap(id => copies.map(copy => copy.answer(id))));
    const final = answers.filter(answer => answer.type === 'operation_nack' && !answer.retryable);
    assert.deepEqual(final, [], 'none is refused for good');
    const [{count} = {count: ''}] = await sql.query<{count: string}>('SELECT count(*)::text AS count FROM sync.log');
    assert.equal(count, String(ids.length));
  });
});
