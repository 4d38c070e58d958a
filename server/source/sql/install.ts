/** Making a database ready for what is published, and the identity of its history. */
import {createHash, randomUUID} from 'node:crypto';
import type {Position} from '../change-source.js';
import type {Publication} from '../publication.js';
import type {Writers} from './locks.js';
import {fromNumber} from './log.js';
import {FORMAT, schemaSql} from './schema.js';
import type {Queryable} from './sql.js';
import {describeTables, type PgTable} from './table.js';
import {dropTriggers, hasTriggers, triggersSql} from './triggers.js';

/**
 * Inside a transaction. Where all is there as it should be nothing is touched, since each trigger that is made anew has to
 * wait for whoever uses its table, and the others then wait for it.
 */
export async function install(
  sql: Queryable,
  publication: Publication,
  writers: Writers,
): Promise<ReadonlyMap<string, PgTable>> {
  const tables = await describeTables(sql, publication);
  const all = [...tables.values()];
  const wanted = [schemaSql(writers), ...all.map(table => triggersSql(table, writers)).sort()];
  const hash = createHash('sha256').update(wanted.join('')).digest('hex');
  const shape = JSON.stringify(all.map(table => table.shape).sort());
  const before = await readMetas(sql);
  const same = before.get('installed') === hash;
  const intact = same && (await hasTriggers(sql, all, writers));
  if (!intact) {
    if (before.size > 0) await dropTriggers(sql);
    await sql.exec(wanted[0] ?? '');
    await beginHistory(sql);
    for (const triggers of wanted.slice(1)) await sql.exec(triggers);
    await writeMeta(sql, 'installed', hash);
  }
  // Triggers that were ours, and were taken away or switched off: what happened meanwhile is in no log.
  const missed = same && !intact;
  const known = before.get('shape');
  if (missed || (known !== undefined && known !== shape)) await rotateGeneration(sql);
  if (known !== shape) await writeMeta(sql, 'shape', shape);
  return tables;
}

export async function readHistory(sql: Queryable): Promise<{generation: string; head: Position | undefined}> {
  const {rows} = await sql.query<{generation: string; lsn: string; mark: string | null}>(
    `SELECT m.value AS generation, t.lsn::text AS lsn, t.mark
     FROM sync.meta m, sync.position p LEFT JOIN sync.transaction t ON t.lsn = p.lsn WHERE m.name = 'generation'`,
  );
  const [found] = rows;
  const {generation = '', lsn, mark} = found ?? {};
  return {generation, head: lsn && mark ? {lsn: fromNumber(lsn), mark} : undefined};
}

/** A new database gets its generation and its first position. */
async function beginHistory(sql: Queryable): Promise<void> {
  await sql.query(`INSERT INTO sync.meta VALUES ('format', $1), ('generation', $2) ON CONFLICT (name) DO NOTHING`, [
    FORMAT,
    randomUUID(),
  ]);
  await sql.exec(`
    INSERT INTO sync.position (lsn, floor) VALUES (0, 1) ON CONFLICT DO NOTHING;
    SELECT sync.bump() FROM sync.position WHERE lsn = 0;`);
}

/**
 * Begins a new history: what was published changed, so that no earlier checkpoint says anything about what its client
 * holds. Positions go on rising, and operation records are kept: an operation is still applied once.
 */
async function rotateGeneration(sql: Queryable): Promise<void> {
  await writeMeta(sql, 'generation', randomUUID());
  await sql.exec(`
    SELECT sync.bump();
    DELETE FROM sync.log;
    UPDATE sync.position SET floor = lsn;
    DELETE FROM sync.transaction WHERE lsn < (SELECT lsn FROM sync.position);`);
}

/** All that was noted down; nothing in a database that is new to us. */
export async function readMetas(sql: Queryable): Promise<ReadonlyMap<string, string>> {
  const {rows: found} = await sql.query<{there: boolean}>(`SELECT to_regclass('sync.meta') IS NOT NULL AS there`);
  if (!found[0]?.there) return new Map();
  const {rows} = await sql.query<{name: string; value: string}>('SELECT name, value FROM sync.meta');
  return new Map(rows.map(({name, value}) => [name, value]));
}

export async function writeMeta(sql: Queryable, name: string, value: string): Promise<void> {
  await sql.query('INSERT INTO sync.meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value', [
    name,
    value,
  ]);
}
