/**
 * The framework apps below /frameworks/: each is installed and built when somebody opens it for the first time, and a
 * page tells how far that is. Everything else comes from the built demo pages.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {readdirSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {fileURLToPath} from 'node:url';
import {type StaticHandler, staticFiles} from '../../server/http/static-files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Makes an app ready, telling what it does on its output; exits with 0 when there is something to serve. */
export type Prepare = (name: string) => ChildProcess;

/** In a process of its own: what an installation does to signals and to memory is not the server's business. */
const prepareInChild: Prepare = name => {
  const child = spawn(process.execPath, ['scripts/own-projects.mjs', name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill();
  process.once('exit', end);
  child.once('close', () => process.off('exit', end));
  return child;
};

class FrameworkApp {
  /** Whether this server has made it ready; what an earlier one built may be old. */
  isReady = false;
  readonly files: StaticHandler;
  readonly #start: () => ChildProcess;
  readonly #watching = new Set<ServerResponse>();
  #said = '';
  #child: ChildProcess | undefined;

  constructor(name: string, prepare: Prepare) {
    this.files = staticFiles(`${root}/demo/frameworks/${name}/dist`);
    this.#start = () => prepare(name);
  }

  /** Streams what the preparation says as text, whose last line is `ready` or `failed`. Any number may watch one. */
  prepare(response: ServerResponse): void {
    response.writeHead(200, {'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store'});
    this.#watching.add(response);
    response.on('close', () => this.#watching.delete(response));
    if (this.isReady) return this.#finish(true);
    if (this.#child) {
      response.write(this.#said);
      return;
    }
    this.#said = '';
    const child = this.#start();
    this.#child = child;
    const say = (text: Buffer) => {
      this.#said += text;
      for (const each of this.#watching) each.write(text);
    };
    child.stdout?.on('data', say);
    child.stderr?.on('data', say);
    child.on('error', error => say(Buffer.from(error.message)));
    child.on('close', code => this.#finish(code === 0));
  }

  #finish(isReady: boolean): void {
    this.#child = undefined;
    this.isReady = isReady;
    for (const each of this.#watching) each.end(isReady ? '\nready\n' : '\nfailed\n');
  }
}

/** Serves the pages of a folder (`preparing.html` among them), and the framework apps beside them. */
export function pagesWithApps(
  pages: string,
  prepare: Prepare = prepareInChild,
): (request: IncomingMessage, response: ServerResponse) => void {
  const site = staticFiles(pages);
  const apps = new Map(readdirSync(`${root}/demo/frameworks`).map(name => [name, new FrameworkApp(name, prepare)]));
  return (request, response) => {
    const [, name = '', path] = /^\/frameworks\/([\w-]+)(\/[^?#]*)?/.exec(request.url ?? '') ?? [];
    const app = apps.get(name);
    if (!app) return void site(request, response);
    // Relative addresses in the app count on the slash.
    if (path === undefined) return void response.writeHead(308, {location: `/frameworks/${name}/`}).end();
    if (request.method === 'POST' && path === '/prepare') {
      // No other site makes this machine install anything.
      if (request.headers['sec-fetch-site'] === 'same-origin') return app.prepare(response);
      return void response.writeHead(403).end();
    }
    if (app.isReady) {
      request.url = path;
      void app.files(request, response);
    } else if (path === '/') {
      request.url = '/preparing.html';
      void site(request, response);
    } else {
      response.writeHead(404).end();
    }
  };
}
