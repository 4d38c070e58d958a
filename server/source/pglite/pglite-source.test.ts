import assert from 'node:assert/strict';
import {describe, it, mock} from 'node:test';
import {PGlite} from '@electric-sql/pglite';
import {conformance, readAll, whole} from '../../testing/conformance.js';
import {sharedDatabase} from '../../testing/harness.js';
import {KEYED, sqlConformance} from '../../testing/sql-conformance.js';
import {normalisePublish} from '../publication.js';
import type {PGliteSource} from './pglite-source.js';

const database = sharedDatabase();

conformance('PGliteSource', () => database());
sqlConformance('PGliteSource', () => database());

async function started(sql: string): Promise<PGliteSource> {
  const source = await database();
  await source.exec(sql);
  await source.start(normalisePublish(['t']));
  return source;
}

describe('PGliteSource', () => {
  it('is not asked for a small transaction, which its commit tells, but for others', async () => {
    const source = await started(KEYED);
    const asked = mock.method(PGlite.prototype, 'query');
    const readNew = async (sql: string) => {
      const from = whole(source.head.lsn);
      await source.exec(sql);
      const before = asked.mock.callCount();
      const changes = await readAll(source, from);
      return {changes: changes.length, asked: asked.mock.callCount() - before > 1};
    };
    // The look that finds nothing more is the one that remains.
    assert.deepEqual(await readNew(`UPDATE t SET v = 'x' WHERE id < 5`), {changes: 4, asked: false});
    assert.deepEqual(await readNew(`INSERT INTO t SELECT i, 'many' FROM generate_series(10, 30) i`), {
      changes: 21,
      asked: true,
    });
    assert.deepEqual(await readNew(`UPDATE t SET v = 'y' WHERE id < 5`), {changes: 4, asked: false});
    asked.mock.restore();
  });

  it('leaves others their turn between two transactions', async () => {
    const source = await started('CREATE TABLE t (id text PRIMARY KEY)');
    const order: string[] = [];
    const one = (id: string) => source.transaction(tx => tx.write('t', id, {}, 'merge')).then(() => order.push(id));
    setImmediate(() => order.push('others'));
    await one('a');
    await one('b');
    assert.deepEqual(order, ['others', 'a', 'b']);
  });
});
