/**
 * The reference server in a process of its own, so that a test can kill it. The parent says what to run by environment and
 * asks over IPC: SQL on the very database, and what the server counts.
 */
import {seedPlaces} from '../../demo/server/seed-places.js';
import {createSyncServer, PGliteSource, PostgresSource} from '../../server/index.js';

export interface ServerSetup {
  port: number;
  dataDir: string;
  /** Address of a Postgres server's database, instead of the folder. */
  postgres?: string;
  pages: string;
  /** Origins of pages that come from elsewhere. */
  origins?: readonly string[];
  /** Runs before anything is published; must be repeatable. */
  sql: string;
  publish: Record<string, true | {writable: false}>;
  /** Tokens are then needed: `user:NAME` is NAME's, `user:NAME:MS` until then (milliseconds since 1970). */
  tokens: boolean;
  /** Seeds the demo's places first: 171,075 rows. */
  places: boolean;
}

export type ServerQuestion = {id: number} & (
  | {ask: 'query'; sql: string; params: unknown[]}
  | {ask: 'stats'}
  | {ask: 'trim'}
  | {ask: 'drain'}
);

const setup = JSON.parse(process.env['SETUP'] ?? '{}') as ServerSetup;
const source =
  setup.postgres === undefined ? new PGliteSource({dataDir: setup.dataDir}) : new PostgresSource({url: setup.postgres});
await source.exec(setup.sql);
if (setup.places) await seedPlaces(source, () => {});
const server = createSyncServer({
  source,
  publish: setup.publish,
  port: setup.port,
  static: setup.pages,
  ...(setup.origins ? {origins: setup.origins} : {}),
  ...(setup.tokens
    ? {
        authenticate: ({token}: {token: string | undefined}) => {
          const [, subject, expires] = /^user:(\w+)(?::(\d+))?$/.exec(token ?? '') ?? [];
          if (subject === undefined) return null;
          return expires === undefined ? {subject} : {subject, expires: Number(expires)};
        },
      }
    : {}),
});

process.on('message', async (question: ServerQuestion) => {
  try {
    process.send?.({id: question.id, value: await answer(question)});
  } catch (error) {
    process.send?.({id: question.id, error: String(error)});
  }
});

async function answer(question: ServerQuestion): Promise<unknown> {
  switch (question.ask) {
    case 'query':
      return source.query(question.sql, question.params);
    case 'stats':
      return server.stats();
    case 'trim':
      while (await source.trim({rows: 0, milliseconds: 1e9}));
      return undefined;
    case 'drain':
      await server.drain({spread: 100});
      setImmediate(() => process.disconnect());
      return undefined;
  }
}

const {port} = await server.listen();
process.send?.({listening: port});
