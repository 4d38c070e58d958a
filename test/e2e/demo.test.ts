/** The demo as a newcomer meets it: its own process, its built pages, and hands on mouse and keyboard. */
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import type {BrowserContext, Locator, Page} from 'playwright-core';
import type {SyncProvider} from '../../components/index.js';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile} from './harness.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` runs once it has built. */
class Demo {
  url = '';
  /** What the present process has said, a line each. */
  said: string[] = [];
  /** Milliseconds from the start to `ready`. */
  took = 0;
  readonly #data: string;
  #process: ChildProcess | undefined;

  constructor(data: string) {
    this.#data = data;
  }

  /** On any free port at first; later on the same, where the pages that are still open look for it. */
  async start(): Promise<void> {
    const started = Date.now();
    const child = spawn(process.execPath, ['--import', 'tsx', 'demo/server/main.ts'], {
      cwd: root,
      env: {...process.env, PORT: this.url ? new URL(this.url).port : '0', DATA: this.#data},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.said = [];
    for await (const line of createInterface({input: child.stdout})) {
      this.said.push(line);
      const url = /^ready (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1];
      if (!url) continue;
      this.url = url;
      this.took = Date.now() - started;
      child.stdout.resume();
      return;
    }
    throw new Error(`The demo ended before it was ready:\n${this.said.join('\n')}`);
  }

  /** Resolves to the exit code, or to the signal where that is what ended it. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    const child = this.#process;
    if (!child) return null;
    this.#process = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.signalCode ?? child.exitCode;
  }
}

let data: string;
let demo: Demo;

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'sync-elements-'));
  demo = new Demo(data);
  await demo.start();
});
after(async () => {
  await demo.end('SIGKILL');
  await rm(data, {recursive: true, force: true});
});

/** What a test is handed: profiles that share nothing, and an ear for what their pages complain of. */
interface Stage {
  profile(): Promise<BrowserContext>;
  /** A complaint that the test itself provokes. */
  expected: RegExp | undefined;
}

/** A test in a browser of its own; a warning, an error or a CSP violation in any page makes it fail. */
function demoTest(name: string, run: (stage: Stage) => Promise<void>): void {
  test(name, async t => {
    const browser = await sharedBrowser(t);
    const complaints: string[] = [];
    const stage: Stage = {
      expected: undefined,
      async profile() {
        const profile = await newProfile(browser);
        await profile.addInitScript(() => {
          addEventListener('securitypolicyviolation', event => {
            console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
          });
        });
        profile.on('console', message => {
          if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
        });
        profile.on('weberror', error => complaints.push(String(error.error())));
        return profile;
      },
    };
    await run(stage);
    const unexpected = complaints.filter(text => !stage.expected?.test(text));
    assert.deepEqual(unexpected, [], 'the pages complain of nothing');
  });
}

async function open(profile: BrowserContext, path = ''): Promise<Page> {
  const page = await profile.newPage();
  await page.goto(demo.url + path);
  return page;
}

async function openBoard(profile: BrowserContext): Promise<Page> {
  const page = await open(profile);
  await untilSaved(page);
  await page.locator('.columns[aria-busy=false]').waitFor();
  return page;
}

/** The words of the status, whole: what it says, how much waits, since when. Those that no longer hold are there, hidden. */
const words = (page: Page, text: string | RegExp) => ({
  waitFor: () =>
    eventually(`the status says ${text}`, async () => {
      const said = (await page.locator('sync-status').locator('[part=base]').allInnerTexts()).join();
      return typeof text === 'string' ? said.includes(text) : text.test(said);
    }),
});

/** What the status says, and that it is so. The words alone may not have changed yet. */
async function untilSaved(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const state = document.querySelector<SyncProvider>('#sync')?.state;
    return state?.status === 'synced' && state.pending === 0;
  });
  await words(page, /^\s*Saved\s*$/).waitFor();
}

const card = (page: Page, id: string): Locator => page.locator(`.card[data-id="${id}"]`);
const cardTitled = (page: Page, title: string): Locator =>
  page.locator('.card').filter({has: page.getByRole('button', {name: title, exact: true})});
const offlineSwitch = (page: Page): Locator => page.getByRole('checkbox', {name: 'Work offline'});

async function addTask(page: Page, column: string, title: string): Promise<void> {
  const input = page.getByRole('textbox', {name: `Add to ${column}`});
  await input.fill(title);
  await input.press('Enter');
}

async function retitle(page: Page, id: string, title: string): Promise<void> {
  await card(page, id).locator('button.title').click();
  const input = card(page, id).getByRole('textbox', {name: 'Title'});
  await input.fill(title);
  await input.press('Enter');
}

const untilTitled = (page: Page, id: string, title: string): Promise<void> =>
  card(page, id).getByRole('button', {name: title, exact: true}).waitFor();

const tasksIn = (page: Page) =>
  page.evaluate(() => document.querySelector<SyncProvider>('#sync')?.list('task', {orderBy: 'id'}));

demoTest('ready means ready: both pages work at once, and neither complains', async stage => {
  const profile = await stage.profile();
  const page = await profile.newPage();
  const response = await page.goto(demo.url);
  assert.match(response?.headers()['content-security-policy'] ?? '', /script-src 'self';/);
  await words(page, /^\s*Saved\s*$/).waitFor();
  await cardTitled(page, 'Translate the status texts into Japanese').waitFor();
  const titles = await page.locator('[data-status=done] .card button.title').allInnerTexts();
  assert.deepEqual(titles, [
    'Keep the queue across a browser crash',
    'One socket for all tabs',
    'Retry with backoff instead of hammering the server',
    'Agree on what “saved” means',
  ]);
  assert.equal(await page.locator('.card').count(), 12);
  await page.getByRole('navigation', {name: 'Pages'}).getByRole('link', {name: 'Places'}).click();
  await page.getByRole('gridcell').first().waitFor();
  await words(page, /^\s*Saved\s*$/).waitFor();
});

demoTest('the small app before and after moving over is served beside it', async stage => {
  const [, addresses = ''] = /moving over, before and after: (.+)/.exec(demo.said.join('\n')) ?? [];
  const page = await (await stage.profile()).newPage();
  const pages = addresses.split(' ');
  assert.equal(pages.length, 3);
  for (const [at, address] of pages.entries()) {
    await page.goto(address);
    await page
      .getByRole('status')
      .getByText(at === 0 ? 'connected' : 'synced', {exact: true})
      .waitFor();
  }
});

demoTest('two profiles share the board, and what both did offline comes together', async stage => {
  const [ann, bob] = [await openBoard(await stage.profile()), await openBoard(await stage.profile())];
  await addTask(ann, 'Doing', 'Added by Ann');
  await retitle(ann, 'welcome-1', 'Renamed by Ann');
  await cardTitled(bob, 'Added by Ann').waitFor();
  await untilTitled(bob, 'welcome-1', 'Renamed by Ann');
  await untilSaved(ann);

  await offlineSwitch(ann).check();
  await offlineSwitch(bob).check();
  for (const page of [ann, bob]) await words(page, 'Not connected').waitFor();
  await retitle(ann, 'welcome-2', 'Ann, offline');
  await retitle(bob, 'welcome-3', 'Bob, offline');
  await retitle(bob, 'welcome-4', 'Bob, offline as well');
  await words(ann, /Not connected.*1 change saved on this device/s).waitFor();
  await words(bob, /Not connected.*2 changes saved on this device/s).waitFor();
  await card(ann, 'welcome-2').getByText('Waiting').waitFor();
  await untilTitled(ann, 'welcome-3', 'Try the board on a train, airplane mode on and off');
  await untilTitled(bob, 'welcome-2', 'Ask support which error texts people send screenshots of');

  for (const page of [ann, bob]) await offlineSwitch(page).uncheck();
  for (const page of [ann, bob]) {
    await untilTitled(page, 'welcome-2', 'Ann, offline');
    await untilTitled(page, 'welcome-3', 'Bob, offline');
    await untilTitled(page, 'welcome-4', 'Bob, offline as well');
    await untilSaved(page);
    await page.getByText('Waiting', {exact: true}).first().waitFor({state: 'hidden'});
  }
  // Somebody with nothing on their device sees what the server holds.
  const truth = await tasksIn(await openBoard(await stage.profile()));
  assert.equal(truth?.find(({id}) => id === 'welcome-2')?.['title'], 'Ann, offline');
  assert.ok(truth?.some(({title}) => title === 'Added by Ann'));
  assert.deepEqual(await tasksIn(ann), truth);
  assert.deepEqual(await tasksIn(bob), truth);
});

demoTest('two tabs are one device: one switch, and offline edits of one show in the other', async stage => {
  const profile = await stage.profile();
  const [first, second] = [await openBoard(profile), await openBoard(profile)];
  await offlineSwitch(first).check();
  for (const page of [first, second]) await words(page, 'Not connected').waitFor();
  await second.getByRole('checkbox', {name: 'Work offline', checked: true}).waitFor();

  await retitle(second, 'welcome-6', 'Edited in the second tab');
  await untilTitled(first, 'welcome-6', 'Edited in the second tab');
  await addTask(first, 'To do', 'Added in the first tab');
  await cardTitled(second, 'Added in the first tab').waitFor();
  for (const page of [first, second]) await words(page, /Not connected.*2 changes saved on this device/s).waitFor();
  const stranger = await openBoard(await stage.profile());
  assert.equal(await cardTitled(stranger, 'Added in the first tab').count(), 0, 'the line was closed all the while');

  await offlineSwitch(second).uncheck();
  for (const page of [first, second]) await untilSaved(page);
  await first.getByRole('checkbox', {name: 'Work offline', checked: false}).waitFor();
  await cardTitled(stranger, 'Added in the first tab').waitFor();
  await untilTitled(stranger, 'welcome-6', 'Edited in the second tab');
});

demoTest('the keyboard alone carries a card: focus stays with it, and it is said aloud', async stage => {
  const page = await openBoard(await stage.profile());
  const [title = ''] = await page.locator('[data-status=todo] .card button.title').allInnerTexts();
  const untilFocused = (selector: string) =>
    page.waitForFunction(selector => document.activeElement?.matches(selector) === true, selector);
  const untilSaid = (text: RegExp) => page.locator('#announcer').filter({hasText: text}).waitFor();
  const inColumn = (column: string) => cardTitled(page, title).and(page.locator(`[data-status=${column}] .card`));
  const isFocused = (part: Locator) => part.evaluate(element => element === document.activeElement);

  // Past the header by the link made for it, then the first thing on the board is the first card's grip.
  await page.keyboard.press('Tab');
  await untilFocused('.skip');
  await page.keyboard.press('Enter');
  await untilFocused('#board');
  await page.keyboard.press('Tab');
  await untilFocused('[data-status=todo] .card:first-child .grip');

  await page.keyboard.press('ArrowRight');
  await inColumn('doing').waitFor();
  await untilSaid(/: Doing, 1 of \d+$/);
  await untilFocused('[data-status=doing] .card .grip');
  assert.ok(await isFocused(inColumn('doing').locator('.grip')));

  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await untilFocused('[data-status=doing] .card .more');
  await page.keyboard.press('Enter');
  await untilFocused('[role=menuitem]');
  await page.keyboard.press('Escape');
  await untilFocused('[data-status=doing] .card .more');
  await page.keyboard.press('Enter');
  await untilFocused('[role=menuitem]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.ok(await isFocused(page.getByRole('menuitem', {name: 'Move to Done'})));
  await page.keyboard.press('Enter');
  await inColumn('done').waitFor();
  await untilSaid(/: Done, 1 of \d+$/);
  await untilFocused('[data-status=done] .card .grip');
  assert.ok(await isFocused(inColumn('done').locator('.grip')));
  assert.equal(await page.getByRole('menu').count(), 0);
  await untilSaved(page);

  // Somebody else carries the same card off: whoever stands on it goes along.
  const other = await openBoard(await stage.profile());
  await cardTitled(other, title)
    .getByRole('button', {name: `Move ${title}`})
    .press('ArrowLeft');
  await inColumn('doing').waitFor();
  await untilFocused('[data-status=doing] .card .grip');
  assert.ok(await isFocused(inColumn('doing').locator('.grip')));
});

demoTest('171,075 places arrive with visible progress, and are searched without a line', async stage => {
  const profile = await stage.profile();
  await profile.addInitScript(() => {
    const seen: number[] = [];
    Object.assign(globalThis, {seen});
    new MutationObserver(() => {
      const bar = document.querySelector('progress');
      if (bar && bar.value !== seen.at(-1)) seen.push(bar.value);
    }).observe(document, {subtree: true, childList: true, attributes: true});
  });
  const seenIn = (page: Page) => page.evaluate(() => (globalThis as unknown as {seen: number[]}).seen);
  const page = await open(profile, 'places.html');
  await page.getByRole('progressbar', {name: 'Places received'}).waitFor();
  await page.locator('#progress').getByText('171,075 places').and(page.locator('strong')).waitFor();
  await page.getByRole('progressbar').waitFor({state: 'hidden'});
  const seen = await seenIn(page);
  assert.ok(seen.length >= 3, `the progress moves: ${seen}`);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
    'and only forward',
  );

  const summary = page.locator('#summary');
  await summary.getByText('171,075 places').waitFor();
  assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '171076');
  const rows = page.locator('.rows [role=row]');
  assert.ok((await rows.count()) < 60, 'only what is in sight stands in the document');
  await page.locator('.window').evaluate(list => list.scrollTo(0, 5000));
  await page.locator('[aria-rowindex="120"]').waitFor();
  assert.ok((await rows.count()) < 60, 'and what has gone out of sight does not');
  for (const name of ['GeoNames', 'CC BY 4.0']) {
    assert.ok(await page.getByRole('contentinfo').getByRole('link', {name, exact: true}).isVisible(), name);
  }

  await offlineSwitch(page).check();
  await words(page, 'Not connected').waitFor();
  await search(page, 'ZURI', 'Zürich');
  await page.reload();
  await words(page, 'Not connected').waitFor();
  assert.equal(await offlineSwitch(page).isChecked(), true);
  await search(page, 'ZURI', 'Zürich');
  await summary.getByText(/^\d+ places in [\d.]+ ms, from this device$/).waitFor();
  for (const name of await page.locator('.rows .name').allInnerTexts()) assert.match(name, /^z[uü]ri/i);
  await profile.setOffline(true);
  await search(page, 'sao paulo', 'São Paulo');

  await profile.setOffline(false);
  await offlineSwitch(page).uncheck();
  await untilSaved(page);
  assert.deepEqual(await seenIn(page), [], 'what is here does not come again');
});

async function search(page: Page, text: string, found: string): Promise<void> {
  await page.getByRole('searchbox').fill(text);
  await page.getByRole('gridcell', {name: found, exact: true}).first().waitFor();
}

demoTest('a refused write is shown, can be tried again, and is gone once discarded', async stage => {
  const page = await openBoard(await stage.profile());
  await page.evaluate(() => {
    Object.assign(globalThis, {refusals: 0});
    document.querySelector('#sync')?.addEventListener('sync-operation-settled', event => {
      const {error} = event as Event & {error?: unknown};
      if (error) (globalThis as unknown as {refusals: number}).refusals++;
    });
  });
  const untilRefusals = (count: number) =>
    page.waitForFunction(count => (globalThis as unknown as {refusals: number}).refusals === count, count);
  const title = 'Measure a 100,000-row sync on a five-year-old phone';
  // The database takes 200 characters.
  await retitle(page, 'welcome-8', 'x'.repeat(201));
  const refused = page.getByRole('region', {name: 'The server refused a change'});
  await refused.getByText(/Save “x{50,}…/).waitFor();
  await words(page, '1 change needs your attention').waitFor();
  await card(page, 'welcome-8').getByText('Refused').waitFor();
  await untilTitled(page, 'welcome-8', title);
  assert.ok(((await refused.locator('.reason').textContent()) ?? '').length > 0, 'with the reason');

  await untilRefusals(1);
  await refused.getByRole('button', {name: 'Try again'}).click();
  await untilRefusals(2);
  await refused.getByRole('button', {name: 'Discard'}).click();
  await refused.getByRole('button', {name: 'Undo'}).waitFor();
  // The time to undo waits for whoever is still at it.
  await page.getByRole('heading', {level: 1}).click();
  await refused.waitFor({state: 'hidden'});
  await untilSaved(page);
  await card(page, 'welcome-8').getByText('Refused').waitFor({state: 'detached'});
  await untilTitled(page, 'welcome-8', title);
});

demoTest('SIGTERM ends the demo in peace; the next start is quick and has everything', async stage => {
  // The browser reports the line that breaks; that is the test's doing.
  stage.expected = /WebSocket connection|ERR_CONNECTION_REFUSED/;
  const page = await openBoard(await stage.profile());
  await addTask(page, 'Done', 'Before the end');
  await cardTitled(page, 'Before the end').waitFor();
  await untilSaved(page);
  const seeding = demo.took;
  assert.ok(demo.said.some(line => line.startsWith('seeding places')));

  assert.equal(await demo.end('SIGTERM'), 0);
  await words(page, /Reconnecting|Offline/).waitFor();
  await retitle(page, 'welcome-9', 'Written while the server was away');
  await words(page, '1 change saved on this device').waitFor();

  await demo.start();
  assert.deepEqual(
    demo.said.filter(line => line.startsWith('seeding')),
    [],
  );
  assert.ok(demo.took < seeding, `${demo.took} ms, and ${seeding} ms with the seeding`);
  const other = await openBoard(await stage.profile());
  await cardTitled(other, 'Before the end').waitFor();
  // The page that stayed open finds the way back by itself.
  await untilSaved(page);
  await untilTitled(other, 'welcome-9', 'Written while the server was away');
  await eventually('both show the same', async () => {
    const [mine, theirs] = await Promise.all([tasksIn(page), tasksIn(other)]);
    return JSON.stringify(mine) === JSON.stringify(theirs);
  });
});
