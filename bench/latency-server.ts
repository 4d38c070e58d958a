/**
 * The reference server with a bare socket beside it, in a process of their own, which makes the commits too: the moment of
 * one is when its source tells this process of it, for both kinds of commit.
 */
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {WebSocketServer} from 'ws';
import {type ChangeSource, createSyncServer, MemorySource, PGliteSource} from '../server/index.js';
import {normalisePublish} from '../server/source/publication.js';
import {filesOf} from './pages.js';

export interface LatencySetup {
  pages: string;
  /** Where our rows live. */
  source: 'memory' | 'postgres';
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

const {pages, source: place} = JSON.parse(process.env['SETUP'] ?? '{}') as LatencySetup;
const sources: Record<Kind, ChangeSource> = {
  ours: place === 'memory' ? new MemorySource({tables: {note: {}}}) : await embedded(),
  bare: new MemorySource({tables: {note: {}}}),
};

async function embedded(): Promise<ChangeSource> {
  const source = new PGliteSource();
  await source.exec('CREATE TABLE note (id text PRIMARY KEY, body text)');
  return source;
}

/** When the last commit was known: listeners are called in their order, and these stand before the server's. */
let knownAt = 0;
for (const source of Object.values(sources)) {
  source.subscribe(() => {
    knownAt = now();
  });
}

const server = createSyncServer({
  source: sources.ours,
  publish: {note: {writable: false}},
  static: filesOf(pages),
});
const {port} = await server.listen();

const http = createServer().listen(0, '127.0.0.1');
await once(http, 'listening');
const sockets = new WebSocketServer({server: http, perMessageDeflate: false});
// What is said to it is asked for the time.
sockets.on('connection', socket => socket.on('message', () => socket.send(String(now()))));

/** Of the row that is being committed. */
let id = '';
await sources.bare.start(normalisePublish({note: {writable: false}}));
sources.bare.subscribe(() => {
  const change = {type: 'update', entityType: 'note', entityId: id, data: {id, body: BODY}};
  const text = JSON.stringify({type: 'changes', changes: [change]});
  for (const socket of sockets.clients) socket.send(text);
});

process.on('message', async ({commits, pause}: LatencyRun) => {
  const made: Record<Kind, Commit[]> = {ours: [], bare: []};
  for (let at = 0; at < commits; at++) {
    for (const [kind, source] of Object.entries(sources) as [Kind, ChangeSource][]) {
      id = crypto.randomUUID();
      await source.transaction(tx => tx.write('note', id, {id, body: BODY}, 'merge'));
      made[kind].push([id, knownAt]);
      await sleep(pause);
    }
  }
  process.send?.({kind: 'done', commits: made} satisfies LatencyMessage);
});
// However the measurement ends, this ends with it.
process.on('disconnect', () => process.exit());
process.send?.({kind: 'listening', port, bare: (http.address() as AddressInfo).port} satisfies LatencyMessage);
