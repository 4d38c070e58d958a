/**
 * A Postgres in the process (PGlite) as a source: for development, demos and tests. Row triggers record changes in a
 * log of our own, since logical decoding does not work there; NOTIFY tells of commits, whoever made them.
 */
import {setImmediate as turn} from 'node:timers/promises';
import {compareLsn, type Lsn, SyncError} from '../../../src/protocol/protocol.js';
import {loadPeer} from '../../optional-peer.js';
import type {
  ChangeSource,
  Filter,
  InstanceState,
  LogChunk,
  LogPosition,
  Page,
  PageRequest,
  Position,
  SourceTransaction,
  Verdict,
} from '../change-source.js';
import type {Publication} from '../publication.js';
import {lockFolder} from './lock-file.js';
import {fromNumber, readLog, trimLog, verifyPosition} from './log.js';
import {refusalOf} from './pg-error.js';
import {RecentCommits} from './recent.js';
import {countRows, readPage} from './rows.js';
import {CHANNEL, createTables, readMeta, rotateGeneration, writeMeta} from './schema.js';
import type {PGliteLike, Queryable} from './sql.js';
import {describeTables, type PgTable} from './table.js';
import {replaceTriggers} from './triggers.js';
import {PGliteTransaction} from './writer.js';

export interface PGliteSourceOptions {
  /** Folder of the database; without one it lives in memory. */
  dataDir?: string;
  /** A PGlite of your own instead, which you open and close. */
  pglite?: PGliteLike;
  logger?: {info(message: string): void};
}

/** Transactions dropped from the log in one step. */
const TRIM_STEP = 1000;

export class PGliteSource implements ChangeSource {
  readonly #options: PGliteSourceOptions;
  readonly #listeners = new Set<() => void>();
  #opening: Promise<PGliteLike> | undefined;
  #release: (() => Promise<void>) | undefined;
  #unlisten: (() => Promise<void>) | undefined;
  #tables: ReadonlyMap<string, PgTable> = new Map();
  #generation = '';
  #head: Position = {lsn: '0/0', mark: ''};
  readonly #recent = new RecentCommits();

  constructor(options: PGliteSourceOptions = {}) {
    this.#options = options;
  }

  get generation(): string {
    return this.#generation;
  }

  get head(): Position {
    return this.#head;
  }

  get tables(): ReadonlyMap<string, PgTable> {
    return this.#tables;
  }

