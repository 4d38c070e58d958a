/**
 * A Postgres server for a test file: a cluster of its own in a temporary folder, on a free port of the loopback interface,
 * without fsync; ended and removed when the file's tests are over. `initdb` refuses to be root, and gives way to
 * another user then.
 */
import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {chown, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after} from 'node:test';
import {promisify} from 'node:util';
import pg from 'pg';
import {freePort} from '../../scripts/free-port.mjs';
import {findPostgres, whyNoPostgres} from '../../scripts/postgres.mjs';
import {PostgresSource, type PostgresSourceOptions} from '../index.js';
import {SCHEMA} from './harness.js';

/** Why its tests are skipped; false where they run. In CI they do, or fail. */
export const skip: string | false = whyNoPostgres() ?? false;

export interface Cluster {
  /** The folder of Postgres's programs. */
  readonly bin: string;
  /** For `pg`, of a database of the cluster. */
  url(database?: string): string;
  /** As its superuser, on a connection of its own; resolves to the rows of the last statement. */
  query<T = Record<string, unknown>>(sql: string, params?: unknown[]): Promise<T[]>;
  /** Ends the server at once, as a crash would, and starts it again. */
  crash(): Promise<void>;
}

const run = promisify(execFile);

/** Whoever may run Postgres here: this user, or another one where this is root. */
async function runner(): Promise<{uid?: number; gid?: number}> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async flag => Number((await run('id', [flag, name])).stdout)),
      );
      if (uid && gid) return {uid, gid};
    } catch {
      // No such user.
    }
  }
  throw new Error('Postgres does not run as root, and there is no user postgres or nobody');
}

async function startCluster(): Promise<Cluster & {end(): Promise<void>}> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error('There is no Postgres: npm test installs it where it can');
  const user = await runner();
  const folder = await mkdtemp(join(tmpdir(), 'sync-elements-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
    ...user,
    cwd: folder,
  });
  const port = await freePort();
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'shared_buffers=32MB',
  ];
  const url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`;
  let child: ChildProcess;
  const start = async () => {
    child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings.flatMap(one => ['-c', one])], {
      ...user,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stderr?.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('ready to accept connections')) resolve();
      });
      child.once('exit', code => reject(new Error(`postgres ended with ${code}: ${output}`)));
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    const exited = new Promise(resolve => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
  };
  await start();
  // Also where the file ends in the middle of a test.
  process.on('exit', () => child.kill('SIGQUIT'));
  return {
    bin,
    url,
    async query<T>(sql: string, params?: unknown[]) {
      const client = new pg.Client(url());
      await client.connect();
      try {
        const result = await client.query(sql, params);
        return (Array.isArray(result) ? result.at(-1) : result).rows as T[];
      } finally {
        await client.end();
      }
    },
    async crash() {
      await end('SIGQUIT');
      await start();
    },
    async end() {
      await end('SIGINT');
      await rm(folder, {recursive: true, force: true});
    },
  };
}

/** A database of the cluster, each call another one, with the tables of the tests. */
export async function freshDatabase(cluster: Cluster, sql = SCHEMA): Promise<string> {
  const name = `test_${Math.random().toString(36).slice(2)}`;
  await cluster.query(`CREATE DATABASE ${name}`);
  const client = new pg.Client(cluster.url(name));
  await client.connect();
  await client.query(sql);
  await client.end();
  return name;
}

/** One cluster for a whole test file, started when it is first asked for, and sources on it, all stopped before it ends. */
export function sharedPostgres(): {
  cluster(): Promise<Cluster>;
  /** On the cluster's one database, which each call gives back as new, after stopping those before. */
  source(options?: PostgresSourceOptions): Promise<PostgresSource>;
  /** Beside that one. */
  another(options: PostgresSourceOptions): PostgresSource;
} {
  let starting: ReturnType<typeof startCluster> | undefined;
  const sources: PostgresSource[] = [];
  const stopAll = () => Promise.all(sources.splice(0).map(source => source.stop()));
  after(async () => {
    await stopAll();
    await (await starting)?.end();
  });
  const cluster = () => {
    starting ??= startCluster();
    return starting;
  };
  const another = (options: PostgresSourceOptions) => {
    const source = new PostgresSource(options);
    sources.push(source);
    return source;
  };
  return {
    cluster,
    async source(options = {}) {
      await stopAll();
      const {url, query} = await cluster();
      await query(`DROP SCHEMA IF EXISTS sync CASCADE; ${SCHEMA}`);
      return another({url: url(), ...options});
    },
    another,
  };
}
