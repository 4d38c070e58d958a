/**
 * The reference server with the demo's places, in a process of its own. Asked to, it reads the same rows from its source by
 * the same short queries and drops them: the limit of what it can send.
 */
import {seedPlaces} from '../../demo/server/seed-places.js';
import {createSyncServer, PGliteSource} from '../../server/index.js';

export interface ChainSetup {
  dataDir: string;
  pages: string;
}

export type ChainMessage = {kind: 'listening'; port: number} | {kind: 'read'; rows: number; ms: number};

/** Rows of a query: the most that a snapshot asks for at once. */
const PAGE = 2000;

const {dataDir, pages} = JSON.parse(process.env['SETUP'] ?? '{}') as ChainSetup;
const source = new PGliteSource({dataDir});
await seedPlaces(source, () => {});
const server = createSyncServer({source, publish: {place: {writable: false}}, static: pages});
const say = (message: ChainMessage) => process.send?.(message);

process.on('message', async () => {
  const started = performance.now();
  let rows = 0;
  for (let after: string | undefined, done = false; !done; ) {
    const page = await source.page({table: 'place', after, filters: [], limit: PAGE});
    rows += page.rows.length;
    after = page.rows.at(-1)?.id;
    done = page.done;
  }
  say({kind: 'read', rows, ms: performance.now() - started});
});

const {port} = await server.listen();
say({kind: 'listening', port});
