/** Where a contender runs: a browser and a profile of its own, on disk, so that nothing of another is left in its way. */
import {type BrowserContext, chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {atEnd, type Scope, startService, temporaryFolder, untilSynced} from '../../test/e2e/harness.js';
import {BARE, type Contender, OURS} from './contenders.js';
import {type Feeder, type Line, WINDOW} from './feeder.js';
import type {Feed} from './frames.js';

/** In the contenders' pages: one that is not ours, wherever it runs. */
declare global {
  var contender: {
    start(url: string): Promise<void>;
    stored(): Promise<Stored>;
  };
}

interface Stored {
  rows: number;
  position: string | undefined;
}

/** Runs `work` with what it begins ended behind it. */
export async function scoped<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const endings: (() => unknown)[] = [];
  try {
    return await work({after: ending => endings.push(ending)});
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** A profile on disk: one without would keep its databases in memory. */
export async function openProfile(scope: Scope): Promise<BrowserContext> {
  const profile = await chromium.launchPersistentContext(await temporaryFolder(scope), {
    executablePath: await ensureBrowser('chromium'),
    // Asked for its memory, a page answers when it next collects garbage, unless told not to wait.
    args: [...CHROMIUM_ARGS, '--enable-blink-features=ForceEagerMeasureMemory'],
  });
  atEnd(scope, () => profile.close());
  await profile.addInitScript('globalThis.__name = target => target');
  return profile;
}

export async function openPage(profile: BrowserContext, feeder: Feeder): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(feeder.url);
  return page;
}

/** Prepares a contender in a page; the line that comes back feeds it. */
export async function prepare(page: Page, contender: Contender, feeder: Feeder, feed: Feed): Promise<Line> {
  const [line] = await Promise.all([feeder.next(feed), start(page, contender, feeder)]);
  return line;
}

async function start(page: Page, contender: Contender, feeder: Feeder): Promise<void> {
  if (contender.name === OURS) {
    await startService(page);
    await untilSynced(page);
  } else {
    await page.evaluate(startContender, contender);
    await page.evaluate(url => globalThis.contender.start(url), feeder.url.replace('http', 'ws'));
  }
}

/** In the page. */
async function startContender({name, runs}: Contender): Promise<void> {
  if (runs === 'page') {
    const [own, shared] = [`/${name}.js`, '/receive.js'];
    const {open} = await import(own);
    const {receive} = await import(shared);
    let stored: () => Promise<Stored> = () => Promise.reject(new Error('Not started'));
    globalThis.contender = {
      async start(url) {
        ({stored} = await receive(open, url));
      },
      stored: () => stored(),
    };
    return;
  }
  const worker = new Worker('/shell.js', {type: 'module'});
  const ask = <T>(question: object) =>
    new Promise<T>((resolve, reject) => {
      worker.onerror = event => reject(new Error(event.message));
      worker.onmessage = ({data}) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value));
      worker.postMessage(question);
    });
  globalThis.contender = {
    start: url => ask({ask: 'start', name, url}),
    stored: () => ask({ask: 'stored'}),
  };
}

/** The limit is not held back by anything; all others keep as much in flight as ours does. */
export const windowOf = ({name}: Contender): number => (name === BARE ? Number.POSITIVE_INFINITY : WINDOW);

/** Reads back what was kept. A contender that lost something has no rate. */
export async function verify(page: Page, contender: Contender, feed: Feed): Promise<void> {
  const stored =
    contender.name === OURS
      ? await page.evaluate(async () => ({rows: await service.count('item'), position: service.getState().lastLSN}))
      : await page.evaluate(() => globalThis.contender.stored());
  if (stored.rows !== feed.distinct || stored.position !== feed.end) {
    throw new Error(
      `${contender.title} kept ${stored.rows} of ${feed.distinct} rows, up to ${stored.position} instead of ${feed.end}`,
    );
  }
}

/** Milliseconds in which a contender kept the whole feed. */
export function ingest(contender: Contender, feeder: Feeder, feed: Feed): Promise<number> {
  return scoped(async scope => {
    const page = await openPage(await openProfile(scope), feeder);
    const line = await prepare(page, contender, feeder, feed);
    const ms = await line.send(windowOf(contender));
    await verify(page, contender, feed);
    return ms;
  });
}
