/** Servers for tests: started on a free port, stopped and cleaned up when the test is over. */
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after} from 'node:test';
import {PGlite} from '@electric-sql/pglite';
import type {JsonObject} from '../../src/protocol/protocol.js';
import {createSyncServer, MemorySource, PGliteSource, type SyncServer, type SyncServerOptions} from '../index.js';
import type {ChangeSource} from '../source/change-source.js';

export const TABLES = {task: {}, note: {}, pair: {key: ['a', 'b']}};

export interface Running<S extends ChangeSource = ChangeSource> {
  server: SyncServer;
  source: S;
  url: string;
  port: number;
}

/** A server that is closed after the test (or suite) that started it. */
export async function startServer(options: Partial<SyncServerOptions> = {}): Promise<Running> {
  const source = options.source ?? new MemorySource({tables: TABLES});
  // Tests come in crowds; what that costs has tests of its own.
  const limits = {greetingsPerSecond: 100_000, ...options.limits};
  const server = createSyncServer({publish: ['task', 'pair'], logger: 'silent', ...options, limits, source});
  after(() => server.close());
  return {server, source, ...(await server.listen())};
}

/** Writes rows as the host would, all in one transaction. */
export async function write(
  source: ChangeSource,
  table: string,
  rows: Record<string, JsonObject | null>,
): Promise<void> {
  await source.transaction(async tx => {
    for (const [id, row] of Object.entries(rows)) {
      if (row) await tx.write(table, id, row, 'merge');
      else await tx.remove(table, id);
    }
  });
}

/** `count` rows of about `size` bytes, by ids that sort as they count. */
export function manyRows(count: number, size = 50): Record<string, JsonObject> {
  const title = 'x'.repeat(size);
  const rows: Record<string, JsonObject> = {};
  for (let index = 0; index < count; index++) rows[`r${String(index).padStart(6, '0')}`] = {title};
  return rows;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sync-elements-'));
  after(() => rm(folder, {recursive: true, force: true}));
  return folder;
}

export const SCHEMA = `
DROP SCHEMA IF EXISTS sync CASCADE;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE TABLE task (id text PRIMARY KEY, title text, owner text, secret text);
CREATE TABLE pair (a text, b text, note text, PRIMARY KEY (a, b));
`;

/** One database for a whole test file, since making one takes seconds; each call gives it back empty. */
export function sharedDatabase(): (sql?: string) => Promise<PGliteSource> {
  let opening: Promise<PGlite> | undefined;
  after(async () => (await opening)?.close());
  return async (sql = SCHEMA) => {
    opening ??= PGlite.create();
    const pglite = await opening;
    await pglite.exec(sql);
    return new PGliteSource({pglite});
  };
}
