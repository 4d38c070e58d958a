/** What the framework tests stand on: a server with its rows in memory, the apps as `npm start` serves them, and tabs. */
import {fileURLToPath} from 'node:url';
import type {BrowserContext, Locator, Page} from 'playwright-core';
import {type Prepare, pagesWithApps} from '../../demo/server/frameworks.js';
import {createSyncServer, MemorySource, type SyncServer} from '../../server/index.js';
import {sharedBrowser} from './browser.js';
import {atEnd, newProfile, type Scope} from './harness.js';

const pages = fileURLToPath(new URL('../../demo-dist', import.meta.url));

const TASKS = [
  {id: 'a', title: 'Ask the users', status: 'todo', position: 1, assignee: 'Ada'},
  {id: 'b', title: 'Build it', status: 'todo', position: 2, assignee: ''},
  {id: 'c', title: 'Ship it', status: 'doing', position: 1, assignee: 'Kenji'},
];

export class Stage {
  readonly url: string;
  readonly profile: BrowserContext;
  /** What pages complained of: warnings, errors, violations of the policy. */
  readonly complaints: string[] = [];
  readonly #source: MemorySource;
  readonly #server: SyncServer;

  private constructor(url: string, profile: BrowserContext, source: MemorySource, server: SyncServer) {
    this.url = url;
    this.profile = profile;
    this.#source = source;
    this.#server = server;
    profile.on('console', message => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    profile.on('weberror', error => this.complaints.push(String(error.error())));
  }

  static async set(test: Scope, prepare?: Prepare): Promise<Stage> {
    const source = new MemorySource({tables: {task: {columns: Object.keys(TASKS[0] ?? {})}}});
    const server = createSyncServer({source, publish: {task: true}, static: pagesWithApps(pages, prepare)});
    const url = (await server.listen()).url.replace(/^ws/, 'http').replace(/api\/sync$/, '');
    atEnd(test, () => server.close());
    await source.transaction(async tx => {
      for (const {id, ...columns} of TASKS) await tx.write('task', id, columns, 'merge');
    });
    return new Stage(url, await newProfile(await sharedBrowser(test)), source, server);
  }

  /** Open lines between pages and the server. */
  get lines(): number {
    return this.#server.stats().connections;
  }

  async titleAtServer(id: string): Promise<unknown> {
    const row = await this.#source.transaction(tx => tx.read('task', id));
    return row?.['title'];
  }

  /** As somebody at another device would. */
  write(id: string, columns: {title?: string; status?: string}): Promise<unknown> {
    return this.#source.transaction(tx => tx.write('task', id, columns, 'merge'));
  }

  async open(name: string): Promise<Tab> {
    const page = await this.profile.newPage();
    await page.goto(`${this.url}frameworks/${name}/`);
    const tab = new Tab(page);
    await tab.untilReady();
    return tab;
  }
}

/** An app in a tab, by what a person finds there: nothing in here knows which framework it is. */
export class Tab {
  readonly page: Page;
  readonly provider: Locator;
  readonly offline: Locator;

  constructor(page: Page) {
    this.page = page;
    this.provider = page.locator('sync-provider');
    this.offline = page.getByRole('checkbox', {name: 'Work offline'});
  }

  /** Longer than other waits: where the package has changed meanwhile, it is built anew before the app is. */
  async untilReady(): Promise<void> {
    await this.page.locator('.columns[aria-busy=false]').waitFor({timeout: 120_000});
  }

  /** The app's heading that counts what the server has not, by the provider's event. */
  async untilPending(count: number): Promise<void> {
    await this.page.getByText(`Changes on this device: ${count}`, {exact: true}).waitFor();
  }

  async untilStatus(status: string): Promise<void> {
    await this.page.locator(`sync-provider[status=${status}]`).waitFor({state: 'attached'});
  }

  title(text: string): Locator {
    return this.page.locator('.card').getByRole('button', {name: text, exact: true});
  }

  titlesIn(column: string): Promise<string[]> {
    return this.page.getByRole('region', {name: column}).locator('.card button.title').allInnerTexts();
  }

  async rename(from: string, to: string): Promise<void> {
    await this.title(from).click();
    const input = this.page.getByRole('textbox', {name: 'Title', exact: true});
    await input.fill(to);
    await input.press('Enter');
    await this.title(to).waitFor();
  }

  async add(column: string, title: string): Promise<void> {
    const input = this.page.getByRole('textbox', {name: `Add to ${column}`});
    await input.fill(title);
    await input.press('Enter');
    await this.title(title).waitFor();
  }

  async move(title: string, column: string): Promise<void> {
    await this.page.getByRole('combobox', {name: `Column of ${title}`}).selectOption(column);
    await this.page.getByRole('region', {name: column}).getByRole('button', {name: title, exact: true}).waitFor();
  }
}
