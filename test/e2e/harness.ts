/** What end-to-end tests stand on: a server process, a browser, profiles and tabs; all of it ends with the test. */
import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readFileSync} from 'node:fs';
import {copyFile, cp, mkdir, mkdtemp, rename, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Browser, type BrowserContext, chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {freePort} from '../../scripts/free-port.mjs';
import type {ServerStats} from '../../server/index.js';
import type {WorkerSyncService} from '../../src/index.js';
import type {ServerQuestion, ServerSetup} from './server-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What things live as long as: a test, or a measurement. */
export interface Scope {
  after(cleanup: () => unknown): void;
}

/** Something that a test began and that must be ended: in the reverse order. */
type Cleanup = () => unknown;
const cleanups = new WeakMap<Scope, Cleanup[]>();

/** Ends things in the reverse order, whoever began them: a browser before its profile's folder. */
export function atEnd(test: Scope, cleanup: Cleanup): void {
  let list = cleanups.get(test);
  if (!list) {
    list = [];
    cleanups.set(test, list);
    const ending = list;
    test.after(async () => {
      // All of it, also where one ending fails: what is left running would keep the test file from ending.
      const failures: unknown[] = [];
      for (const end of ending.reverse()) {
        try {
          await end();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    });
  }
  list.push(cleanup);
}

export async function temporaryFolder(test: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sync-elements-'));
  atEnd(test, () => rm(folder, {recursive: true, force: true}));
  return folder;
}

/** A page that loads nothing by itself; tests import the bundle that is published. */
export async function barePages(test: Scope): Promise<string> {
  const folder = await temporaryFolder(test);
  for (const file of ['sync-elements.js', 'sync-worker.js'])
    await copyFile(join(root, 'dist', file), join(folder, file));
  await writeFile(join(folder, 'index.html'), '<!doctype html><html lang="en"><title>Test</title></html>');
  return folder;
}

/**
 * A folder with a database as PGlite makes it, without tables. Making one takes five seconds, copying it a fraction of one,
 * so one is made for each version and kept beside what else is built.
 */
async function emptyDatabase(test: Scope): Promise<string> {
  const cache = join(root, 'node_modules', '.cache', 'sync-elements');
  const {version} = JSON.parse(readFileSync(join(root, 'node_modules/@electric-sql/pglite/package.json'), 'utf8'));
  const kept = join(cache, `pglite-${version}`);
  if (!existsSync(kept)) {
    await mkdir(cache, {recursive: true});
    const making = await mkdtemp(`${kept}-`);
    const {PGlite} = await import('@electric-sql/pglite');
    await (await PGlite.create(making)).close();
    // Somebody else may have been faster: either one is as good.
    await rename(making, kept).catch(() => rm(making, {recursive: true}));
  }
  const folder = await temporaryFolder(test);
  await cp(kept, folder, {recursive: true});
  return folder;
}

export class TestServer {
  readonly url: string;
  readonly setup: ServerSetup;
  #process: ChildProcess | undefined;
  #questions = 0;

  private constructor(setup: ServerSetup) {
    this.setup = setup;
    this.url = `http://127.0.0.1:${setup.port}/`;
  }

  static async start(test: Scope, setup: Partial<ServerSetup> & Pick<ServerSetup, 'publish'>): Promise<TestServer> {
    const server = new TestServer({
      // Known before it listens, so that a server can be killed and come back at the same address.
      port: await freePort(),
      dataDir: setup.dataDir ?? (await emptyDatabase(test)),
      pages: setup.pages ?? (await barePages(test)),
      tokens: false,
      places: false,
      sql: '',
      ...setup,
    });
    atEnd(test, () => server.kill());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = fork(join(root, 'test/e2e/server-process.ts'), {
      env: {...process.env, SETUP: JSON.stringify(this.setup)},
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process = child;
    const listening = once(child, 'message');
    const gone = once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with ${code} before it listened`);
    });
    await Promise.race([listening, gone]);
    gone.catch(() => {});
  }

  /** As a power cut would: at once, whatever it was doing. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async drain(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    const gone = once(child, 'exit');
    await ask(child, {id: ++this.#questions, ask: 'drain'});
    child.kill('SIGKILL');
    await gone;
  }

  query<T = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<T[]> {
    return this.#ask({id: ++this.#questions, ask: 'query', sql, params}) as Promise<T[]>;
  }

  stats(): Promise<ServerStats> {
    return this.#ask({id: ++this.#questions, ask: 'stats'}) as Promise<ServerStats>;
  }

  /** Forgets the log of changes, as time would. */
  async trim(): Promise<void> {
    await this.#ask({id: ++this.#questions, ask: 'trim'});
  }

  /** A copy of the data folder as it is now; the server must not be running. */
  async copyData(test: Scope): Promise<string> {
    const folder = await temporaryFolder(test);
    await cp(this.setup.dataDir, folder, {recursive: true});
    return folder;
  }

  #ask(question: ServerQuestion): Promise<unknown> {
    if (!this.#process) throw new Error('The server is not running');
    return ask(this.#process, question);
  }
}

function ask(child: ChildProcess, question: ServerQuestion): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const hear = (answer: {id?: number; value?: unknown; error?: string}) => {
      if (answer.id !== question.id) return;
      child.off('message', hear);
      if (answer.error === undefined) resolve(answer.value);
      else reject(new Error(answer.error));
    };
    child.on('message', hear);
    child.send(question);
  });
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({executablePath: await ensureBrowser('chromium'), args: CHROMIUM_ARGS});
}

/** A process of its own; tests share one (browser.ts). */
export async function startBrowser(scope: Scope): Promise<Browser> {
  const browser = await launchBrowser();
  atEnd(scope, () => browser.close());
  return browser;
}

/** Two profiles share nothing: storage, locks, channels. */
export async function newProfile(browser: Browser): Promise<BrowserContext> {
  const profile = await browser.newContext();
  // The compiler that runs these tests marks functions with a helper of its own, which a page does not have.
  await profile.addInitScript('globalThis.__name = target => target');
  return profile;
}

/** In tests' pages: the service under test. */
declare global {
  var service: WorkerSyncService;
}

export interface PageOptions {
  user?: string;
  token?: string;
  types?: (string | {type: string; where: Record<string, string>})[];
  database?: string;
  worker?: string;
  connect?: boolean;
}

/** A tab with a service of its own, connecting unless told otherwise. */
export async function openTab(
  context: BrowserContext,
  server: {url: string},
  options: PageOptions = {},
): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(server.url);
  await startService(page, options);
  return page;
}

export async function startService(page: Page, options: PageOptions = {}): Promise<void> {
  await page.evaluate(async ({token, connect = true, ...rest}) => {
    const address = '/sync-elements.js';
    const {WorkerSyncService: Service} = (await import(address)) as {
      WorkerSyncService: typeof WorkerSyncService;
    };
    globalThis.service = new Service({
      url: '/',
      logger: 'warn',
      ...rest,
      ...(token === undefined ? {} : {getToken: () => token}),
    });
    await globalThis.service.initialize();
    if (connect) void globalThis.service.connect();
  }, options);
}

/** A page, of whatever library drives the browser. An expression is evaluated in the page, and awaited. */
export interface Evaluates {
  evaluate(expression: string): Promise<unknown>;
}

/** Waits, by events and not by time, until the state passes the test. */
export async function untilState(page: Evaluates, test: string, limit = 30_000): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const passes = state => ${test};
    if (passes(service.getState())) return resolve();
    const late = setTimeout(() => {
      stop();
      reject(new Error(${JSON.stringify(`Not within ${limit} ms: ${test}; the state is `)} + JSON.stringify(service.getState())));
    }, ${limit});
    const stop = service.onStateChange(state => {
      if (!passes(state)) return;
      clearTimeout(late);
      stop();
      resolve();
    });
  })`);
}

export const untilSynced = (page: Evaluates): Promise<void> => untilState(page, "state.status === 'synced'");

/** Waits until a question about the outside has the answer it should have. */
export async function eventually(what: string, question: () => Promise<boolean>, limit = 20_000): Promise<void> {
  const until = Date.now() + limit;
  while (!(await question())) {
    if (Date.now() > until) throw new Error(`Not within ${limit} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}
