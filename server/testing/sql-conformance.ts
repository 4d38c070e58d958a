/**
 * What every source on Postgres has to do besides being a ChangeSource: its triggers follow whatever SQL does, values travel
 * without loss, and tables may be called anything.
 */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {JsonObject} from '../../src/protocol/protocol.js';
import {normalisePublish, type Publish} from '../source/publication.js';
import type {SqlSource} from '../source/sql/sql-source.js';
import {readAll, whole} from './conformance.js';

export const KEYED = `CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i;`;

/** What statements leave in the log, applied to a map as a client would: it has to come out as the table is. */
async function replayed(source: SqlSource, table: string, sql: string): Promise<void> {
  const before = await source.page({table, after: undefined, filters: [], limit: 1000});
  const rows = new Map(before.rows.map(row => [row.id, row.row]));
  const from = whole(source.head.lsn);
  await source.exec(sql);
  const told = await readAll(source, from);
  // Trimming, though there is nothing to trim, has it ask the log again.
  await source.trim({rows: 1e9, milliseconds: 1e12});
  assert.deepEqual(await readAll(source, from), told, 'what was told with the commit is what the log says');
  for (const change of told) {
    if (change.table !== table) continue;
    if (change.row === null) rows.delete(change.id);
    else rows.set(change.id, change.row);
  }
  const after = await source.page({table, after: undefined, filters: [], limit: 1000});
  assert.deepEqual([...rows].sort(), after.rows.map(row => [row.id, row.row]).sort());
}

