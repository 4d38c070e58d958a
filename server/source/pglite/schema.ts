/**
 * Our own tables, in the schema `sync`, and the history's identity.
 *
 * A WAL LSN can't be a transaction's position here: each row has another one, and a fresh or copied folder counts from
 * the same start again. So the position is a counter in a row of its own, bumped by the first change of a transaction.
 * That row's lock also makes commit order and position order one and the same.
 */
import {randomUUID} from 'node:crypto';
import {lineSql, READ_LOG} from './log.js';
import type {Queryable} from './sql.js';

/** Bumped when these tables change shape. */
const FORMAT = '1';

export const CHANNEL = 'sync_commit';

/** Changes of a transaction that is told with its commit, at the most: each statement tells all so far. */
const TOLD = 8;

const TABLES = `
CREATE SCHEMA IF NOT EXISTS sync;
CREATE TABLE IF NOT EXISTS sync.meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS sync.position (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  lsn int8 NOT NULL,      -- of the last transaction
  floor int8 NOT NULL     -- the oldest position a client can still go on from
);
CREATE TABLE IF NOT EXISTS sync.transaction (
  lsn int8 PRIMARY KEY,
  mark text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS sync.log (
  lsn int8 NOT NULL,
  seq bigserial NOT NULL,
  type text NOT NULL,
  id text NOT NULL,
  old text,
  row text,
  PRIMARY KEY (lsn, seq)
);
CREATE TABLE IF NOT EXISTS sync.operation (
  subject text NOT NULL,
  id text NOT NULL,
  hash text NOT NULL,
  lsn int8 NOT NULL,
  generation text NOT NULL,
  instance text NOT NULL,
  seq int8 NOT NULL,
  PRIMARY KEY (subject, id)
);
CREATE INDEX IF NOT EXISTS operation_of_instance ON sync.operation (subject, instance, seq);
CREATE INDEX IF NOT EXISTS operation_at ON sync.operation (lsn);
CREATE TABLE IF NOT EXISTS sync.instance (
  subject text NOT NULL,
  instance text NOT NULL,
  epoch int8 NOT NULL,
  settled int8 NOT NULL,
  PRIMARY KEY (subject, instance)
);

-- The position of the running transaction. A setting local to it remembers that it has one; a savepoint rolled back
-- takes the setting and the bump back together.
CREATE OR REPLACE FUNCTION sync.bump() RETURNS int8 LANGUAGE plpgsql AS $sync$
DECLARE
  known text := current_setting('sync.lsn', true);
  position int8;
  mark text;
BEGIN
  IF pg_trigger_depth() > 1 THEN PERFORM set_config('sync.nested', 'yes', true); END IF;
  IF known IS NOT NULL AND known <> '' THEN RETURN known::int8; END IF;
  UPDATE sync.position AS p SET lsn = p.lsn + 1 RETURNING p.lsn INTO position;
  mark := replace(gen_random_uuid()::text, '-', '');
  INSERT INTO sync.transaction (lsn, mark) VALUES (position, mark);
  PERFORM set_config('sync.lsn', position::text, true);
  PERFORM pg_notify('${CHANNEL}', position || ' ' || mark);
  RETURN position;
END $sync$;

-- What the running transaction has logged so far, told with its commit while it is small: see recent.ts. Postgres takes
-- payloads below 8000 bytes.
CREATE OR REPLACE FUNCTION sync.tell(here int8) RETURNS void LANGUAGE plpgsql AS $sync$
DECLARE
  told int8;
  lines text;
BEGIN
  IF current_setting('sync.told', true) = 'no' THEN RETURN; END IF;
  SELECT count(*), string_agg(${lineSql('l')}, E'\\x1e' ORDER BY l.seq) INTO told, lines
  FROM (SELECT * FROM sync.log AS x WHERE x.lsn = here ORDER BY x.seq LIMIT ${TOLD + 1}) AS l;
  IF told <= ${TOLD} AND octet_length(lines) < 7900 THEN
    PERFORM pg_notify('${CHANNEL}', here || ' =' || lines);
  ELSE
    PERFORM set_config('sync.told', 'no', true);
    PERFORM pg_notify('${CHANNEL}', here || ' !');
  END IF;
END $sync$;
`;

/** Makes the tables where they are missing; a new database gets its generation and its first position. */
export async function createTables(sql: Queryable): Promise<void> {
  await sql.exec(TABLES + READ_LOG);
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
export async function rotateGeneration(sql: Queryable): Promise<void> {
  await sql.query(`UPDATE sync.meta SET value = $1 WHERE name = 'generation'`, [randomUUID()]);
  await sql.exec(`
    SELECT sync.bump();
    DELETE FROM sync.log;
    UPDATE sync.position SET floor = lsn;
    DELETE FROM sync.transaction WHERE lsn < (SELECT lsn FROM sync.position);`);
}

export async function readMeta(sql: Queryable, name: string): Promise<string | undefined> {
  const {rows} = await sql.query<{value: string}>('SELECT value FROM sync.meta WHERE name = $1', [name]);
  return rows[0]?.value;
}

export async function writeMeta(sql: Queryable, name: string, value: string): Promise<void> {
  await sql.query('INSERT INTO sync.meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value', [
    name,
    value,
  ]);
}
