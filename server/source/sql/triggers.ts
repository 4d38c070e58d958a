/**
 * The triggers that write a published table's changes into the log.
 *
 * Inserts and deletes are taken per statement from transition tables (half the cost of per-row triggers when 171,075
 * rows are loaded); updates per row, because only there the old and the new image of a row are found together.
 * Our triggers come first by name ('!'). A trigger of the host may still change other rows of the statement before ours
 * has seen them; the transaction is marked as nested then, and images are taken from the table as it stands.
 * TRUNCATE fires no row trigger; before it runs, the delete of each row is logged: the clients must drop the rows one
 * way or another, and this way the other tables' checkpoints stay good.
 */
import {createHash} from 'node:crypto';
import type {Writers} from './locks.js';
import {ident, literal, type Queryable} from './sql.js';
import {idSql, type PgTable, rowSql} from './table.js';

const NESTED = `current_setting('sync.nested', true) = 'yes'`;

/** Drops all our triggers: also those of tables no longer published, or with columns that have changed. */
export async function dropTriggers(sql: Queryable): Promise<void> {
  const {rows} = await sql.query<{name: string}>(
    `SELECT p.oid::regprocedure::text AS name FROM pg_proc p
     WHERE p.pronamespace = 'sync'::regnamespace AND p.prorettype = 'trigger'::regtype`,
  );
  for (const {name} of rows) await sql.exec(`DROP FUNCTION ${name} CASCADE`);
}

/** Whether each table has its triggers, and nobody has switched them off, as a restore may. */
export async function hasTriggers(sql: Queryable, tables: Iterable<PgTable>, writers: Writers): Promise<boolean> {
  const each = writers === 'many' ? 5 : 4;
  for (const {oid} of tables) {
    const {rows} = await sql.query<{count: string}>(
      `SELECT count(*)::text AS count FROM pg_trigger
       WHERE tgrelid = $1::oid AND tgname LIKE '!sync-%' AND tgenabled = 'A'`,
      [oid],
    );
    if (Number(rows[0]?.count) !== each) return false;
  }
  return true;
}

