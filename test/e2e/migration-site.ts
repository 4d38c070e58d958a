/** Pages for those who move: the built package, module by module, and a server that speaks nothing but the plan's words. */
import {readdirSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import type {BrowserContext, Page} from 'playwright-core';
import {type WebSocket, WebSocketServer} from 'ws';
import type * as Compat from '../../src/compat/compat.js';
import {atEnd, eventually, type Scope} from './harness.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string) => readFileSync(`${root}${path}`, 'utf8');

declare global {
  /** In tests' pages: `sync-elements/compat`. */
  var compat: typeof Compat;
  /** In tests' pages: what happened there. */
  var happened: unknown[];
}

/** What a page imports, by path. The one bare import is given an address, as a bundler would. */
export function moduleFiles(): Map<string, string> {
  const files = new Map([['/idb-keyval.js', text('node_modules/idb-keyval/dist/index.js')]]);
  const paths = readdirSync(`${root}dist/src`, {recursive: true, encoding: 'utf8'}).filter(path =>
    path.endsWith('.js'),
  );
  for (const path of paths) {
    files.set(`/dist/src/${path}`, text(`dist/src/${path}`).replace(/(['"])idb-keyval\1/g, "'/idb-keyval.js'"));
  }
  return files;
}

/** A tab of a site with the old names in it, not used yet. */
export async function openOld(profile: BrowserContext, site: {url: string; files: Map<string, string>}): Promise<Page> {
  if (site.files.size === 0) for (const [path, file] of moduleFiles()) site.files.set(path, file);
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(site.url);
  await loadOld(page);
  return page;
}

/** Again, after a reload. */
export async function loadOld(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const address = '/dist/src/compat/compat.js';
    globalThis.compat = (await import(address)) as typeof Compat;
    globalThis.happened = [];
    // Waiting for a state is the harness's business, which knows a service by this name.
    globalThis.service = compat.workerSyncService as unknown as typeof service;
  });
}

/** Speaks the plan's frames: knows clients by nothing, acknowledges nothing, remembers what it was sent. */
export class PlanServer {
  url = '';
  readonly files = new Map<string, string>();
  /** What clients sent, oldest first. */
  readonly heard: Record<string, unknown>[] = [];
  readonly #sockets = new Set<WebSocket>();
  /** Whoever greets throws out those that greeted with the same client id. */
  oneLineEach = false;
  /** What a client is sent when it has said where it stands. */
  answer: (lastLSN: string) => object[] = () => [];

  static async start(test: Scope): Promise<PlanServer> {
    const server = new PlanServer();
    const http = createServer((request, response) => {
      const path = request.url ?? '/';
      const body = path === '/' ? '<!doctype html><title>Old</title>' : server.files.get(path);
      response.writeHead(body === undefined ? 404 : 200, {
        'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html',
      });
      response.end(body);
    });
    const sockets = new WebSocketServer({server: http, path: '/api/sync'});
    const greeted = new WeakMap<WebSocket, unknown>();
    sockets.on('connection', socket => {
      server.#sockets.add(socket);
      socket.on('close', () => server.#sockets.delete(socket));
      socket.on('message', data => {
        const frame = JSON.parse(String(data)) as Record<string, unknown>;
        server.heard.push(frame);
        if (frame['type'] !== 'sync') return;
        const isSame = (other: WebSocket) => other !== socket && greeted.get(other) === frame['clientId'];
        if (server.oneLineEach) for (const other of server.#sockets) if (isSame(other)) other.close();
        greeted.set(socket, frame['clientId']);
        for (const said of server.answer(String(frame['lastLSN']))) socket.send(JSON.stringify(said));
      });
    });
    await new Promise<void>(listening => http.listen(0, '127.0.0.1', listening));
    server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    atEnd(test, () => {
      server.drop();
      sockets.close();
      http.closeAllConnections();
      return new Promise(closed => http.close(closed));
    });
    return server;
  }

  say(frame: object | string): void {
    for (const socket of this.#sockets) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Cuts every connection. */
  drop(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  of(type: string): Record<string, unknown>[] {
    return this.heard.filter(frame => frame['type'] === type);
  }

  async untilHeard(type: string, count: number): Promise<void> {
    await eventually(`${count} × ${type}`, async () => this.of(type).length >= count);
  }
}
