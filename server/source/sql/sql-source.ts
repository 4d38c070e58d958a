/**
 * What the sources on Postgres have in common: our tables and triggers in the database, and all that is asked of them.
 * How it is spoken to, and how it tells of commits, is each one's own.
 */
import {compareLsn, type Lsn, SyncError} from '../../../src/protocol/protocol.js';
import type {
  ChangeSource,
  Filter,
  InstanceState,
  LogChunk,
  LogPosition,
  News,
  Page,
  PageRequest,
  Position,
  SourceTransaction,
  Verdict,
} from '../change-source.js';
import type {Publication} from '../publication.js';
import {install, readHistory} from './install.js';
import {loadInstance, saveInstance} from './instance.js';
import type {Writers} from './locks.js';
import {readLog, trimLog, verifyPosition} from './log.js';
import {refusalOf} from './pg-error.js';
import {RecentCommits} from './recent.js';
import {countRows, readPage} from './rows.js';
import type {Queryable, SqlDatabase} from './sql.js';
import type {PgTable} from './table.js';
import {SqlTransaction} from './writer.js';

/** Transactions dropped from the log in one step. */
const TRIM_STEP = 1000;

export abstract class SqlSource implements ChangeSource {
  protected readonly recent = new RecentCommits();
  readonly #listeners = new Set<(news: News) => void>();
  #tables: ReadonlyMap<string, PgTable> = new Map();
  #generation = '';
  #head: Position = {lsn: '0/0', mark: ''};

  abstract start(publication: Publication): Promise<void>;

  protected abstract readonly writers: Writers;
  /** Who this server is, where others can take the database over from it. */
  protected get server(): string | undefined {
    return undefined;
  }

  /** Opens it, the first time. */
  protected abstract database(): Promise<SqlDatabase>;

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
    await (await this.database()).exec(sql);
  }

  /** One statement of the host's own, with `$1` … for parameters. */
  async query<T = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    return (await (await this.database()).query<T>(sql, params)).rows;
  }

  async stop(): Promise<void> {
    this.#listeners.clear();
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async verify(lsn: Lsn, mark: string | undefined): Promise<Verdict> {
    return verifyPosition(await this.#repeatable(), lsn, mark);
  }

  async read(after: LogPosition, maxBytes: number): Promise<LogChunk[]> {
    return this.recent.read(after, maxBytes) ?? readLog(await this.#repeatable(), this.#tables, after, maxBytes);
  }

  async page(request: PageRequest): Promise<Page> {
    try {
      return await readPage(await this.#repeatable(), this.#table(request.table), request);
    } catch (cause) {
      // The only values in it are the cursor's: class 22 says that one of them is no value of its column.
      if (!String((cause as {code?: unknown}).code).startsWith('22')) throw cause;
      throw new SyncError('invalid-cursor', 'Not a key of this table', {cause});
    }
  }

  async count(table: string, filters: readonly Filter[]): Promise<number> {
    return countRows(await this.#repeatable(), this.#table(table), filters);
  }

  async transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T> {
    const database = await this.database();
    try {
      return await database.transaction(sql => run(new SqlTransaction(sql, this.#tables, this.server)));
    } catch (cause) {
      throw refusalOf(cause);
    }
  }

  async loadInstance(subject: string, instance: string): Promise<InstanceState | undefined> {
    return loadInstance(await this.#repeatable(), subject, instance);
  }

  async saveInstance(subject: string, instance: string, state: InstanceState): Promise<void> {
    await saveInstance(await this.#repeatable(), subject, instance, state);
  }

  async trim(keep: {rows: number; milliseconds: number}): Promise<boolean> {
    const database = await this.database();
    this.recent.clear();
    return database.transaction(sql => trimLog(sql, keep, TRIM_STEP, this.writers));
  }

  /** Makes the database ready, and begins a new history where the old one says nothing any more. */
  protected async install(
    publication: Publication,
    around: (sql: Queryable, run: () => Promise<void>) => Promise<void> = (_, run) => run(),
  ): Promise<void> {
    const database = await this.database();
    await database.transaction(sql =>
      around(sql, async () => {
        this.#tables = await install(sql, publication, this.writers);
      }),
    );
  }

  /** Learns where the history stands. */
  protected async refresh(sql: Queryable): Promise<void> {
    const {generation, head} = await readHistory(sql);
    this.#generation = generation;
    if (head) this.#head = head;
  }

  /** Whether it is news. */
  protected advance(head: Position): boolean {
    const isNew = compareLsn(head.lsn, this.#head.lsn) > 0;
    if (isNew) this.#head = head;
    return isNew;
  }

  protected announce(news: News): void {
    for (const listener of [...this.#listeners]) listener(news);
  }

  async #repeatable(): Promise<Queryable> {
    const database = await this.database();
    return database.repeatable ?? database;
  }

  #table(name: string): PgTable {
    const table = this.#tables.get(name);
    if (!table) throw new SyncError('unknown-table', `'${name}' is not published`);
    return table;
  }
}
