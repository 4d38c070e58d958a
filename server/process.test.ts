/** The server as a process of its own, on a folder: killed, drained, restored from a copy, and started wrong. */
import assert from 'node:assert/strict';
import {cp, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, describe, it} from 'node:test';
import {parseCommand} from './cli-options.js';
import {PGliteSource} from './index.js';
import {type RunningCli, runCli, startCli} from './testing/cli.js';
import {TestClient} from './testing/client.js';
import {startServer, temporaryFolder} from './testing/harness.js';

const TABLE = 'CREATE TABLE IF NOT EXISTS task (id text PRIMARY KEY, title text, n int NOT NULL DEFAULT 1);';

/** The command line on a folder, once it listens. */
async function serve(folder: string): Promise<RunningCli> {
  const init = join(folder, 'init.sql');
  await writeFile(init, TABLE);
  return startCli(['serve', '--data', join(folder, 'data'), '--init', init, '--publish', 'task', '--port', '0']);
}

describe('a server process', () => {
  it('killed between operations has each of them exactly once, when they are sent again', async () => {
    const folder = await temporaryFolder();
    const ops = Array.from({length: 60}, (_, index) => ({
      id: `op-${index}`,
      seq: index + 1,
      entityType: 'task',
      entityId: `t${index}`,
      payload: {title: String(index)},
    }));
    const first = await serve(folder);
    const client = await TestClient.greet(first.url, {instance: 'i'});
    for (const op of ops) client.operations([op]);
    await client.answer('op-20');
    first.child.kill('SIGKILL');
    await Promise.all([first.exited, client.closed]);

    const second = await serve(folder);
    const again = await TestClient.greet(second.url, {instance: 'i', epoch: 2});
    for (const op of ops) again.operations([op]);
    const answers = await Promise.all(ops.map(op => again.answer(op.id)));
    const statuses = answers.map(answer => (answer.type === 'operation_ack' ? answer.status : answer.code));
    assert.equal(statuses.indexOf('applied'), statuses.lastIndexOf('duplicate') + 1);
    assert.ok(statuses.indexOf('applied') === -1 || statuses.indexOf('applied') > 20);
    const lsns = answers.map(answer => (answer.type === 'operation_ack' ? answer.lsn : ''));
    assert.equal(new Set(lsns).size, ops.length);

    // A second process keeps away; SIGTERM ends the first one well, and the folder is free.
    const intruder = new PGliteSource({dataDir: join(folder, 'data')});
    await assert.rejects(intruder.query('SELECT 1'), {code: 'data-folder-in-use'});
    second.child.kill('SIGTERM');
    assert.equal((await again.closed).code, 4503);
    assert.equal(await second.exited, 0);
    const source = new PGliteSource({dataDir: join(folder, 'data')});
    after(() => source.stop());
    const rows = await source.query<{id: string}>('SELECT id FROM task');
    assert.equal(rows.length, ops.length);
    const [{count} = {count: ''}] = await source.query<{count: string}>('SELECT count(*)::text AS count FROM sync.log');
    assert.equal(count, String(ops.length));
    await source.stop();
    assert.ok(!(await readdir(join(folder, 'data'))).some(name => name.startsWith('sync-elements')));
  });

  it('on a copy of its folder that was put back finds out the checkpoints of what was lost', async () => {
    const folder = await temporaryFolder();
    const live = join(folder, 'live');
    const backup = join(folder, 'backup');
    const open = async (dataDir: string) => {
      const source = new PGliteSource({dataDir});
      await source.exec(TABLE);
      return {...(await startServer({source, publish: ['task']})), sql: source};
    };
    const first = await open(live);
    await first.sql.exec(`INSERT INTO task VALUES ('a', 'kept')`);
    await first.server.close();
    await cp(live, backup, {recursive: true});
    const second = await open(live);
    const {generation} = second.source;
    const kept = second.source.head;
    await second.sql.exec(`INSERT INTO task VALUES ('b', 'lost')`);
    const lost = second.source.head;
    await second.server.close();

    const restored = await open(backup);
    assert.equal(restored.source.generation, generation);
    const greeting = {generation, have: 'all'};
    const ahead = await TestClient.greet(restored.url, {...greeting, lastLSN: lost.lsn, mark: lost.mark});
    assert.equal((await ahead.next('reset')).reason, 'ahead');
    await restored.sql.exec(`INSERT INTO task VALUES ('c', 'other')`);
    assert.equal(restored.source.head.lsn, lost.lsn);
    const twin = await TestClient.greet(restored.url, {...greeting, lastLSN: lost.lsn, mark: lost.mark});
    assert.equal((await twin.next('reset')).reason, 'unknown-mark');
    const good = await TestClient.greet(restored.url, {...greeting, lastLSN: kept.lsn, mark: kept.mark});
    assert.equal((await good.next('sync_start')).mode, 'catchup');
    assert.equal((await good.next('changes')).changes[0]?.entityId, 'c');
  });

  it('takes over the lock of a dead one', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'sync-elements.lock'), JSON.stringify({pid: 2 ** 22 + 1, started: '1'}));
    const source = new PGliteSource({dataDir: folder});
    await source.query('SELECT 1');
    const second = new PGliteSource({dataDir: folder});
    await assert.rejects(second.query('SELECT 1'), {code: 'data-folder-in-use'});
    await source.stop();
  });
});

describe('the command line', () => {
  it('helps, and says its version', async () => {
    const help = await runCli(['--help']);
    assert.deepEqual([help.code, help.stdout.includes('--publish')], [0, true]);
    assert.match((await runCli(['--version'])).stdout, /^\d+\.\d+\.\d+/);
  });

  it('exits with 1 and the reason when it fails', async () => {
    const failed = await runCli(['serve', '--publish', 'nothing', '--port', '0']);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /There is no table 'nothing'.*\(unknown-table\)/);
  });

  for (const args of [
    ['start'],
    ['serve'],
    ['serve', '--publish', ''],
    ['serve', '--publish', 'a:'],
    ['serve', '--publish', 'a', '--readonly', 'a'],
    ['serve', '--publish', 'a', '--port', 'x'],
    ['serve', '--publish', 'a', '--port', '70000'],
    ['serve', '--publish', 'a', '--path', 'x'],
    ['serve', '--nonsense'],
  ]) {
    it(`is wrong as ${args.join(' ')}`, () => {
      assert.throws(() => parseCommand(args), {code: 'usage'});
    });
  }

  it('becomes options', () => {
    const command = parseCommand(['serve', '--publish', 'a:x,y', '--readonly', 'b', '--origin', 'https://x.test']);
    assert.ok(command.name === 'serve');
    assert.deepEqual(command.options.publish, {
      a: {columns: ['x', 'y'], writable: 'all'},
      b: {columns: 'all', writable: false},
    });
    assert.deepEqual([command.options.port, command.options.origins], [8787, ['https://x.test']]);
  });
});
