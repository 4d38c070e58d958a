/** Starting where something is in the way, and others' sessions that are not like ours. */
import assert from 'node:assert/strict';
import {after, describe, it} from 'node:test';
import pg from 'pg';
import {readAll, whole} from '../../testing/conformance.js';
import {sharedPostgres, skip} from '../../testing/postgres.js';
import {normalisePublish} from '../publication.js';

const PUBLISH = normalisePublish(['task']);

describe('a server that can not start on a database says why', {skip}, () => {
  const postgres = sharedPostgres();

  async function refused(url: string, code: string, message: RegExp): Promise<void> {
    const source = postgres.another({url, lockTimeout: 300});
    await assert.rejects(source.start(PUBLISH), error => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(!error.message.includes('s3cret'), error.message);
      return true;
    });
  }

  async function urlOf(role: string): Promise<string> {
    return (await postgres.cluster()).url().replace('postgres@', `${role}:s3cret@`);
  }

  it('where nobody answers', () =>
    refused('postgres://me:s3cret@127.0.0.1:1/db', 'database-unreachable', /127\.0\.0\.1:1.*ECONNREFUSED/));
  it('where there is no such database', async () => {
    await refused(`${await urlOf('postgres')}_not`, 'database-unreachable', /does not exist/);
  });
  it('where the address is none', () =>
    refused('postgres://me:s3cret@ho st:x/db', 'database-unreachable', /postgres:\/\/user@host/));
  it('where TLS is asked for and not to be had', async () => {
    await refused(`${await urlOf('postgres')}?sslmode=verify-full`, 'database-unreachable', /SSL/);
  });

  it('where its role may not do what it has to', async () => {
    await postgres.source();
    const {query} = await postgres.cluster();
    await query(`CREATE ROLE guest LOGIN; GRANT SELECT ON task TO guest`);
    await refused(await urlOf('guest'), 'database-permission', /own the tables/);
    await query(`GRANT CREATE ON DATABASE postgres TO guest`);
    await refused(await urlOf('guest'), 'database-permission', /own the tables/);
    await query(`DROP OWNED BY guest; DROP ROLE guest`);
  });

  it('where row security would hide rows from it', async () => {
    await postgres.source();
    const {query} = await postgres.cluster();
    await query(`CREATE ROLE owner LOGIN; GRANT CREATE ON DATABASE postgres TO owner; GRANT ALL ON SCHEMA public TO owner;
      ALTER TABLE task OWNER TO owner; ALTER TABLE task ENABLE ROW LEVEL SECURITY; ALTER TABLE task FORCE ROW LEVEL SECURITY`);
    await refused(await urlOf('owner'), 'unsupported-table', /Row security/);
    await query(`DROP OWNED BY owner; DROP ROLE owner`);
  });

  it('where a table is in use for too long, and holds up no writer meanwhile', async () => {
    const source = await postgres.source();
    await source.stop();
    const {query, url} = await postgres.cluster();
    const reader = new pg.Client(url());
    await reader.connect();
    await reader.query('BEGIN; LOCK TABLE task IN SHARE MODE');
    await refused(url(), 'database-busy', /task|lock/);
    await reader.end();
    await query('SELECT 1');
  });
});

describe('others who write to a published table', {skip}, () => {
  const postgres = sharedPostgres();

  it('need no rights on our schema, and their settings change nothing of what is told', async () => {
    const source = await postgres.source();
    await source.exec(
      `CREATE TABLE happening (at timestamptz, lasts interval, f float8, cost money, day date, PRIMARY KEY (at, day))`,
    );
    await source.start(normalisePublish(['happening']));
    const {query, url} = await postgres.cluster();
    await query(
      `CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA public TO app; GRANT SELECT, INSERT, UPDATE, DELETE ON happening TO app`,
    );
    const app = new pg.Client(url().replace('postgres@', 'app@'));
    after(() => app.end().catch(() => {}));
    await app.connect();
    await app.query(`SET TimeZone = 'Pacific/Apia'; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = -5;
      CREATE TEMP TABLE transaction (x int); SET search_path = pg_temp, public`);
    const from = whole(source.head.lsn);
    await app.query(
      `INSERT INTO happening VALUES ('2024-02-29 12:00+00', '1 day 02:00', 0.1::float8 + 0.2::float8, '1.50', '2024-02-29')`,
    );
    await app.query(`UPDATE happening SET cost = '2.50'`);
    await assert.rejects(app.query('SELECT * FROM sync.log'), {code: '42501'});
    await app.end();
    await source.query('SELECT 1');
    const told = await readAll(source, from);
    const {rows} = await source.page({table: 'happening', after: undefined, filters: [], limit: 10});
    assert.deepEqual(
      told.map(({id}) => id),
      [rows[0]?.id, rows[0]?.id],
    );
    assert.equal(told[1]?.row, rows[0]?.row);
    assert.equal(told[0]?.row, told[1]?.old);
    assert.equal(JSON.parse(rows[0]?.row ?? '').at, '2024-02-29T12:00:00+00:00');
    await query(`DROP OWNED BY app; DROP ROLE app`);
  });

  it('read in a host’s own SQL as they do on PGlite', async () => {
    const source = await postgres.source();
    const [row] = await source.query(
      `SELECT 1::int8 AS small, 9007199254740993 AS big, 1.50 AS n, 0.5::float8 AS f, true AS o, '{"a":1}'::jsonb AS j,
         '2024-02-29T12:00:00Z'::timestamptz AS t, '\\xff'::bytea AS b, '{1,NULL}'::int8[] AS a, '{1.50}'::numeric[] AS ns, interval '1 day' AS i`,
    );
    assert.deepEqual(row, {
      small: 1,
      big: 9007199254740993n,
      n: '1.50',
      f: 0.5,
      o: true,
      j: {a: 1},
      t: new Date('2024-02-29T12:00:00Z'),
      b: Buffer.from([255]),
      a: [1, null],
      ns: ['1.50'],
      i: '1 day',
    });
  });

  it('are not what is committed where a failure was overlooked', async () => {
    const source = await postgres.source();
    await source.start(PUBLISH);
    const careless = source.transaction(async tx => {
      await tx.write('task', 'a', {title: '1'}, 'merge');
      await tx.query('SELECT 1/0').catch(() => {});
    });
    await assert.rejects(careless, /rolled back/);
    assert.equal(await source.count('task', []), 0);
    await source.transaction(tx => tx.write('task', 'a', {title: '2'}, 'merge'));
  });
});
