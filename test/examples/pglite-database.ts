import type {PGlite} from '@electric-sql/pglite';
import type {Change, Database} from 'sync-elements';

/** The columns of each table, the key first. Only these are written, whatever the server sends. */
const TABLES: Record<string, readonly string[]> = {
  task: ['id', 'title', 'rank', 'done'],
  note: ['id', 'title', 'rank', 'done'],
};

const COLUMNS = 'id text PRIMARY KEY, title text, rank int, done boolean';

/** Rows in real tables, for SQL; the checkpoint in one beside them. One PGlite is one tab's. */
export async function pgliteDatabase(pg: PGlite): Promise<Database> {
  await pg.exec(`
    CREATE TABLE IF NOT EXISTS task (${COLUMNS});
    CREATE TABLE IF NOT EXISTS note (${COLUMNS});
    CREATE TABLE IF NOT EXISTS sync_checkpoint (one bool PRIMARY KEY DEFAULT true, value jsonb NOT NULL);`);
  const columnsOf = (type: string) => {
    const columns = TABLES[type];
    if (!columns) throw new Error(`There is no table for rows of the type ${type}`);
    return columns;
  };
  return {
    scope: 'tab',
    transaction: run =>
      pg.transaction(async tx => {
        const put = async ({type, entityType, entityId, data = {}, partial}: Change) => {
          const columns = columnsOf(entityType);
          if (type === 'delete') return tx.query(`DELETE FROM ${entityType} WHERE id = $1`, [entityId]);
          const row: Record<string, unknown> = {...data, id: entityId};
          const given = partial ? columns.filter(column => Object.hasOwn(row, column)) : columns;
          const places = given.map((_, index) => `$${index + 1}`);
          const sets = given.map(column => `${column} = excluded.${column}`);
          return tx.query(
            `INSERT INTO ${entityType} (${given}) VALUES (${places}) ON CONFLICT (id) DO UPDATE SET ${sets}`,
            given.map(column => row[column] ?? null),
          );
        };
        return run({
          async upsertEntity(entityType, entityId, data, _timestamp, partial = false) {
            await put({type: 'update', entityType, entityId, data: data as Change['data'] & object, partial});
          },
          async deleteEntity(entityType, entityId) {
            await put({type: 'delete', entityType, entityId});
          },
          async readCheckpoint() {
            const {rows} = await tx.query<{value: never}>('SELECT value FROM sync_checkpoint');
            return rows[0]?.value;
          },
          async writeCheckpoint(checkpoint) {
            await tx.query(
              'INSERT INTO sync_checkpoint (value) VALUES ($1) ON CONFLICT (one) DO UPDATE SET value = excluded.value',
              [JSON.stringify(checkpoint)],
            );
          },
        });
      }),
    async clear() {
      await pg.exec('TRUNCATE task, note, sync_checkpoint');
    },
    async get(type, id) {
      const {rows} = await pg.query<object>(`SELECT ${columnsOf(type)} FROM ${type} WHERE id = $1`, [id]);
      return rows[0];
    },
    async list(type) {
      const {rows} = await pg.query<{id: string}>(`SELECT ${columnsOf(type)} FROM ${type}`);
      return rows.map(row => ({id: row.id, data: row}));
    },
  };
}