/** @param make a source on an empty database */
export function sqlConformance(name: string, make: () => Promise<SqlSource>): void {
  async function started(sql: string, publish: Publish): Promise<SqlSource> {
    const source = await make();
    await source.exec(sql);
    await source.start(normalisePublish(publish));
    return source;
  }

  describe(`${name}: change log`, () => {
    for (const [what, sql] of Object.entries({
      'a key that moves': `UPDATE t SET id = 10 WHERE id = 1`,
      'keys that trade places': `UPDATE t SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE id END`,
      'keys that all move up by one': `UPDATE t SET id = id + 1`,
      'keys that all move down by one': `UPDATE t SET id = id - 1`,
      truncate: `TRUNCATE t`,
      'truncate and refill': `BEGIN; TRUNCATE t; INSERT INTO t VALUES (1, 'new'); COMMIT;`,
      'delete and insert in one statement': `WITH d AS (DELETE FROM t WHERE id = 3 RETURNING *) INSERT INTO t SELECT id + 5, v FROM d`,
      'insert or update': `ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (id);
      INSERT INTO t VALUES (1, 'upd'), (9, 'ins') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v`,
      'nothing but a savepoint that is kept': `BEGIN; SAVEPOINT a; UPDATE t SET v = 'kept' WHERE id = 2; RELEASE a; COMMIT;`,
      'more than a commit tells': `INSERT INTO t SELECT i, 'many' FROM generate_series(10, 30) i`,
      'more than a commit tells, after little': `BEGIN; UPDATE t SET v = 'few' WHERE id = 1;
      INSERT INTO t SELECT i, 'many' FROM generate_series(10, 30) i; UPDATE t SET v = 'last' WHERE id = 2; COMMIT;`,
      'more than a commit tells, taken back': `BEGIN; UPDATE t SET v = 'few' WHERE id = 1; SAVEPOINT a;
      INSERT INTO t SELECT i, 'many' FROM generate_series(10, 30) i; ROLLBACK TO a; UPDATE t SET v = 'last' WHERE id = 2; COMMIT;`,
      'a row larger than a commit tells': `UPDATE t SET v = repeat('é', 5000) WHERE id = 1`,
      'text that the telling is parted by': `UPDATE t SET v = E'a\\x1eb\\x1f=c\\n! 1 =' WHERE id = 1`,
      'constraints that are checked at once': `BEGIN; SET CONSTRAINTS ALL IMMEDIATE; UPDATE t SET v = 'a' WHERE id = 1;
      UPDATE t SET v = 'b' WHERE id = 2; COMMIT;`,
      'a savepoint rolled back': `BEGIN; SAVEPOINT a; UPDATE t SET v = 'lost'; ROLLBACK TO a; UPDATE t SET v = 'kept' WHERE id = 1; COMMIT;`,
      merge: `MERGE INTO t USING (VALUES (1, 'm'), (8, 'n')) AS s (id, v) ON t.id = s.id
      WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)`,
    })) {
      it(`follows ${what}`, async () => {
        await replayed(await started(KEYED, ['t']), 't', sql);
      });
    }

    it('follows triggers of the host that change other rows of the same statement', async () => {
      const source = await started(
        `CREATE TABLE t (id int PRIMARY KEY, v text);
       CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;
         UPDATE t SET v = v || '!' WHERE id <> NEW.id; RETURN NULL; END $$;
       CREATE TRIGGER aaa AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION meddle();`,
        ['t'],
      );
      await replayed(source, 't', `INSERT INTO t SELECT i, 'v' FROM generate_series(1, 4) i`);
      await replayed(source, 't', `UPDATE t SET v = 'w'`);
    });

    it('follows cascades', async () => {
      const source = await started(
        `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE);
       INSERT INTO p VALUES (1), (2); INSERT INTO t VALUES (1, 1), (2, 1), (3, 2);`,
        ['p', 't'],
      );
      await replayed(source, 't', `UPDATE p SET id = 7 WHERE id = 1`);
      await replayed(source, 't', `DELETE FROM p WHERE id = 7`);
    });

    it('gives all changes of one SQL transaction one position', async () => {
      const source = await started(KEYED, ['t']);
      const from = whole(source.head.lsn);
      await source.exec(
        `BEGIN; UPDATE t SET v = 'a'; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (9, 'x'); COMMIT;`,
      );
      const chunks = await source.read(from, 100_000);
      assert.equal(chunks.length, 1);
      assert.equal(chunks[0]?.changes.length, 7);
    });

    it('takes no position for statements that change nothing published', async () => {
      const source = await started(
        `CREATE TABLE t (id int PRIMARY KEY, v text, hidden text); INSERT INTO t VALUES (1, 'a', 'b')`,
        {
          t: {columns: ['v']},
        },
      );
      const {head} = source;
      await source.exec(
        `UPDATE t SET hidden = 'c'; UPDATE t SET v = 'z' WHERE false; DELETE FROM t WHERE false; INSERT INTO t SELECT 2 WHERE false`,
      );
      assert.deepEqual(source.head, head);
    });
  });

  describe(`${name}: values`, () => {
    it('travel without loss', async () => {
      const source = await started(
        `CREATE TABLE t (id int8 PRIMARY KEY, n numeric, f float8, b bytea, d date, ts timestamptz, j jsonb, js json, a int8[], u uuid, o boolean, e text);
       SET timezone = 'UTC';
       INSERT INTO t VALUES (9223372036854775807, 12345678901234567890.123456789, 0.1, decode(repeat('ff', 100), 'hex'), '2024-02-29',
         '2024-02-29T12:00:00Z', '{"big": 9007199254740993, "s": "9007199254740993", "n": 1.5}', E'{"x":\\n 1e999}', '{9007199254740993}',
         '00000000-0000-0000-0000-000000000001', true, E'tab\\there, "quote", é, 😀');`,
        ['t'],
      );
      const {rows} = await source.page({table: 't', after: undefined, filters: [], limit: 2});
      assert.equal(rows[0]?.id, '9223372036854775807');
      assert.deepEqual(JSON.parse(rows[0]?.row ?? ''), {
        id: '9223372036854775807',
        n: '12345678901234567890.123456789',
        f: 0.1,
        b: Buffer.alloc(100, 255).toString('base64'),
        d: '2024-02-29',
        ts: '2024-02-29T12:00:00+00:00',
        j: {big: '9007199254740993', s: '9007199254740993', n: 1.5},
        js: {x: '1e999'},
        a: ['9007199254740993'],
        u: '00000000-0000-0000-0000-000000000001',
        o: true,
        e: 'tab\there, "quote", é, 😀',
      });
      assert.equal(
        await source.count('t', [
          [
            ['id', '9223372036854775807'],
            ['o', true],
            ['f', 0.1],
          ],
        ]),
        1,
      );
    });

    it('come back in as they went out', async () => {
      const source = await started(
        `CREATE TABLE t (id int PRIMARY KEY, n numeric, b bytea, d date, j jsonb, a int8[], big int8)`,
        ['t'],
      );
      const row: JsonObject = {
        n: '1.50',
        b: '//8=',
        d: '2024-02-29',
        j: {deep: [1, {x: null}]},
        a: ['1', '2'],
        big: '9007199254740993',
      };
      await source.transaction(tx => tx.write('t', '7', row, 'merge'));
      assert.deepEqual(await source.transaction(tx => tx.read('t', '7')), {id: 7, ...row});
    });

    for (const [id, columns] of [
      ['x', {}],
      ['07', {}],
      ['1', {n: 'abc'}],
      ['1', {b: 'no base64!'}],
      ['1', {d: '2024-13-01'}],
    ] as [string, JsonObject][]) {
      it(`refuses ${id} ${JSON.stringify(columns)}`, async () => {
        const source = await started(`CREATE TABLE t (id int PRIMARY KEY, n numeric, b bytea, d date)`, ['t']);
        const writing = source.transaction(tx => tx.write('t', id, columns, 'merge'));
        await assert.rejects(writing, {name: 'OperationRefused', code: 'invalid-value'});
      });
    }

    it('names a broken constraint, and nothing of other rows', async () => {
      const source = await started(
        `CREATE TABLE t (id int PRIMARY KEY, mail text UNIQUE, v text NOT NULL); INSERT INTO t VALUES (1, 'secret@x', 'v')`,
        ['t'],
      );
      const writing = source.transaction(tx => tx.write('t', '2', {mail: 'secret@x', v: 'v'}, 'merge'));
      await assert.rejects(writing, error => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'constraint');
        assert.ok(error.message.includes('t_mail_key') && !error.message.includes('secret'));
        return true;
      });
    });
  });

  describe(`${name}: tables`, () => {
    for (const [code, sql, publish] of [
      ['no-primary-key', 'CREATE TABLE t (id int)', ['t']],
      ['unsupported-table', 'CREATE VIEW t AS SELECT 1 AS id', ['t']],
      ['unsupported-table', 'CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)', ['t']],
      ['unknown-column', 'CREATE TABLE t (id int PRIMARY KEY)', {t: {columns: ['x']}}],
      ['unknown-table', '', ['pg_class']],
    ] as [string, string, Publish][]) {
      it(`refuses with ${code}: ${sql || JSON.stringify(publish)}`, async () => {
        await assert.rejects(started(sql, publish), {code});
      });
    }

    it('may be called anything', async () => {
      const name = `we"ird 'table\\ $1 --é`;
      const source = await started(
        `CREATE TABLE "${name.replaceAll('"', '""')}" ("i""d" text PRIMARY KEY, "select" text); INSERT INTO "${name.replaceAll('"', '""')}" VALUES ('a', 'b')`,
        [name],
      );
      await replayed(source, name, `UPDATE "${name.replaceAll('"', '""')}" SET "select" = 'c'`);
      await source.transaction(tx => tx.write(name, 'k', {select: 'v'}, 'merge'));
      assert.deepEqual(await source.transaction(tx => tx.read(name, 'k')), {'i"d': 'k', select: 'v'});
    });

    it('changed in columns begin a new history; unchanged, they keep it', async () => {
      const sql = 'CREATE TABLE t (id int PRIMARY KEY, v text)';
      const source = await started(sql, ['t']);
      const {generation, head} = source;
      await source.start(normalisePublish(['t']));
      assert.equal(source.generation, generation);
      assert.equal(await source.verify(head.lsn, head.mark), 'ok');
      await source.exec('ALTER TABLE t ADD COLUMN w text');
      await source.start(normalisePublish(['t']));
      assert.notEqual(source.generation, generation);
      await replayed(source, 't', `INSERT INTO t VALUES (1, 'v', 'w')`);
    });
  });
}
