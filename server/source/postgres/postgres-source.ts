/**
 * A Postgres server as a source, beside whoever else writes to it. Triggers fill a log of our own, as on PGlite, so it takes
 * no replication slot and no superuser: any Postgres 15 or later will do.
 *
 * Positions come in the order of commits without a gap, since the counter is locked from its bump to the end of a
 * transaction (sql/schema.ts): whoever sees a position sees all before it. NOTIFY, which anybody in the database may send, only
 * says that it is time to look; what is told was read from the log.
 *
 * One server a database: the registry of instances, the triggers and the generation can only be one's. The session that
 * listens holds a lock for that. Should it be lost to another server, `sync.meta` says who began last, and each operation
 * asks that in its own transaction.
 */
import {randomUUID} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {type Lsn, SyncError} from '../../../src/protocol/protocol.js';
import {loadPeer} from '../../optional-peer.js';
import {type LogChunk, type LogPosition, type SourceTransaction, WHOLE} from '../change-source.js';
import type {Publication} from '../publication.js';
import {readMetas, writeMeta} from '../sql/install.js';
import {serverHolder, takeTurn, tryServer} from '../sql/locks.js';
import {readLog, verifyPosition} from '../sql/log.js';
import {CHANNEL} from '../sql/schema.js';
import type {Queryable} from '../sql/sql.js';
import {SqlSource} from '../sql/sql-source.js';
import {Connections} from './connections.js';
import type {Driver, PostgresConnection} from './driver.js';
import {startError} from './start-error.js';
import {Watch} from './watch.js';

export interface PostgresSourceOptions {
  /** `postgres://user@host/database?sslmode=verify-full`. Default: what PGHOST, PGUSER, PGPASSWORD, PGDATABASE … say. */
  url?: string;
  /** Besides, or instead: as the package `pg` takes it. */
  connection?: PostgresConnection;
  /** Connections at the most, besides the one that listens. Default 10. */
  connections?: number;
  /** Milliseconds that an operation waits for others who write. Default 10,000. */
  lockTimeout?: number;
  /** Milliseconds after which the database ends a transaction of ours in which nothing happens. Default 30,000. */
  idleTimeout?: number;
  logger?: {info(message: string): void; warn(message: string, ...details: unknown[]): void};
}

/** Bytes of the log read at once. */
const READ = 256 * 1024;
/** Milliseconds in which the connection that listens has to answer. */
const ANSWER = 15_000;
/** Milliseconds of waiting for a lock while making the database ready, and between two attempts. */
const GIVE_WAY = 200;
const PAUSE = 100;
/** At taking the database, before it counts as another server's. */
const ATTEMPTS = 20;

export class PostgresSource extends SqlSource {
  protected readonly writers = 'many';
  readonly #options: PostgresSourceOptions;
  #opening: Promise<Connections> | undefined;
  #watch: Watch | undefined;
  #publication: Publication = new Map();
  /** Which server this is; another one with each `start`. */
  #server = '';
  #followed: Lsn = '0/0';
  /** Somebody may have been told of a commit and failed to read it. */
  #missed = false;
  #holdsLock = false;
  /** Another server has the database. */
  #ousted = false;

  constructor(options: PostgresSourceOptions = {}) {
    super();
    this.#options = options;
  }

  /** @throws SyncError also `database-unreachable`, `database-in-use`, `database-permission`, `database-busy` */
  async start(publication: Publication): Promise<void> {
    await this.#unwatch();
    this.#publication = publication;
    this.#server = randomUUID();
    const connections = await this.database();
    let begun = false;
    const watch = new Watch(CHANNEL, {
      connect: () => connections.connect(ANSWER),
      ready: async sql => {
        if (begun) return this.#return(sql);
        await this.#take(sql);
        await this.#begin(sql);
        begun = true;
      },
      look: sql => this.#look(sql),
      lost: reason => {
        this.#missed = true;
        this.#options.logger?.warn('The connection that listens for commits is lost', reason);
      },
      back: () => this.#options.logger?.info('Listening for commits again'),
    });
    this.#watch = watch;
    try {
      await watch.start();
    } catch (cause) {
      await this.#unwatch();
      throw startError(cause, connections.where);
    }
    this.#options.logger?.info(`Postgres at ${connections.where}`);
  }

