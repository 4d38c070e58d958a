/** The command line on a Postgres server: killed, followed by another one, and in the way of another one. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {parseCommand} from './cli-options.js';
import {runCli, startCli} from './testing/cli.js';
import {TestClient} from './testing/client.js';
import {sharedPostgres, skip} from './testing/postgres.js';

const SERVE = ['serve', '--postgres', 'TEST_DATABASE', '--publish', 'task', '--port', '0'];

describe('a server process on Postgres', {skip}, () => {
  const postgres = sharedPostgres();

  it('killed in the middle is followed by another one that knows each operation it applied', async () => {
    await postgres.source();
    const env = {TEST_DATABASE: (await postgres.cluster()).url().replace('postgres@', 'postgres:s3cret@')};
    const ops = Array.from({length: 40}, (_, index) => ({
      id: `op-${index}`,
      seq: index + 1,
      entityType: 'task',
      entityId: `t${index}`,
      payload: {title: String(index)},
    }));
    const first = await startCli(SERVE, env);
    const client = await TestClient.greet(first.url, {instance: 'i'});
    for (const op of ops) client.operations([op]);
    await client.answer('op-10');

    const second = await runCli(SERVE, env);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /served by another server \(session \d+.*\(database-in-use\)/);

    first.child.kill('SIGKILL');
    await Promise.all([first.exited, client.closed]);
    const third = await startCli(SERVE, env);
    const again = await TestClient.greet(third.url, {instance: 'i', epoch: 2});
    for (const op of ops) again.operations([op]);
    const answers = await Promise.all(ops.map(op => again.answer(op.id)));
    assert.ok(answers.every(answer => answer.type === 'operation_ack'));
    const rows = await (await postgres.cluster()).query('SELECT count(*)::text AS count FROM sync.log');
    assert.deepEqual(rows, [{count: String(ops.length)}]);
    third.child.kill('SIGTERM');
    assert.equal((await again.closed).code, 4503);
    assert.equal(await third.exited, 0);
    for (const output of [first.output(), second.stderr, third.output()]) assert.ok(!output.includes('s3cret'), output);
  });

  it('says why it can not start, without the password', async () => {
    const {code, stderr} = await runCli([
      ...SERVE.slice(0, 2),
      'postgres://me:s3cret@127.0.0.1:1/db',
      ...SERVE.slice(3),
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /127\.0\.0\.1:1, database 'db', as 'me'.*\(database-unreachable\)/);
    assert.ok(!stderr.includes('s3cret'));
  });
});

describe('the option --postgres', () => {
  const parse = (postgres: string, ...more: string[]) =>
    parseCommand(['serve', '--publish', 'a', '--postgres', postgres, ...more], {URL: 'postgres://me:s3cret@there/db'});

  it('is a URL, or the name of a variable that has it', () => {
    for (const [given, url] of [
      ['postgresql://here/db', 'postgresql://here/db'],
      ['URL', 'postgres://me:s3cret@there/db'],
    ] as const) {
      const command = parse(given);
      assert.ok(command.name === 'serve' && command.options.postgres === url);
    }
  });

  for (const [given, ...more] of [['NOTHING'], ['mysql://me:s3cret@here/db'], ['URL', '--data', 'x']] as const) {
    it(`is wrong as ${given.replace(/:.*/, '')} ${more.join(' ')}`, () => {
      assert.throws(
        () => parse(given, ...more),
        error => {
          assert.ok(error instanceof Error && 'code' in error && error.code === 'usage');
          return !error.message.includes('s3cret');
        },
      );
    });
  }
});