export function triggersSql(table: PgTable, writers: Writers): string {
  const tag = createHash('sha256').update(table.name).digest('hex').slice(0, 16);
  const sameKey = (a: string, b: string) => table.key.map(k => `${a}.${ident(k)} = ${b}.${ident(k)}`).join(' AND ');
  const type = literal(table.name);
  const told = writers === 'one' ? 'PERFORM sync.tell(position);' : '';
  const trigger = (name: string, event: string, how: string, body: string) =>
    triggerSql(table, writers, name, event, how, body);
  const parts = [
    trigger(
      `insert_${tag}`,
      'AFTER INSERT',
      'REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT',
      `IF NOT EXISTS (SELECT 1 FROM fresh) THEN RETURN NULL; END IF;
       position := sync.bump();
       IF ${NESTED} THEN
         INSERT INTO sync.log (lsn, type, id, old, row)
         SELECT position, ${type}, ${idSql(table, 't')}, '', ${rowSql(table, 't')}
         FROM fresh f JOIN ${table.sql} t ON ${sameKey('t', 'f')};
       ELSE
         INSERT INTO sync.log (lsn, type, id, row)
         SELECT position, ${type}, ${idSql(table, 'f')}, ${rowSql(table, 'f')} FROM fresh f;
       END IF;
       ${told}
       RETURN NULL;`,
    ),
    // A key deleted and inserted again in one statement, or by another trigger, is there: then its row goes out.
    trigger(
      `delete_${tag}`,
      'AFTER DELETE',
      'REFERENCING OLD TABLE AS gone FOR EACH STATEMENT',
      `IF NOT EXISTS (SELECT 1 FROM gone) THEN RETURN NULL; END IF;
       position := sync.bump();
       INSERT INTO sync.log (lsn, type, id, old, row)
       SELECT position, ${type}, ${idSql(table, 'g')}, ${rowSql(table, 'g')},
         CASE WHEN t.${ident(table.key[0] ?? '')} IS NOT NULL THEN ${rowSql(table, 't')} END
       FROM gone g LEFT JOIN ${table.sql} t ON ${sameKey('t', 'g')};
       ${told}
       RETURN NULL;`,
    ),
    // After `SET id = id + 1` the old key of one row is the new key of another: it is deleted only if nobody has it.
    trigger(
      `update_${tag}`,
      'AFTER UPDATE',
      'FOR EACH ROW',
      `before := ${rowSql(table, 'OLD')};
       after := ${rowSql(table, 'NEW')};
       old_id := ${idSql(table, 'OLD')};
       new_id := ${idSql(table, 'NEW')};
       IF before = after AND old_id = new_id AND NOT coalesce(${NESTED}, false) THEN RETURN NULL; END IF;
       position := sync.bump();
       IF ${NESTED} THEN
         SELECT ${rowSql(table, 't')} INTO after FROM ${table.sql} t WHERE ${sameKey('t', 'NEW')};
       END IF;
       IF old_id <> new_id THEN
         IF NOT EXISTS (SELECT 1 FROM ${table.sql} t WHERE ${sameKey('t', 'OLD')}) THEN
           INSERT INTO sync.log (lsn, type, id, old) VALUES (position, ${type}, old_id, before);
         END IF;
         before := '';
       END IF;
       INSERT INTO sync.log (lsn, type, id, old, row) VALUES (position, ${type}, new_id, before, after);
       ${told}
       RETURN NULL;`,
    ),
    trigger(
      `truncate_${tag}`,
      'BEFORE TRUNCATE',
      'FOR EACH STATEMENT',
      `IF NOT EXISTS (SELECT 1 FROM ${table.sql}) THEN RETURN NULL; END IF;
       position := sync.bump();
       INSERT INTO sync.log (lsn, type, id, old)
       SELECT position, ${type}, ${idSql(table, 't')}, ${rowSql(table, 't')} FROM ${table.sql} t;
       ${told}
       RETURN NULL;`,
    ),
  ];
  if (writers === 'many') parts.push(turnSql(table));
  return parts.join('\n');
}

function turnSql(table: PgTable): string {
  return `
CREATE TRIGGER "!sync-turn" BEFORE INSERT OR UPDATE OR DELETE ON ${table.sql}
  FOR EACH STATEMENT EXECUTE FUNCTION sync.take_turn();
ALTER TABLE ${table.sql} ENABLE ALWAYS TRIGGER "!sync-turn";`;
}

/**
 * Columns are qualified wherever they stand, so a name alone is a variable's, though a table may have a column of it.
 * ALWAYS: also while a restore runs with `session_replication_role = replica`.
 */
function triggerSql(table: PgTable, writers: Writers, name: string, event: string, how: string, body: string): string {
  const quoted = ident(`!sync-${event.slice(event.indexOf(' ') + 1).toLowerCase()}`);
  return `
CREATE FUNCTION sync.${name}() RETURNS trigger LANGUAGE plpgsql ${writers === 'many' ? asOurs(table) : ''} AS $sync_trigger$
#variable_conflict use_variable
DECLARE position int8; before text; after text; old_id text; new_id text;
BEGIN
  ${body}
END $sync_trigger$;
CREATE TRIGGER ${quoted} ${event} ON ${table.sql} ${how} EXECUTE FUNCTION sync.${name}();
ALTER TABLE ${table.sql} ENABLE ALWAYS TRIGGER ${quoted};`;
}

/**
 * Settings that decide how a value is spelled. A change is written down in the session of whoever makes it, and has to
 * read as the same row does in ours.
 */
export const SPELLING: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
};

/** With our rights, since others who write a published table have none on our log; so nothing may be found by a path of theirs. */
function asOurs(table: PgTable): string {
  const path = ['pg_catalog', ...table.keySchemas.map(ident), 'pg_temp'].join(', ');
  const settings = Object.entries(SPELLING).map(([name, value]) => `SET ${name} = ${literal(value)}`);
  return `SECURITY DEFINER SET search_path = ${path} ${settings.join(' ')}`;
}
