/** Two tabs of which one holds the line, the other waits for it; whenever the one has lost it, the next is opened. */
import type {BrowserContext, Page} from 'playwright-core';

export const WAYS = ['close', 'reload', 'terminate', 'crash'] as const;
export type Way = (typeof WAYS)[number];

/** In the pages of these tabs. */
declare global {
  /** The worker that holds the lock, or waits for it. */
  var held: Worker;
  /** When this tab had the lock and was greeted: milliseconds since 1970, by the page's clock. */
  var greeted: Promise<number>;
}

/** What the tabs run. */
export interface Runner {
  /** Starts it in a fresh page, and sets `held` and `greeted`. Resolves when it leads, or waits for the lock. */
  start(page: Page): Promise<void>;
  /** The page will be ended now. */
  leave?(page: Page): Promise<void>;
}

const now = () => performance.timeOrigin + performance.now();

export class FailoverTabs {
  readonly #profile: BrowserContext;
  readonly #url: string;
  readonly #runner: Runner;
  #leader: Page;
  #next: Page;

  private constructor(profile: BrowserContext, url: string, runner: Runner, leader: Page, next: Page) {
    this.#profile = profile;
    this.#url = url;
    this.#runner = runner;
    this.#leader = leader;
    this.#next = next;
  }

  static async open(profile: BrowserContext, url: string, runner: Runner): Promise<FailoverTabs> {
    const leader = await openPage(profile, url, runner);
    await leader.evaluate(() => greeted);
    return new FailoverTabs(profile, url, runner, leader, await openPage(profile, url, runner));
  }

  /** The two, the one that holds the line first. */
  get pages(): readonly [Page, Page] {
    return [this.#leader, this.#next];
  }

  /** Takes the line from the tab that holds it. @returns milliseconds until the other one was greeted */
  async handOver(way: Way): Promise<number> {
    const [leader, next] = this.pages;
    await this.#runner.leave?.(leader);
    const ahead = await clockAhead(next);
    const end = await END[way](leader);
    const began = now();
    const over = end();
    const ms = (await next.evaluate(() => greeted)) - ahead - began;
    await over;
    if (way === 'reload') {
      await this.#runner.start(leader);
      this.#next = leader;
    } else {
      if (!leader.isClosed()) await leader.close();
      this.#next = await openPage(this.#profile, this.#url, this.#runner);
    }
    this.#leader = next;
    return ms;
  }
}

async function openPage(profile: BrowserContext, url: string, runner: Runner): Promise<Page> {
  const page = await profile.newPage();
  page.on('pageerror', error => console.error('page error:', error.message));
  await page.goto(url);
  await runner.start(page);
  return page;
}

/** How the leader ends: what is prepared first is not measured. Each resolves when it is over. */
const END: Record<Way, (page: Page) => Promise<() => Promise<unknown>>> = {
  close: async page => () => page.close(),
  reload: async page => () => page.reload(),
  terminate: async page => () => page.evaluate(() => held.terminate()),
  crash: async page => {
    const devtools = await page.context().newCDPSession(page);
    return () => {
      const crashed = new Promise(resolve => page.once('crash', resolve));
      // A page that has crashed does not answer.
      devtools.send('Page.crash').catch(() => {});
      return crashed;
    };
  },
};

/** Milliseconds by which a page's clock is ahead of this process's, to about half a round trip: the shortest of five. */
async function clockAhead(page: Page): Promise<number> {
  let best = {trip: Number.POSITIVE_INFINITY, ahead: 0};
  for (let round = 0; round < 5; round++) {
    const sent = now();
    const there = await page.evaluate(() => performance.timeOrigin + performance.now());
    const trip = now() - sent;
    if (trip < best.trip) best = {trip, ahead: there - sent - trip / 2};
  }
  return best.ahead;
}
