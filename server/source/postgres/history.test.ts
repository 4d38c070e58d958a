/** Whose database it is, and whether its history is still the one that clients were told of. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {join} from 'node:path';
import {after, describe, it} from 'node:test';
import {promisify} from 'node:util';
import pg from 'pg';
import {TestClient} from '../../testing/client.js';
import {whole} from '../../testing/conformance.js';

import {startServer} from '../../testing/harness.js';
import {freshDatabase, sharedPostgres, skip} from '../../testing/postgres.js';
import {checkpoint} from '../../testing/replica.js';
import {normalisePublish} from '../publication.js';
import {SERVER_LOCK} from '../sql/locks.js';

const PUBLISH = normalisePublish(['task']);

describe('the database of a server', {skip}, () => {
  const postgres = sharedPostgres();

  /** A session that has taken the server's lock from whoever had it. */
  async function usurp(): Promise<pg.Client> {
    const client = new pg.Client((await postgres.cluster()).url());
    after(() => client.end().catch(() => {}));
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
       AND (l.classid::int8 << 32 | l.objid::int8) = ${SERVER_LOCK}`,
    );
    await client.query(`SELECT pg_advisory_lock(${SERVER_LOCK})`);
    return client;
  }

  it('is one server’s: a second one is told so, until the first has stopped', async () => {
    const first = await postgres.source();
    await first.start(PUBLISH);
    const second = postgres.another({url: (await postgres.cluster()).url()});
    await assert.rejects(second.start(PUBLISH), {code: 'database-in-use', message: /session \d+, from 127\.0\.0\.1/});
    await first.stop();
    await second.start(PUBLISH);
  });

  it('is left to another one that took it: clients have to go there, and no operation is applied', async () => {
    const source = await postgres.source();
    const {url} = await startServer({source, publish: ['task']});
    const client = await TestClient.greet(url);
    await client.next('sync_complete');
    const other = await usurp();
    await other.query(`UPDATE sync.meta SET value = 'another' WHERE name = 'server'`);
    await assert.rejects(
      source.transaction(tx => tx.position()),
      error =>
        error instanceof Error && ('retryable' in error ? error.retryable === true : /Another/.test(error.message)),
    );
    assert.equal((await client.closed).code, 4503);
    const early = await TestClient.connect(url);
    early.sync();
    assert.equal((await early.closed).code, 4503);
    const {head} = source;
    await other.end();
    // It has the database again, once the other one is gone.
    for (let served = false; !served; ) {
      const again = await TestClient.connect(url);
      again.sync(checkpoint(source.generation, head.lsn, head.mark));
      served = await Promise.race([again.closed.then(() => false), again.next('sync_start').then(() => true)]).catch(
        () => false,
      );
    }
    await source.transaction(tx => tx.write('task', 'a', {title: '1'}, 'merge'));
  });

  it('put back to an older copy under the server sends everybody to greet anew, and is found out', async () => {
    const source = await postgres.source();
    const {url} = await startServer({source, publish: ['task']});
    const client = await TestClient.greet(url, {instance: 'i'});
    await client.next('sync_complete');
    await source.exec(`INSERT INTO task (id, title) VALUES ('a', 'kept')`);
    await source.exec(`INSERT INTO task (id, title) VALUES ('b', 'lost')`);
    const {generation, head} = source;
    const other = await usurp();
    await other.query(`
      SET session_replication_role = replica;
      ALTER TABLE task DISABLE TRIGGER ALL; DELETE FROM task WHERE id = 'b'; ALTER TABLE task ENABLE TRIGGER ALL;
      ALTER TABLE task ENABLE ALWAYS TRIGGER "!sync-insert", ENABLE ALWAYS TRIGGER "!sync-update",
        ENABLE ALWAYS TRIGGER "!sync-delete", ENABLE ALWAYS TRIGGER "!sync-truncate", ENABLE ALWAYS TRIGGER "!sync-turn";
      DELETE FROM sync.log WHERE lsn = (SELECT lsn FROM sync.position);
      DELETE FROM sync.transaction WHERE lsn = (SELECT lsn FROM sync.position);
      UPDATE sync.position SET lsn = lsn - 1;`);
    await other.end();
    assert.equal((await client.closed).code, 4503);
    const again = await TestClient.greet(url, {instance: 'i', ...checkpoint(generation, head.lsn, head.mark)});
    assert.equal((await again.next('reset')).reason, 'ahead');
    await again.next('sync_complete');
    assert.deepEqual(
      again.frames.flatMap(frame => (frame.type === 'sync_data' ? frame.changes.map(({entityId}) => entityId) : [])),
      ['a'],
    );
  });

  it('restored from a dump is another history', async () => {
    const cluster = await postgres.cluster();
    const source = await postgres.source();
    await source.start(PUBLISH);
    await source.exec(`INSERT INTO task (id, title) VALUES ('a', '1')`);
    const run = promisify(execFile);
    const {stdout} = await run(join(cluster.bin, 'pg_dump'), ['--no-owner', cluster.url()], {maxBuffer: 1e8});
    const name = await freshDatabase(cluster, '');
    const restoring = run(join(cluster.bin, 'psql'), ['-q', '-v', 'ON_ERROR_STOP=1', cluster.url(name)]);
    restoring.child.stdin?.end(stdout.replace(/^CREATE SCHEMA public;$/m, ''));
    await restoring;
    const restored = postgres.another({url: cluster.url(name)});
    await restored.start(PUBLISH);
    assert.notEqual(restored.generation, source.generation);
    const from = restored.head;
    await restored.exec(`UPDATE task SET title = '2'`);
    assert.equal((await restored.read(whole(from.lsn), 1000)).at(-1)?.changes[0]?.id, 'a');
  });

  it('is left as it is by a server that starts anew and finds all there', async () => {
    const source = await postgres.source();
    await source.start(PUBLISH);
    const {generation} = source;
    const triggers = () => source.query(`SELECT oid FROM pg_trigger WHERE tgname LIKE '!sync-%' ORDER BY oid`);
    const before = await triggers();
    // Whoever reads a table for long keeps triggers from being made: nothing of that is needed here.
    const reader = new pg.Client((await postgres.cluster()).url());
    await reader.connect();
    await reader.query('BEGIN; SELECT * FROM task');
    await source.start(PUBLISH);
    await reader.end();
    assert.deepEqual(await triggers(), before);
    assert.equal(source.generation, generation);
  });

  it('whose triggers were switched off is another history: what happened meanwhile is in no log', async () => {
    const source = await postgres.source();
    await source.start(PUBLISH);
    const {generation} = source;
    await source.exec('ALTER TABLE task DISABLE TRIGGER ALL; ALTER TABLE task ENABLE TRIGGER ALL');
    await source.start(PUBLISH);
    assert.notEqual(source.generation, generation);
  });
});
