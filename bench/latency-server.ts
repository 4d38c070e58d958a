/**
 * The reference server with a bare socket beside it, in a process of its own, which makes the commits too: the moment of
 * one is when the database notifies this process, for both kinds of commit. Its port gets `port`, the bare socket `bare`.
 */
import {once} from 'node:events';
import {createReadStream} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {basename, join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {PGlite} from '@electric-sql/pglite';
import {WebSocketServer} from 'ws';
import {createSyncServer, PGliteSource} from '../server/index.js';

export interface LatencySetup {
  pages: string;
}

export type LatencyMessage =
  | {kind: 'listening'; port: number; bare: number}
  | {kind: 'done'; commits: Record<Kind, Commit[]>};

export type Kind = 'ours' | 'bare';

/** A row's id, and when its commit was known here: milliseconds since 1970. */
export type Commit = [id: string, at: number];

/** As many of each kind, in turns, so many milliseconds apart. */
export interface LatencyRun {
  commits: number;
  pause: number;
}

const now = () => performance.timeOrigin + performance.now();
const BODY = 'a line of text as a person writes it into a field';

const {pages} = JSON.parse(process.env['SETUP'] ?? '{}') as LatencySetup;
const pg = await PGlite.create();
await pg.exec(`
  CREATE TABLE note (id text PRIMARY KEY, body text);
  CREATE TABLE bare (id text PRIMARY KEY, body text);
  CREATE FUNCTION bare_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('bare_commit', NEW.id); RETURN NULL; END $$;
  CREATE TRIGGER bare_commit AFTER INSERT ON bare FOR EACH ROW EXECUTE FUNCTION bare_commit();`);

/** When the last commit was known: listeners are called in their order, and this one stands before the server's. */
let knownAt = 0;
await pg.listen('sync_commit', () => {
  knownAt = now();
});

/** The pages, without the policy that the server's own files get: these talk to the bare socket, on another port, too. */
function serve({url = '/'}: IncomingMessage, response: ServerResponse): void {
  const file = url === '/' ? 'index.html' : basename(url);
  response.writeHead(200, {'content-type': file.endsWith('.js') ? 'text/javascript' : 'text/html'});
  createReadStream(join(pages, file))
    .on('error', () => response.destroy())
    .pipe(response);
}

const server = createSyncServer({
  source: new PGliteSource({pglite: pg}),
  publish: {note: {writable: false}},
  static: serve,
});
const {port} = await server.listen();

const http = createServer().listen(0, '127.0.0.1');
await once(http, 'listening');
const sockets = new WebSocketServer({server: http, perMessageDeflate: false});
// What is said to it is asked for the time.
sockets.on('connection', socket => socket.on('message', () => socket.send(String(now()))));
await pg.listen('bare_commit', id => {
  knownAt = now();
  const change = {type: 'update', entityType: 'bare', entityId: id, data: {id, body: BODY}};
  const text = JSON.stringify({type: 'changes', changes: [change]});
  for (const socket of sockets.clients) socket.send(text);
});

process.on('message', async ({commits, pause}: LatencyRun) => {
  const made: Record<Kind, Commit[]> = {ours: [], bare: []};
  for (let at = 0; at < commits; at++) {
    for (const [kind, table] of [
      ['ours', 'note'],
      ['bare', 'bare'],
    ] as const) {
      const id = crypto.randomUUID();
      await pg.query(`INSERT INTO ${table} VALUES ($1, $2)`, [id, BODY]);
      made[kind].push([id, knownAt]);
      await sleep(pause);
    }
  }
  process.send?.({kind: 'done', commits: made} satisfies LatencyMessage);
});
process.send?.({kind: 'listening', port, bare: (http.address() as AddressInfo).port} satisfies LatencyMessage);
