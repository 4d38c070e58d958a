/**
 * Our own tables and functions, in the schema `sync`.
 *
 * A WAL LSN can't be a transaction's position here: each row has another one, and a fresh or copied folder counts from
 * the same start again. So the position is a counter in a row of its own, bumped by the first change of a transaction.
 * That row's lock also makes commit order and position order one and the same, however many write at once.
 */
import {TURN_LOCK, type Writers} from './locks.js';
import {lineSql, READ_LOG} from './log.js';

/** Bumped when these tables change shape. */
export const FORMAT = '1';

export const CHANNEL = 'sync_commit';

/** Changes of a transaction that is told with its commit, at the most: each statement tells all so far. */
const TOLD = 8;

// The schema may be there already, made by someone who may make schemas: even IF NOT EXISTS asks for that right.
const TABLES = `
DO $sync$ BEGIN IF to_regnamespace('sync') IS NULL THEN CREATE SCHEMA sync; END IF; END $sync$;
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
`;

const bumpSql = (writers: Writers) => `
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
  ${writers === 'many' ? `PERFORM pg_advisory_xact_lock(${TURN_LOCK});` : ''}
  UPDATE sync.position AS p SET lsn = p.lsn + 1 RETURNING p.lsn INTO position;
  mark := replace(gen_random_uuid()::text, '-', '');
  INSERT INTO sync.transaction (lsn, mark) VALUES (position, mark);
  PERFORM set_config('sync.lsn', position::text, true);
  PERFORM pg_notify('${CHANNEL}', position || ' ' || mark);
  RETURN position;
END $sync$;
`;

const TELL = `
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

/**
 * Writers take turns from their first statement on a published table, and not only from its first change, which their
 * triggers see when rows are locked already: two who then want each other's rows would be a deadlock. Not the counter's
 * row is what they wait for, but a lock that costs a statement without changes nothing.
 *
 * A server's position is its own only while no other one has begun: see postgres/postgres-source.ts.
 */
const TURNS = `
CREATE OR REPLACE FUNCTION sync.take_turn() RETURNS trigger LANGUAGE plpgsql AS $sync$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(${TURN_LOCK});
  RETURN NULL;
END $sync$;

CREATE OR REPLACE FUNCTION sync.bump_for(server text) RETURNS int8 LANGUAGE plpgsql AS $sync$
DECLARE position int8 := sync.bump();
BEGIN
  IF server IS DISTINCT FROM (SELECT m.value FROM sync.meta AS m WHERE m.name = 'server') THEN
    RAISE EXCEPTION 'another server has taken over' USING ERRCODE = 'object_in_use';
  END IF;
  RETURN position;
END $sync$;
`;

/** Repeatable. */
export function schemaSql(writers: Writers): string {
  return TABLES + bumpSql(writers) + (writers === 'one' ? TELL : TURNS) + READ_LOG;
}
