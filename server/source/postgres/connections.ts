/**
 * The connections to a database: some for reads, some for transactions, so that writers who wait for their turn hold up
 * no reader, and single ones that stay. A connection that failed is not used again.
 */
import {isConnectionLost} from '../sql/pg-error.js';
import type {Queryable, Rows, SqlDatabase} from '../sql/sql.js';
import {literal} from '../sql/sql.js';
import {SPELLING} from '../sql/triggers.js';
import {asQueryable, type Driver, type PgClient, type PgPool, type PgPoolClient, typeParsers} from './driver.js';

export interface ConnectionOptions {
  /** As `pg` takes it. */
  config: object;
  connections: number;
  /** Milliseconds. */
  lockTimeout: number;
  /** Milliseconds. */
  idleTimeout: number;
}

/** Milliseconds to be let in, or to have a connection of the pool's, and for an answer to a statement. */
const CONNECT = 10_000;
const ANSWER = 60_000;

export class Connections implements SqlDatabase {
  /** Where all of them lead, for messages: without any secret. */
  readonly where: string;
  readonly #driver: Driver;
  readonly #options: ConnectionOptions;
  readonly #config: object;
  readonly #readers: PgPool;
  readonly #writers: PgPool;

  /** @throws where the address can't be read, quoting it */
  constructor(driver: Driver, options: ConnectionOptions) {
    const {config, connections} = options;
    this.#driver = driver;
    this.#options = options;
    this.#config = {
      fallback_application_name: 'sync-elements',
      ...config,
      connectionTimeoutMillis: CONNECT,
      query_timeout: ANSWER,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: typeParsers(driver),
    };
    const {host, port, user, database} = new driver.Client(this.#config);
    this.where = `${host.startsWith('/') ? host : `${host}:${port}`}, database '${database}', as '${user}'`;
    // Writers take turns in the database: more of them would only wait there.
    const writers = Math.max(1, Math.min(4, Math.floor(connections / 2)));
    this.#writers = this.#pool(writers);
    this.#readers = this.#pool(Math.max(1, connections - writers));
  }

  query<T>(sql: string, params: unknown[] = [], options: {rowMode?: 'array' | 'object'} = {}): Promise<Rows<T>> {
    return this.#read(client => asQueryable(client).query<T>(sql, params, options));
  }

  async exec(sql: string): Promise<void> {
    await this.#read(client => client.query(sql));
  }

  /** The same for what may be asked twice: a connection that turns out to be gone, as after a restart, is not the last word. */
  readonly repeatable: Queryable = {
    query: (sql, params, options) => again(() => this.query(sql, params, options)),
    exec: sql => again(() => this.exec(sql)),
  };

  async transaction<T>(run: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#writers.connect();
    let gone = false;
    try {
      await client.query('BEGIN');
      const value = await run(asQueryable(client));
      await commit(client);
      return value;
    } catch (cause) {
      gone = isConnectionLost(cause) || !(await rolledBack(client));
      throw cause;
    } finally {
      client.release(gone);
    }
  }

  /** One that stays, and is the caller's to close. `answer`: milliseconds for an answer. */
  async connect(answer: number): Promise<PgClient> {
    const client = new this.#driver.Client({...this.#config, query_timeout: answer});
    // Without a listener the loss of a connection would end the process; whoever uses it learns of it by its answers.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(this.#settings());
      return client;
    } catch (cause) {
      await client.end().catch(() => {});
      throw cause;
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.#readers.end(), this.#writers.end()]);
  }

  async #read<T>(run: (client: PgPoolClient) => Promise<T>): Promise<T> {
    const client = await this.#readers.connect();
    let gone = false;
    try {
      return await run(client);
    } catch (cause) {
      gone = isConnectionLost(cause);
      throw cause;
    } finally {
      client.release(gone);
    }
  }

  #pool(max: number): PgPool {
    const pool = new this.#driver.Pool({
      ...this.#config,
      max,
      onConnect: (client: PgClient) => {
        client.on('error', () => {});
        return client.query(this.#settings());
      },
    });
    pool.on('error', () => {});
    return pool;
  }

  /**
   * For each session. A peer that is gone without a word (its machine, the network) must not hold a lock for the two hours
   * that systems have as their default.
   */
  #settings(): string {
    const {lockTimeout, idleTimeout} = this.#options;
    const settings = {
      ...SPELLING,
      client_min_messages: 'warning',
      // Reading the log is told to go by its index at any price, and what looks dear would be compiled each time.
      jit: 'off',
      default_transaction_isolation: 'read committed',
      lock_timeout: lockTimeout,
      idle_in_transaction_session_timeout: idleTimeout,
      tcp_keepalives_idle: 10,
      tcp_keepalives_interval: 5,
      tcp_keepalives_count: 3,
    };
    return Object.entries(settings)
      .map(([name, value]) => `SET ${name} = ${literal(String(value))}`)
      .join('; ');
  }
}

async function again<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (!isConnectionLost(cause)) throw cause;
    return ask();
  }
}

/** Postgres answers a COMMIT after a failure, of which the transaction's code took no notice, with a rollback. */
async function commit(client: PgPoolClient): Promise<void> {
  const {command} = (await client.query('COMMIT')) as {command: string};
  if (command !== 'COMMIT') throw new Error('The transaction had failed before, and was rolled back');
}

async function rolledBack(client: PgPoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}
