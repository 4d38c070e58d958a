/**
 * The demo's server: a Postgres in the process, seeded once, synced to whoever opens the page, which it serves too.
 *
 *   node --import tsx demo/server/main.ts        PORT (default 4870; 0 for any) and DATA (default .data/demo) are honoured
 */
import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {createSyncServer, PGliteSource} from '../../server/index.js';
import {NotesServer} from '../migration/server.js';
import {pagesWithApps} from './frameworks.js';
import {seedPlaces} from './seed-places.js';
import {seedTasks} from './seed-tasks.js';

const DEFAULT_PORT = 4870;
const pages = fileURLToPath(new URL('../../demo-dist', import.meta.url));
const say = (line: string) => console.log(line);

function portFrom(text: string | undefined): number {
  const port = text ? Number(text) : DEFAULT_PORT;
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`PORT is "${text}", which is no port. Leave it out for ${DEFAULT_PORT}, or take 0 for any free one.`);
}

async function main(): Promise<void> {
  const port = portFrom(process.env['PORT']);
  const dataDir = resolve(process.env['DATA'] || '.data/demo');
  if (!existsSync(pages)) throw new Error(`The pages are not built: ${pages} is missing. "npm start" builds them.`);
  await mkdir(dataDir, {recursive: true});

  say(`opening the database in ${dataDir}`);
  const source = new PGliteSource({dataDir});
  await seedTasks(source);
  await seedPlaces(source, say);

  const server = createSyncServer({
    source,
    publish: {task: true, place: {writable: false}},
    port,
    static: pagesWithApps(pages),
  });
  const {port: open} = await server.listen();
  // A server of the old kind, with an origin of its own: its pages and these must not share what is stored.
  const notes = new NotesServer();
  await notes.listen();
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    say(`${signal}: finishing what is under way`);
    await Promise.all([server.drain({spread: 500}), notes.close()]);
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  say(
    `moving over, before and after: ${['before', 'step-1', 'step-2'].map(page => `${notes.url}${page}.html`).join(' ')}`,
  );
  say(`ready http://127.0.0.1:${open}/`);
}

main().catch((error: unknown) => {
  const {code} = error as {code?: string};
  const message = error instanceof Error ? error.message : String(error);
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${process.env['PORT'] || DEFAULT_PORT} is taken, perhaps by another demo. Take any free one: PORT=0 npm start`
      : message,
  );
  process.exit(1);
});
