/**
 * A site within the test's process: the built bundle, pages under whatever policy the address asks for, and a sync server
 * with its rows in memory. For tests whose subject is the page and its worker, not the server.
 */
import {readFile} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {fileURLToPath} from 'node:url';
import type {Browser, BrowserContext, Page} from 'playwright-core';
import {createSyncServer, MemorySource, type SyncServer} from '../../server/index.js';
import type {SyncOptions} from '../../src/index.js';
import {atEnd, type Evaluates, newProfile, type Scope} from './harness.js';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const PAGE = '<!doctype html><html lang="en"><title>Test</title></html>';

export class Site {
  /** Ends with a slash. */
  url = '';
  readonly source = new MemorySource({tables: {note: {columns: ['id', 'body']}}});
  /** Payloads of `send_message` operations, each time that one was run. */
  readonly messages: unknown[] = [];
  /** Further files, by path: scripts, unless the name says otherwise. */
  readonly files = new Map<string, string>();
  readonly server: SyncServer;
  #taken = () => {};
  #answering: Promise<void> = Promise.resolve();

  private constructor() {
    this.server = createSyncServer({
      source: this.source,
      publish: {note: true},
      origins: '*',
      onMessage: async op => {
        this.#taken();
        await this.#answering;
        this.messages.push(op.payload);
      },
      static: (request, response) => void this.#serve(request, response),
    });
  }

  static async start(test: Scope): Promise<Site> {
    const site = new Site();
    site.url = (await site.server.listen()).url.replace(/^ws/, 'http').replace(/api\/sync$/, '');
    atEnd(test, () => site.server.close());
    return site;
  }

  write(id: string, body: string): Promise<unknown> {
    return this.source.transaction(tx => tx.write('note', id, {body}, 'merge'));
  }

  read(id: string): Promise<unknown> {
    return this.source.transaction(tx => tx.read('note', id));
  }

  /** The next message is taken in hand (`taken`) and not done before `answer` is called. */
  holdMessages(): {taken: Promise<void>; answer: () => void} {
    let answer = () => {};
    this.#answering = new Promise(resolve => {
      answer = resolve;
    });
    const taken = new Promise<void>(resolve => {
      this.#taken = resolve;
    });
    return {taken, answer};
  }

  get sockets(): number {
    return this.server.stats().connections;
  }

  /** `?policy=…` is the page's Content-Security-Policy. Everything but what lies below /private/ may be read by any origin. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {pathname, searchParams} = new URL(request.url ?? '/', this.url);
    const policy = searchParams.get('policy');
    const body = pathname === '/' ? PAGE : await this.#file(pathname.replace('/private/', '/'));
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html',
      ...(policy === null ? {} : {'content-security-policy': policy}),
      ...(pathname.startsWith('/private/') ? {} : {'access-control-allow-origin': '*'}),
    });
    response.end(body);
  }

  async #file(path: string): Promise<string | undefined> {
    const own = this.files.get(path);
    if (own !== undefined) return own;
    // Its modules one by one, as a bundler finds them, besides the bundles.
    if (!path.startsWith('/src/') && path !== '/sync-elements.js' && path !== '/sync-worker.js') return undefined;
    return readFile(dist + path, 'utf8');
  }
}

declare global {
  /** In tests' pages: what the service logged, as `level: message`. */
  var logged: string[];
  /** In tests' pages: codes of its `error` events. */
  var errors: string[];
}

export interface Visit extends Pick<SyncOptions, 'mode' | 'database'> {
  policy?: string;
  /** Where the package is loaded from. Default: the page's own site. */
  from?: string;
  /** An expression: the option `worker`. */
  worker?: string;
  /** Default true; else it is initialised only. */
  connect?: boolean;
}

/** Opens a page of the site in a profile, and a service in it that logs to `logged`; does not wait for it. */
export async function visit(profile: BrowserContext, site: Site, options: Visit = {}): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(options.policy === undefined ? site.url : `${site.url}?policy=${encodeURIComponent(options.policy)}`);
  await serve(page, site, options);
  return page;
}

/** Makes the service; in a page that is there already, one more in the place of the last. */
export async function serve(
  page: Evaluates,
  site: Site,
  {from = site.url, worker, ...options}: Visit = {},
): Promise<void> {
  const {policy: _policy, connect = true, ...rest} = options;
  await page.evaluate(`import('${from}sync-elements.js').then(({WorkerSyncService}) => {
    globalThis.logged = [];
    globalThis.errors = [];
    const at = level => message => void logged.push(level + ': ' + message);
    const logger = {error: at('error'), warn: at('warn'), info: () => {}, debug: () => {}};
    globalThis.service = new WorkerSyncService({
      url: '${site.url}', logger, ...${JSON.stringify(rest)}, ${worker === undefined ? '' : `worker: ${worker}`}
    });
    service.addEventListener('error', error => errors.push(error.code));
    (${connect} ? service.connect() : service.initialize()).catch(() => {});
  })`);
}

/** A tab with a profile of its own. */
export async function visitAlone(browser: Browser, site: Site, options: Visit = {}): Promise<Page> {
  return visit(await newProfile(browser), site, options);
}

/** The code with which an expression of the page rejects, or what it resolves to. */
export function outcome(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(`(async () => ${expression})().catch(error => error.code ?? String(error))`);
}
