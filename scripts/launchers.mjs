/** How web-test-runner starts each of the browsers. */
import {chromeLauncher} from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import {BROWSER_NAMES, CHROMIUM_ARGS, ensureBrowser} from './browsers.mjs';
import {Failure} from './proc.mjs';
import {startWebKit} from './webkit.mjs';

/** One test file after another, in the tab that is there at the start. */
function webkitLauncher() {
  let starting;
  let running;
  const start = async () => {
    const webkit = await startWebKit();
    const [tab] = await webkit.tabs();
    return {webkit, tab};
  };
  return {
    name: 'WebKitGTK',
    type: 'webdriver',
    concurrency: 1,
    async startSession(id, url) {
      starting ??= start();
      const {webkit, tab} = await starting;
      running = id;
      await webkit.goto(tab, url);
    },
    isActive: id => id === running,
    async getBrowserUrl() {
      const {webkit, tab} = await starting;
      return webkit.url(tab);
    },
    async stopSession() {
      const {webkit, tab} = await starting;
      running = undefined;
      // An empty page ends what still runs in this one.
      await webkit.goto(tab, 'about:blank');
      return {};
    },
    async stop() {
      const started = await starting?.catch(() => undefined);
      await started?.webkit.end();
    },
    startDebugSession() {
      throw new Error('Debugging is for Chromium and Firefox.');
    },
  };
}

const LAUNCHERS = {
  chromium: executablePath =>
    chromeLauncher({
      launchOptions: {executablePath, args: CHROMIUM_ARGS, timeout: 60_000},
      // Two tabs at a time, each as if it were the one in front: the other would get no focus events and no frames.
      async createPage({context}) {
        const page = await context.newPage();
        await page.emulateFocusedPage(true);
        return page;
      },
    }),
  // One tab at a time: Firefox slows down the timers of those that are not in front.
  firefox: executablePath =>
    chromeLauncher({puppeteer, launchOptions: {browser: 'firefox', executablePath, timeout: 60_000}, concurrency: 1}),
  webkit: webkitLauncher,
};

export async function launcherOf(name) {
  if (!(name in LAUNCHERS)) throw new Failure(`There is no browser "${name}", but: ${BROWSER_NAMES.join(', ')}.`);
  return LAUNCHERS[name](await ensureBrowser(name));
}