  override async stop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await super.stop();
    await this.#unwatch();
    await (await opening?.catch(() => undefined))?.end();
  }

  override async exec(sql: string): Promise<void> {
    await super.exec(sql);
    await this.#watch?.look();
  }

  override async query<T = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    const rows = await super.query<T>(sql, params);
    await this.#watch?.look();
    return rows;
  }

  /** Once it is done its commit has been read: the head has come as far. */
  override async transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T> {
    const value = await super.transaction(run);
    await this.#watch?.look();
    return value;
  }

  override async read(after: LogPosition, maxBytes: number): Promise<LogChunk[]> {
    try {
      return await super.read(after, maxBytes);
    } catch (error) {
      this.#missed = true;
      throw error;
    }
  }

  protected override get server(): string {
    return this.#server;
  }

  protected async database(): Promise<Connections> {
    if (this.#ousted) throw new Error('Another server has the database');
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Connections> {
    const {url, connection, connections = 10, lockTimeout = 10_000, idleTimeout = 30_000} = this.#options;
    const driver: Driver = await loadPeer('pg', () => import('pg'));
    try {
      return new Connections(driver, {
        config: {...connection, ...(url === undefined ? {} : {connectionString: url})},
        connections,
        lockTimeout,
        idleTimeout,
      });
    } catch {
      // The error quotes the address, and with it the password.
      throw new SyncError('database-unreachable', `The database's address is not like postgres://user@host/database`);
    }
  }

  async #unwatch(): Promise<void> {
    await this.#watch?.stop();
    this.#watch = undefined;
    this.#holdsLock = false;
    this.#ousted = false;
  }

  async #take(sql: Queryable): Promise<void> {
    // The session of a server that has just ended may not have noticed yet.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#holdsLock = await tryServer(sql);
      if (this.#holdsLock) return;
      await sleep(PAUSE);
    }
    throw new SyncError(
      'database-in-use',
      `The database is served by ${await serverHolder(sql)}: one server a database, stop that one first`,
    );
  }

  /**
   * Installs, and notes down who serves from now on. Who waits for a lock here holds others already, which writers may want
   * in another order: it waits only for moments, and tries again, before Postgres would call it a deadlock and end a writer.
   */
  async #begin(sql: Queryable): Promise<void> {
    const until = Date.now() + (this.#options.lockTimeout ?? 10_000);
    for (;;) {
      try {
        await this.install(this.#publication, async (tx, run) => {
          await tx.exec(`SET LOCAL lock_timeout = ${GIVE_WAY}`);
          await run();
          await takeTurn(tx);
          await writeMeta(tx, 'server', this.#server);
        });
        break;
      } catch (cause) {
        const isLocked = /^(55P03|40P01)$/.test(String((cause as {code?: unknown}).code));
        if (!isLocked || Date.now() > until) throw cause;
        await sleep(PAUSE);
      }
    }
    await this.#refresh(sql);
  }

  /** A new connection in place of a lost one: is it still this server's database, and the same history? */
  async #return(sql: Queryable): Promise<void> {
    this.#holdsLock = await tryServer(sql);
    const metas = await readMetas(sql);
    const isOurs = metas.get('server') === this.#server;
    if (!this.#holdsLock && !isOurs) {
      // Its clients have to go elsewhere; here the database is asked again and again whether it is free.
      if (!this.#ousted) this.announce('history');
      this.#ousted = true;
      throw new Error('Another server has the database');
    }
    const goesOn =
      isOurs &&
      metas.get('generation') === this.generation &&
      (await verifyPosition(sql, this.head.lsn, this.head.mark)) === 'ok';
    if (goesOn) return;
    this.#ousted = false;
    await this.#begin(sql);
    this.announce('history');
  }

  /** Reads what was committed since the last look. */
  async #look(sql: Queryable): Promise<void> {
    // Of a session of ours that is gone, but of which the database does not know that yet.
    if (!this.#holdsLock) this.#holdsLock = await tryServer(sql);
    for (;;) {
      const chunks = await this.#readNew(sql);
      const last = chunks.at(-1);
      if (!last) break;
      for (const chunk of chunks) {
        if (chunk.complete) this.recent.push(chunk);
        else this.recent.clear();
      }
      this.#followed = last.lsn;
      this.advance({lsn: last.lsn, mark: last.mark});
      this.announce('commit');
    }
    // Whoever's own reading failed meanwhile tries again, though there is no news.
    if (this.#missed) this.announce('commit');
    this.#missed = false;
  }

  async #readNew(sql: Queryable): Promise<LogChunk[]> {
    try {
      return await readLog(sql, this.tables, {lsn: this.#followed, seq: WHOLE}, READ);
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'log-trimmed') throw error;
      await this.#refresh(sql);
      return [];
    }
  }

  async #refresh(sql: Queryable): Promise<void> {
    await this.refresh(sql);
    this.recent.clear();
    this.#followed = this.head.lsn;
  }
}
