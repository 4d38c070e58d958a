/** Twenty tabs that come, go, reload, lose their worker and crash, for a minute, with operations flowing from all of them. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {BrowserContext, Page} from 'playwright-core';
import {seededRandom} from '../../testing/simulation/random.js';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, TestServer, untilState} from './harness.js';

const TABS = 20;
const MINUTE = 60_000;

/** Each row counts up; every write that took effect is in the log, in the order of the server. */
const COUNTERS = {
  publish: {counter: true},
  sql: `
    CREATE TABLE IF NOT EXISTS counter (id text PRIMARY KEY, value int);
    CREATE TABLE IF NOT EXISTS effect (at serial, id text, value int);
    CREATE OR REPLACE FUNCTION log_effect() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO effect (id, value) VALUES (NEW.id, NEW.value); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER logged AFTER INSERT OR UPDATE ON counter FOR EACH ROW EXECUTE FUNCTION log_effect();`,
} as const;

declare global {
  var held: Worker;
}

interface Tab {
  page: Page;
  /** Of its own row. */
  id: string;
  written: number;
  /** Values whose `enqueue` has resolved: promised, whatever comes. */
  promised: number[];
}

class Crowd {
  readonly tabs: Tab[] = [];
  readonly gone: Tab[] = [];
  readonly #profile: BrowserContext;
  readonly #url: string;
  #ids = 0;

  constructor(profile: BrowserContext, url: string) {
    this.#profile = profile;
    this.#url = url;
  }

  async open(): Promise<void> {
    const page = await this.#profile.newPage();
    const tab = {page, id: `t${this.#ids++}`, written: 0, promised: []};
    await this.#load(tab, () => page.goto(this.#url));
    this.tabs.push(tab);
  }

  reload(tab: Tab): Promise<void> {
    return this.#load(tab, () => tab.page.reload());
  }

  async close(tab: Tab): Promise<void> {
    this.#leave(tab);
    await tab.page.close();
  }

  async crash(tab: Tab): Promise<void> {
    this.#leave(tab);
    const cdp = await this.#profile.newCDPSession(tab.page);
    // Never answered: there is nobody left to answer.
    cdp.send('Page.crash').catch(() => {});
    await tab.page.waitForEvent('crash');
    await tab.page.close();
  }

  terminate(tab: Tab): Promise<void> {
    return tab.page.evaluate(() => held.terminate());
  }

  /** Writes the next value; a tab that dies meanwhile has promised nothing. */
  async write(tab: Tab): Promise<void> {
    const value = ++tab.written;
    const {id} = tab;
    const write = tab.page.evaluate(([id, value]) => service.put('counter', id, {id, value}), [id, value] as const);
    await write.then(
      () => tab.promised.push(value),
      () => {},
    );
  }

  #leave(tab: Tab): void {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    this.gone.push(tab);
  }

  async #load({page}: Tab, go: () => Promise<unknown>): Promise<void> {
    await go();
    await page.evaluate(async () => {
      const address = '/sync-elements.js';
      const {WorkerSyncService} = await import(address);
      globalThis.service = new WorkerSyncService({
        url: '/',
        worker: () => {
          globalThis.held = new Worker('/sync-worker.js', {type: 'module'});
          return globalThis.held;
        },
      });
      void service.connect();
    });
  }
}

async function storm(t: TestContext, crowd: Crowd): Promise<void> {
  const seed = Number(process.env['STORM_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`STORM_SEED=${seed}`);
  const dice = seededRandom(seed);
  const writes: Promise<void>[] = [];
  for (const until = Date.now() + MINUTE; Date.now() < until; ) {
    const tab = dice.pick(crowd.tabs);
    for (const writer of crowd.tabs) if (dice.fraction() < 0.3) writes.push(crowd.write(writer));
    switch (dice.below(8)) {
      case 0:
        await crowd.reload(tab);
        break;
      case 1:
        await crowd.terminate(tab);
        break;
      case 2:
        await crowd.crash(tab);
        break;
      case 3:
        await crowd.close(tab);
        break;
      default:
        if (crowd.tabs.length < TABS) await crowd.open();
    }
    if (crowd.tabs.length < TABS / 2) await crowd.open();
  }
  await Promise.all(writes);
}

test('twenty tabs in a storm: one socket at the end, every write once, in order, and every tab current', async t => {
  const server = await TestServer.start(t, COUNTERS);
  const profile = await newProfile(await sharedBrowser(t));
  const crowd = new Crowd(profile, server.url);
  for (let index = 0; index < TABS; index++) await crowd.open();
  await storm(t, crowd);

  const [first] = crowd.tabs;
  assert.ok(first);
  // A tab whose worker was terminated from outside finds that out by its pings.
  await untilState(first.page, "state.status === 'synced' && state.pending === 0", MINUTE);
  await eventually('one socket', async () => (await server.stats()).connections === 1);
  for (const {page} of crowd.tabs) await untilState(page, "state.status === 'synced' && state.pending === 0", MINUTE);
  assert.equal((await server.stats()).overlaps, 0, 'never two sockets at a time');

  const effects = await server.query<{id: string; value: number}>('SELECT id, value FROM effect ORDER BY at');
  for (const {id, promised} of [...crowd.tabs, ...crowd.gone]) {
    const seen = effects.filter(effect => effect.id === id).map(({value}) => value);
    assert.deepEqual(
      seen,
      [...new Set(seen)].sort((a, b) => a - b),
      `${id}: in order, and none twice`,
    );
    assert.deepEqual(
      promised.filter(value => !seen.includes(value)),
      [],
      `${id}: none lost`,
    );
  }
  const rows = await server.query('SELECT id, value FROM counter ORDER BY id');
  for (const {page, id} of crowd.tabs) {
    const here = await page.evaluate(() => service.list('counter'));
    assert.deepEqual(
      here.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)),
      rows,
      `the rows in ${id}`,
    );
  }
  t.diagnostic(`${effects.length} writes, ${crowd.gone.length} tabs closed or crashed`);
});
