/**
 * The Chromium of a test file. Starting one takes longer than most tests, so those of a file share it; what they share is
 * the process only, since a profile shares nothing with another.
 */
import {after} from 'node:test';
import type {Browser} from 'playwright-core';
import {atEnd, launchBrowser, type Scope} from './harness.js';

let shared: Promise<Browser> | undefined;
// In a hook of the file, since an open browser would keep the process from ending.
after(async () => (await shared)?.close());

/** What a test leaves open in it ends with the test. One that kills its browser launches its own. */
export async function sharedBrowser(test: Scope): Promise<Browser> {
  shared ??= launchBrowser();
  const browser = await shared;
  const others = new Set(browser.contexts());
  atEnd(test, () => Promise.all(browser.contexts().map(context => others.has(context) || context.close())));
  return browser;
}