  /** Several statements of the host's own, for seeding and schema. Committed changes reach clients like any others. */
  async exec(sql: string): Promise<void> {
    await (await this.#open()).exec(sql);
  }

  /** One statement of the host's own, with `$1` … for parameters. */
  async query<T = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    return (await (await this.#open()).query<T>(sql, params)).rows;
  }

  async start(publication: Publication): Promise<void> {
    const pg = await this.#open();
    await pg.transaction(async sql => {
      await createTables(sql);
      const tables = await describeTables(sql, publication);
      await replaceTriggers(sql, tables.values());
      const shape = JSON.stringify([...tables.values()].map(table => table.shape).sort());
      const before = await readMeta(sql, 'shape');
      if (before !== shape) {
        if (before !== undefined) await rotateGeneration(sql);
        await writeMeta(sql, 'shape', shape);
      }
      this.#tables = tables;
    });
    await this.#unlisten?.();
    this.#recent.clear();
    this.#unlisten = await pg.listen(CHANNEL, payload => this.#committed(payload));
    await this.#refresh(pg);
  }

  async stop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#listeners.clear();
    await this.#unlisten?.();
    this.#unlisten = undefined;
    if (opening && !this.#options.pglite) await (await opening).close();
    await this.#release?.();
    this.#release = undefined;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async verify(lsn: Lsn, mark: string | undefined): Promise<Verdict> {
    return verifyPosition(await this.#open(), lsn, mark);
  }

  async read(after: LogPosition, maxBytes: number): Promise<LogChunk[]> {
    return this.#recent.read(after, maxBytes) ?? readLog(await this.#open(), this.#tables, after, maxBytes);
  }

  async page(request: PageRequest): Promise<Page> {
    try {
      return await readPage(await this.#open(), this.#table(request.table), request);
    } catch (cause) {
      // The only values in it are the cursor's: class 22 says that one of them is no value of its column.
      if (!String((cause as {code?: unknown}).code).startsWith('22')) throw cause;
      throw new SyncError('invalid-cursor', 'Not a key of this table', {cause});
    }
  }

  async count(table: string, filters: readonly Filter[]): Promise<number> {
    return countRows(await this.#open(), this.#table(table), filters);
  }

  async transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T> {
    const pg = await this.#open();
    try {
      return await pg.transaction(sql => run(new PGliteTransaction(sql, this.#tables)));
    } catch (cause) {
      throw refusalOf(cause);
    } finally {
      // It answers in microtasks: without a turn, nobody would be heard until the last of a client's operations is done.
      await turn();
    }
  }

  async loadInstance(subject: string, instance: string): Promise<InstanceState | undefined> {
    const [found] = await this.query<{epoch: string; settled: string}>(
      `SELECT epoch::text AS epoch, settled::text AS settled FROM sync.instance
       WHERE subject = $1 AND instance = $2`,
      [subject, instance],
    );
    return found && {epoch: Number(found.epoch), settled: Number(found.settled)};
  }

  async saveInstance(subject: string, instance: string, state: InstanceState): Promise<void> {
    await this.query(
      `WITH pruned AS (DELETE FROM sync.operation WHERE subject = $1 AND instance = $2 AND seq < $4::int8
         AND lsn <= (SELECT floor FROM sync.position))
       INSERT INTO sync.instance VALUES ($1, $2, $3::int8, $4::int8)
       ON CONFLICT (subject, instance) DO UPDATE SET epoch = EXCLUDED.epoch, settled = EXCLUDED.settled`,
      [subject, instance, String(state.epoch), String(state.settled)],
    );
  }

  async trim(keep: {rows: number; milliseconds: number}): Promise<boolean> {
    const pg = await this.#open();
    this.#recent.clear();
    return pg.transaction(sql => trimLog(sql, keep, TRIM_STEP));
  }

  #table(name: string): PgTable {
    const table = this.#tables.get(name);
    if (!table) throw new SyncError('unknown-table', `'${name}' is not published`);
    return table;
  }

  #open(): Promise<PGliteLike> {
    this.#opening ??= this.#create();
    return this.#opening;
  }

  async #create(): Promise<PGliteLike> {
    const {pglite, dataDir, logger} = this.#options;
    if (pglite) return pglite;
    const {PGlite} = await loadPeer('@electric-sql/pglite', () => import('@electric-sql/pglite'));
    if (dataDir === undefined) return PGlite.create();
    this.#release = await lockFolder(dataDir);
    try {
      const pg = await PGlite.create(dataDir);
      logger?.info(
        `PGlite is for development: it runs without fsync, so what is committed in ${dataDir} survives a killed process but not always a power cut`,
      );
      return pg;
    } catch (cause) {
      await this.#release();
      this.#release = undefined;
      throw cause;
    }
  }

  /** A payload of our NOTIFY. PGlite delivers it after the commit, also for SQL that the host runs itself. */
  #committed(payload: string): void {
    const head = this.#recent.hear(payload, this.#tables);
    if (!head || compareLsn(head.lsn, this.#head.lsn) <= 0) return;
    this.#head = head;
    // Once the rest of its payloads has come: their microtasks stand in the queue already.
    queueMicrotask(() => {
      for (const listener of [...this.#listeners]) listener();
    });
  }

  async #refresh(sql: Queryable): Promise<void> {
    this.#generation = (await readMeta(sql, 'generation')) ?? '';
    const {rows} = await sql.query<{lsn: string; mark: string}>(
      `SELECT t.lsn::text AS lsn, t.mark FROM sync.position p JOIN sync.transaction t ON t.lsn = p.lsn`,
    );
    const [found] = rows;
    if (found) this.#head = {lsn: fromNumber(found.lsn), mark: found.mark};
  }
}
