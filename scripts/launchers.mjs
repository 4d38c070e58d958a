/** How web-test-runner starts each of the browsers. */
import {chromeLauncher} from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import {CHROMIUM_ARGS, ensureBrowser} from './browsers.mjs';
import {startWebKit} from './webkit.mjs';

/** One tab after another, in the one that is there at the start. */
function webkitLauncher() {
  let webkit;
  let tab;
  let running;
  return {
    name: 'WebKitGTK',
    type: 'webdriver',
    concurrency: 1,
    async startSession(id, url) {
      running = id;
      if (!webkit) {
        webkit = await startWebKit();
        [tab] = await webkit.tabs();
      }
      await webkit.goto(tab, url);
    },
    isActive: id => id === running,
    getBrowserUrl: () => webkit.url(tab),
    async stopSession() {
      running = undefined;
      // An empty page ends what still runs in this one.
      await webkit.goto(tab, 'about:blank');
      return {};
    },
    async stop() {
      await webkit?.end();
    },
    startDebugSession() {
      throw new Error('Debugging is for Chromium and Firefox.');
    },
  };
}

const LAUNCHERS = {
  chromium: executablePath => chromeLauncher({launchOptions: {executablePath, args: CHROMIUM_ARGS, timeout: 60_000}}),
  // One tab at a time: Firefox slows down the timers of those that are not in front.
  firefox: executablePath =>
    chromeLauncher({puppeteer, launchOptions: {browser: 'firefox', executablePath, timeout: 60_000}, concurrency: 1}),
  webkit: webkitLauncher,
};

export const launcherOf = async name => LAUNCHERS[name](await ensureBrowser(name));
