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
import {ident, literal, type Queryable} from './sql.js';
import {idSql, type PgTable, rowSql} from './table.js';

const NESTED = `current_setting('sync.nested', true) = 'yes'`;

/** Replaces all our triggers: also those of tables no longer published, or with columns that have changed. */
export async function replaceTriggers(sql: Queryable, tables: Iterable<PgTable>): Promise<void> {
  const {rows} = await sql.query<{name: string}>(
    `SELECT p.oid::regprocedure::text AS name FROM pg_proc p
     WHERE p.pronamespace = 'sync'::regnamespace AND p.prorettype = 'trigger'::regtype`,
  );
  for (const {name} of rows) await sql.exec(`DROP FUNCTION ${name} CASCADE`);
  for (const table of tables) await sql.exec(triggersSql(table));
}

function triggersSql(table: PgTable): string {
  const tag = createHash('sha256').update(table.name).digest('hex').slice(0, 16);
  const sameKey = (a: string, b: string) => table.key.map(k => `${a}.${ident(k)} = ${b}.${ident(k)}`).join(' AND ');
  const type = literal(table.name);
  const parts = [
    trigger(
      table,
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
       PERFORM sync.tell(position);
       RETURN NULL;`,
    ),
    // A key deleted and inserted again in one statement, or by another trigger, is there: then its row goes out.
    trigger(
      table,
      `delete_${tag}`,
      'AFTER DELETE',
      'REFERENCING OLD TABLE AS gone FOR EACH STATEMENT',
      `IF NOT EXISTS (SELECT 1 FROM gone) THEN RETURN NULL; END IF;
       position := sync.bump();
       INSERT INTO sync.log (lsn, type, id, old, row)
       SELECT position, ${type}, ${idSql(table, 'g')}, ${rowSql(table, 'g')},
         CASE WHEN t.${ident(table.key[0] ?? '')} IS NOT NULL THEN ${rowSql(table, 't')} END
       FROM gone g LEFT JOIN ${table.sql} t ON ${sameKey('t', 'g')};
       PERFORM sync.tell(position);
       RETURN NULL;`,
    ),
    // After `SET id = id + 1` the old key of one row is the new key of another: it is deleted only if nobody has it.
    trigger(
      table,
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
       PERFORM sync.tell(position);
       RETURN NULL;`,
    ),
    trigger(
      table,
      `truncate_${tag}`,
      'BEFORE TRUNCATE',
      'FOR EACH STATEMENT',
      `IF NOT EXISTS (SELECT 1 FROM ${table.sql}) THEN RETURN NULL; END IF;
       position := sync.bump();
       INSERT INTO sync.log (lsn, type, id, old)
       SELECT position, ${type}, ${idSql(table, 't')}, ${rowSql(table, 't')} FROM ${table.sql} t;
       PERFORM sync.tell(position);
       RETURN NULL;`,
    ),
  ];
  return parts.join('\n');
}

/**
 * Columns are qualified wherever they stand, so a name alone is a variable's, though a table may have a column of it.
 * ALWAYS: also while a restore runs with `session_replication_role = replica`.
 */
function trigger(table: PgTable, name: string, event: string, how: string, body: string): string {
  const quoted = ident(`!sync-${event.slice(event.indexOf(' ') + 1).toLowerCase()}`);
  return `
CREATE FUNCTION sync.${name}() RETURNS trigger LANGUAGE plpgsql AS $sync_trigger$
#variable_conflict use_variable
DECLARE position int8; before text; after text; old_id text; new_id text;
BEGIN
  ${body}
END $sync_trigger$;
CREATE TRIGGER ${quoted} ${event} ON ${table.sql} ${how} EXECUTE FUNCTION sync.${name}();
ALTER TABLE ${table.sql} ENABLE ALWAYS TRIGGER ${quoted};`;
}
