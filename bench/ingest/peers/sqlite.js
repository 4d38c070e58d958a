/**
 * SQLite compiled to wasm on the origin's private file system, by its pool of synchronous access handles: the fastest of its
 * file systems. One prepared upsert, and one transaction for what came with its position.
 */
export async function open() {
  // Not bundled: it finds its wasm beside itself.
  const address = '/sqlite/index.mjs';
  const {default: initialise} = await import(/* @vite-ignore */ address);
  const sqlite = await initialise();
  const pool = await sqlite.installOpfsSAHPoolVfs({clearOnInit: true});
  const database = new pool.OpfsSAHPoolDb('/sqlite.db');
  database.exec(`
    PRAGMA page_size = 8192;
    PRAGMA cache_size = -65536;
    PRAGMA locking_mode = exclusive;
    PRAGMA journal_mode = wal;
    PRAGMA synchronous = normal;
    CREATE TABLE item (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`);
  // Asked for one it can't have, SQLite keeps another and says nothing.
  const mode = database.selectValue('PRAGMA journal_mode');
  if (mode !== 'wal') throw new Error(`The journal's mode is ${mode}`);
  const row = database.prepare('INSERT INTO item VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data');
  const meta = database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  return {
    async keep(changes, lsn) {
      database.exec('BEGIN');
      for (const {entityId, data} of changes) row.bind([entityId, JSON.stringify(data)]).stepReset();
      meta.bind(['position', lsn]).stepReset();
      database.exec('COMMIT');
    },
    /** By a new connection: what it finds lies in the files. */
    async stored() {
      for (const statement of [row, meta]) statement.finalize();
      database.close();
      const again = new pool.OpfsSAHPoolDb('/sqlite.db');
      again.exec('PRAGMA locking_mode = exclusive');
      return {
        rows: again.selectValue('SELECT count(*) FROM item'),
        position: again.selectValue("SELECT value FROM meta WHERE key = 'position'"),
      };
    },
  };
}
