/** The whole browser ends at once, as by a crash or by the system when memory runs short. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type BrowserContext, chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {atEnd, type Scope, startService, TestServer, temporaryFolder, untilSynced} from './harness.js';

const NOTES = {
  sql: `CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text);
    CREATE TABLE IF NOT EXISTS effect (id text);
    CREATE OR REPLACE FUNCTION count_effect() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO effect VALUES (NEW.id); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER counted AFTER INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION count_effect();`,
  publish: {note: true},
} as const;

async function openProfile(test: Scope, folder: string, server: TestServer): Promise<[BrowserContext, Page]> {
  const profile = await chromium.launchPersistentContext(folder, {
    executablePath: await ensureBrowser('chromium'),
    args: CHROMIUM_ARGS,
  });
  atEnd(test, () => profile.close());
  // See `newProfile`.
  await profile.addInitScript('globalThis.__name = target => target');
  const page = await profile.newPage();
  await page.goto(server.url);
  await startService(page, {connect: false});
  return [profile, page];
}

/** Of the browser itself, whose end is the end of all its processes. */
async function processOf(profile: BrowserContext): Promise<number> {
  const session = await profile.browser()?.newBrowserCDPSession();
  const {processInfo = []} = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
  const browser = processInfo.find(({type}) => type === 'browser');
  assert.ok(browser);
  return browser.id;
}

/** Writes until the page is gone, or it is enough for the server too; resolves to the ids that were promised. */
async function writeOn(
  page: Page,
  prefix: string,
  enough: number,
): Promise<{promised: string[]; reached: Promise<void>}> {
  const promised: string[] = [];
  let enoughSaid = () => {};
  const reached = new Promise<void>(resolve => {
    enoughSaid = resolve;
  });
  await page.exposeFunction('promised', (id: string) => {
    if (promised.push(id) === enough) enoughSaid();
  });
  await page.evaluate(prefix => {
    const {promised} = globalThis as unknown as {promised(id: string): void};
    const write = async (at: number): Promise<void> => {
      const id = `${prefix}${at}`;
      await service.put('note', id, {id, body: 'of a browser that is killed'});
      promised(id);
      if (at < 400) return write(at + 1);
    };
    void write(0);
  }, prefix);
  return {promised, reached};
}

test('a browser that is killed in the middle of writing, offline and online: what was promised takes effect, once', async t => {
  const server = await TestServer.start(t, NOTES);
  const folder = await temporaryFolder(t);
  const promised: string[] = [];
  for (const [round, online] of [false, true, true].entries()) {
    const [profile, page] = await openProfile(t, folder, server);
    if (online) await page.evaluate(() => service.connect());
    // Asked now, so that it ends at the very moment.
    const browser = await processOf(profile);
    const gone = new Promise(resolve => profile.once('close', resolve));
    const writing = await writeOn(page, `${round}-`, 40);
    await writing.reached;
    process.kill(browser, 'SIGKILL');
    await gone;
    promised.push(...writing.promised);
  }
  const [, page] = await openProfile(t, folder, server);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  const effects = (await server.query<{id: string}>('SELECT id FROM effect')).map(({id}) => id);
  assert.equal(new Set(effects).size, effects.length, 'none took effect twice');
  assert.deepEqual(
    promised.filter(id => !effects.includes(id)),
    [],
    'none was lost',
  );
});
