/** The command line of `sync-elements`, as options. Pure. */
import {parseArgs} from 'node:util';
import {SyncError} from '../src/protocol/protocol.js';
import type {Publish, TablePublication} from './source/publication.js';

export const HELP = `sync-elements serve [options]

Serves the tables of a Postgres to browsers; without --postgres those of an embedded one (PGlite), which is for
development: it runs without fsync.

  --publish TABLE[:COLUMNS]  publish a table, or only these columns (comma-separated); repeat for more
  --readonly TABLE[:COLUMNS] the same, but clients can't write it
  --postgres URL             a server's database, such as postgres://user@host/name?sslmode=verify-full; or the name of the
                             environment's variable that has it, such as DATABASE_URL, to keep a password off this line
  --data DIR                 folder of the embedded database (default: in memory)
  --init FILE                SQL to run before anything is published, at every start
  --static DIR               files to serve over plain http
  --port N                   default 8787; 0 for any free one
  --host HOST                default 127.0.0.1
  --path PATH                of the WebSocket, default /api/sync
  --origin ORIGIN            a page's origin that may connect, or '*'; repeat for more (default: the same host)
  --quiet                    errors only
  -h, --help
  -v, --version

Needs: npm install ws pg, or for the embedded database: npm install ws @electric-sql/pglite
Exit codes: 0 stopped, 1 failed, 2 wrong usage
`;

export type Command = {name: 'help'} | {name: 'version'} | {name: 'serve'; options: ServeOptions};

export interface ServeOptions {
  publish: Publish;
  postgres: string | undefined;
  data: string | undefined;
  init: string | undefined;
  static: string | undefined;
  port: number;
  host: string;
  path: string;
  origins: string[] | '*' | undefined;
  quiet: boolean;
}

/** @throws SyncError `usage` */
export function parseCommand(args: string[], env: NodeJS.ProcessEnv = {}): Command {
  const {values, positionals} = parse(args);
  if (values.help) return {name: 'help'};
  if (values.version) return {name: 'version'};
  const [command, ...rest] = positionals;
  if (command === undefined) return {name: 'help'};
  if (command !== 'serve' || rest.length > 0) throw usage(`Unknown command '${[command, ...rest].join(' ')}'`);
  const publish: [string, TablePublication][] = [];
  for (const text of values.publish ?? []) publish.push(tableOf(text, true));
  for (const text of values.readonly ?? []) publish.push(tableOf(text, false));
  if (publish.length === 0) throw usage('Nothing to serve: name a table with --publish');
  const names = publish.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usage(`'${twice}' is published twice`);
  const port = values.port === undefined ? 8787 : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw usage(`--port ${values.port} is no port`);
  const path = values.path ?? '/api/sync';
  if (!path.startsWith('/')) throw usage(`--path begins with '/'`);
  const postgres = values.postgres === undefined ? undefined : urlOf(values.postgres, env);
  if (postgres !== undefined && values.data !== undefined) throw usage('Either --postgres or --data: one is enough');
  const origins = values.origin?.includes('*') ? '*' : values.origin;
  return {
    name: 'serve',
    options: {
      publish: Object.fromEntries(publish),
      postgres,
      data: values.data,
      init: values.init,
      static: values.static,
      port,
      host: values.host ?? '127.0.0.1',
      path,
      origins,
      quiet: values.quiet ?? false,
    },
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        publish: {type: 'string', multiple: true},
        readonly: {type: 'string', multiple: true},
        postgres: {type: 'string'},
        data: {type: 'string'},
        init: {type: 'string'},
        static: {type: 'string'},
        port: {type: 'string'},
        host: {type: 'string'},
        path: {type: 'string'},
        origin: {type: 'string', multiple: true},
        quiet: {type: 'boolean'},
        help: {type: 'boolean', short: 'h'},
        version: {type: 'boolean', short: 'v'},
      },
    });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
}

/** Never quotes a URL: it may hold a password. */
function urlOf(text: string, env: NodeJS.ProcessEnv): string {
  if (/^postgres(ql)?:\/\//.test(text)) return text;
  if (!/^\w+$/.test(text)) throw usage(`--postgres takes a URL like postgres://user@host/name, or a variable's name`);
  const url = env[text];
  if (!url) throw usage(`--postgres ${text}: the environment has no such variable`);
  return url;
}

function tableOf(text: string, writable: boolean): [string, TablePublication] {
  const [name = '', list] = text.split(':', 2);
  const columns = list?.split(',').map(column => column.trim());
  if (name === '' || columns?.includes('')) throw usage(`'${text}' is not TABLE or TABLE:COLUMN,COLUMN`);
  return [name, {columns: columns ?? 'all', writable: writable && 'all'}];
}

function usage(message: string): SyncError {
  return new SyncError('usage', message);
}
