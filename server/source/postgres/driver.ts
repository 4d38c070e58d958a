/** What is used of the package `pg`, so that its types need not be installed, and how its values read. */
import type {Queryable, Rows} from '../sql/sql.js';

/** What `pg` takes to find and enter a database; the URL's parts come first. */
export interface PostgresConnection {
  host?: string;
  port?: number;
  user?: string;
  database?: string;
  /** A function is asked for each connection: for tokens that change. */
  password?: string | (() => string | Promise<string>);
  /** As of `node:tls`, such as `{ca, rejectUnauthorized}`. */
  ssl?: boolean | object;
}

type QueryFunction = (query: string | {text: string; values: unknown[]; rowMode?: 'array'}) => Promise<unknown>;

export interface PgClient {
  readonly host: string;
  readonly port: number;
  readonly user?: string | undefined;
  readonly database?: string | undefined;
  query: QueryFunction;
  connect(): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'notification', listener: () => void): unknown;
}

export interface PgPoolClient extends PgClient {
  /** With true it is not used again. */
  release(destroy: boolean): void;
}

export interface PgPool {
  connect(): Promise<PgPoolClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Driver {
  Client: new (config: object) => PgClient;
  Pool: new (config: object) => PgPool;
  types: {getTypeParser(oid: number, format?: string): (text: string) => unknown};
}

export function asQueryable(client: Pick<PgClient, 'query'>): Queryable {
  return {
    async query<T>(text: string, params: unknown[] = [], options: {rowMode?: 'array' | 'object'} = {}) {
      const rowMode = options.rowMode === 'array' ? {rowMode: options.rowMode} : {};
      return (await client.query({text, values: params, ...rowMode})) as Rows<T>;
    },
    exec: sql => client.query(sql),
  };
}

const asDate = (text: string) => (text.endsWith('infinity') ? Number(text.replace('i', 'I')) : new Date(text));

function asInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** By type's oid; what isn't here is text. The same values as PGlite gives, so that a host's SQL reads alike on both. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [16, text => text === 't'],
  [17, text => Buffer.from(text.slice(2), 'hex')],
  [20, asInteger],
  ...[21, 23, 26, 700, 701].map((oid): [number, typeof Number] => [oid, Number]),
  ...[114, 3802].map((oid): [number, typeof JSON.parse] => [oid, JSON.parse]),
  ...[1082, 1114, 1184].map((oid): [number, typeof asDate] => [oid, asDate]),
]);

/** Array types and their elements'. */
const ELEMENTS = new Map(
  Object.entries({
    1000: 16,
    1001: 17,
    1016: 20,
    1005: 21,
    1007: 23,
    1028: 26,
    1021: 700,
    1022: 701,
    199: 114,
    3807: 3802,
    1182: 1082,
    1115: 1114,
    1185: 1184,
    1009: 25,
    1015: 1043,
    1231: 1700,
    2951: 2950,
  }).map(([array, element]) => [Number(array), element]),
);

const TEXT_ARRAY = 1009;

/** In the form in which `pg` takes it. */
export function typeParsers({types}: Pick<Driver, 'types'>) {
  const split = types.getTypeParser(TEXT_ARRAY, 'text');
  return {
    getTypeParser(oid: number): (text: string) => unknown {
      const element = ELEMENTS.get(oid);
      if (element === undefined) return PARSERS.get(oid) ?? String;
      const parse = PARSERS.get(element) ?? String;
      const each = (item: unknown): unknown =>
        Array.isArray(item) ? item.map(each) : typeof item === 'string' ? parse(item) : item;
      return text => each(split(text));
    },
  };
}
