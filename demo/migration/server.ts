/**
 * A server of the old kind: it speaks the plan's words, answers no operation, and knows who asks by nothing. Notes are in
 * memory. Run by itself it prints its address.
 */
import {readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import {type WebSocket, WebSocketServer} from 'ws';

const root = fileURLToPath(new URL('../../', import.meta.url));

export class NotesServer {
  url = '';
  /** Frames that clients sent, oldest first. */
  readonly heard: Record<string, unknown>[] = [];
  /** Pages are served, and no socket lives: as where a proxy is down. */
  isDeaf = false;
  readonly #log: {lsn: string; change: {entityId: string; data: {id: string; body: string}}}[] = [];
  readonly #http: Server;
  readonly #sockets = new Set<WebSocket>();

  constructor() {
    this.#http = createServer((request, response) => {
      const file = fileOf(new URL(request.url ?? '/', 'http://x').pathname);
      const type = file?.path.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(file ? 200 : 404, {'content-type': type}).end(file?.text);
    });
    const sockets = new WebSocketServer({
      server: this.#http,
      path: '/api/sync',
      // One that opened for a moment would be sent what waits, and the old client forgets what it has sent.
      verifyClient: () => !this.isDeaf,
    });
    sockets.on('connection', socket => this.#accept(socket));
  }

  listen(port = 0): Promise<void> {
    return new Promise(resolve =>
      this.#http.listen(port, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
        resolve();
      }),
    );
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#http.closeAllConnections();
    return new Promise(resolve => this.#http.close(() => resolve()));
  }

  get bodies(): string[] {
    return this.#log.map(({change}) => change.data.body);
  }

  /** Cuts all lines, and takes no other until told to. */
  deafen(): void {
    this.isDeaf = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  #accept(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('message', text => {
      const frame = JSON.parse(String(text)) as Record<string, unknown>;
      this.heard.push(frame);
      if (frame['type'] === 'sync') {
        const seen = numberOf(String(frame['lastLSN']));
        for (const entry of this.#log) if (numberOf(entry.lsn) > seen) socket.send(said(entry));
      }
      if (frame['type'] === 'entity_update') this.#write(frame['data'] as {id: string; body: string});
    });
  }

  #write(note: {id: string; body: string}): void {
    const entry = {lsn: `0/${(this.#log.length + 1).toString(16)}`, change: {entityId: note.id, data: note}};
    this.#log.push(entry);
    for (const socket of this.#sockets) socket.send(said(entry));
  }
}

const numberOf = (lsn: string) => Number.parseInt(lsn.split('/')[1] ?? '0', 16);

function said({lsn, change}: {lsn: string; change: object}): string {
  return JSON.stringify({type: 'changes', lsn, changes: [{type: 'update', entityType: 'note', ...change}]});
}

function fileOf(path: string): {path: string; text: string} | undefined {
  const own = path === '/' ? '/before.html' : path;
  const place = own.startsWith('/dist/') ? own : own === '/idb-keyval.js' ? KEYVAL : `/demo/migration${own}`;
  try {
    return {path: own, text: readFileSync(`${root}${place.slice(1)}`, 'utf8')};
  } catch {
    return undefined;
  }
}

const KEYVAL = '/node_modules/idb-keyval/dist/index.js';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = new NotesServer();
  await server.listen(Number(process.env['PORT'] ?? 0));
  for (const page of ['before', 'step-1', 'step-2']) console.log(`${server.url}${page}.html`);
}
