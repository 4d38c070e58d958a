/** What only a whole browser shows of the elements: forced colours, motion, direction, little room, and real keys. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import type {BrowserContextOptions, Page} from 'playwright-core';
import type {FakeService} from '../../components/testing/fake-service.js';
import {serveGallery} from '../../demo/gallery/serve.js';
import {sharedBrowser} from './browser.js';
import {atEnd, eventually} from './harness.js';

/** The gallery's stage in a browser of its own. */
async function stageIn(t: TestContext, options: BrowserContextOptions = {}, clock = false): Promise<Page> {
  const gallery = await serveGallery();
  atEnd(t, () => gallery.close());
  const context = await (await sharedBrowser(t)).newContext(options);
  await context.addInitScript('globalThis.__name = target => target');
  const page = await context.newPage();
  if (clock) await page.clock.install();
  await page.goto(gallery.url);
  await page.waitForFunction(() => 'stage' in globalThis);
  return page;
}

const show = (page: Page, name: string, lang = 'en') =>
  page.evaluate(([name, lang]) => stage.show(name, {theme: 'light', lang}), [name, lang] as const);

/** A computed style of what is found in the shadow root of the element on the stage. */
const styleOf = (page: Page, selector: string, property: string, pseudo?: string) =>
  page.evaluate(
    ([selector, property, pseudo]) => {
      const root = document.querySelector('sync-provider')?.firstElementChild?.shadowRoot;
      const found = root?.querySelector(selector);
      return found ? getComputedStyle(found, pseudo).getPropertyValue(property) : 'nothing found';
    },
    [selector, property, pseudo] as const,
  );

/** What has the focus, through shadow roots: its class or action, or its name. */
const focused = (page: Page) =>
  page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return (at as HTMLElement | null)?.dataset['action'] ?? (at?.className || at?.localName || '');
  });

test('with forced colours shapes keep their edges and icons take the colour of the text', async t => {
  const page = await stageIn(t, {forcedColors: 'active'});
  const text = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = 'CanvasText';
    return getComputedStyle(probe).color;
  });
  await show(page, 'sync-status/inline/with-details');
  assert.equal(await styleOf(page, '.icon', 'color'), text);
  assert.equal(await styleOf(page, '.cover', 'border-top-width'), '0px', 'a cover is no second edge');
  for (const variant of ['badge', 'dot', 'bar']) {
    await show(page, `sync-status/${variant}/offline`);
    assert.equal(await styleOf(page, '.base', 'border-top-width'), '1px', variant);
  }
  await show(page, 'sync-inspector/open');
  assert.equal(await styleOf(page, 'ol', 'border-top-width'), '1px');
  assert.equal(await styleOf(page, 'pre', 'border-top-width'), '1px');
  await show(page, 'sync-progress/known');
  assert.equal(await styleOf(page, 'progress', 'border-top-width'), '1px');
});

test('nothing moves where a person wants less motion, and something does where not', async t => {
  for (const [reducedMotion, moves] of [
    ['reduce', false],
    ['no-preference', true],
  ] as const) {
    const page = await stageIn(t, {reducedMotion});
    for (const name of ['sync-status/inline/syncing', 'sync-status/dot/connecting', 'sync-progress/unknown']) {
      await show(page, name);
      const running = await page.evaluate(() => {
        const element = document.querySelector('sync-provider')?.firstElementChild;
        return element?.shadowRoot?.getAnimations().length ?? -1;
      });
      assert.equal(running > 0, moves, `${name}, ${reducedMotion}`);
    }
  }
});

test('no scene is wider than its window, in whatever language and direction, and icons stand in the middle', async t => {
  const page = await stageIn(t, {reducedMotion: 'reduce'});
  const names = await page.evaluate(() => stage.names);
  const wrong: string[] = [];
  for (const [lang, width] of [
    ['ar', 320],
    ['de', 360],
    ['ar', 560],
  ] as const) {
    await page.setViewportSize({width, height: 800});
    for (const name of names) {
      await show(page, name, lang);
      const flaws = await page.evaluate(() => {
        const root = document.documentElement;
        const element = document.querySelector('sync-provider')?.firstElementChild;
        const find = (selector: string) => element?.shadowRoot?.querySelector(selector)?.getBoundingClientRect();
        const [icon, base] = [find('.icon'), find('.base')];
        const off = icon && base ? Math.abs(icon.left + icon.right - base.left - base.right) : 0;
        const popover = find(':popover-open');
        return [
          root.scrollWidth > root.clientWidth && 'overflows',
          popover && (popover.left < 0 || popover.right > root.clientWidth) && 'has details outside',
          element?.getAttribute('variant') === 'dot' && off > 1 && 'has its icon off the middle',
        ].filter(Boolean);
      });
      wrong.push(...flaws.map(flaw => `${name} in ${lang} at ${width} px ${flaw}`));
    }
  }
  assert.deepEqual(wrong, []);
});

test('keys open the details, walk them and close them, and the focus comes back', async t => {
  const page = await stageIn(t);
  await show(page, 'sync-status/inline/with-details');
  await page.waitForFunction(() => document.querySelector('sync-status')?.shadowRoot?.querySelector('[popover]'));
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'cover');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'button');
  await page.keyboard.press('Shift+Tab');
  for (const key of ['Enter', 'Space']) {
    await page.keyboard.press(key);
    await eventually('the panel has the focus', async () => (await focused(page)) === 'details');
    await page.waitForFunction(() => document.querySelector('sync-status')?.shadowRoot?.querySelector('.do'));
    for (const stop of ['close', 'do']) {
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), stop);
    }
    await page.keyboard.press('Escape');
    await eventually('the button has it again', async () => (await focused(page)) === 'cover');
    assert.equal(
      await page.evaluate(() => document.querySelector('sync-status')?.shadowRoot?.querySelector('dl')),
      null,
    );
  }
});

test('keys edit, discard and undo in the queue, and the time to undo waits for who is there', async t => {
  const page = await stageIn(t, {}, true);
  await show(page, 'sync-queue/all');
  await page.evaluate(() => {
    document.addEventListener('sync-edit-request', event => {
      document.title = `edit ${(event as Event & {id: string}).id}`;
    });
    document.querySelector('main')?.after(Object.assign(document.createElement('button'), {className: 'after'}));
  });
  const discards = () =>
    page.evaluate(() => {
      const service: unknown = document.querySelector('sync-provider')?.service;
      return service ? (service as FakeService).times('discard') : -1;
    });
  for (const stop of ['row', 'summary', 'retry', 'edit']) {
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), stop);
  }
  await page.keyboard.press('Enter');
  assert.equal(await page.title(), 'edit o1');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually('undo has the focus', async () => (await focused(page)) === 'undo');
  await page.clock.runFor(120_000);
  assert.equal(await discards(), 0, 'not while somebody is at it');
  await page.keyboard.press('Enter');
  await eventually('the row has it again', async () => (await focused(page)) === 'row');
  for (const _ of ['summary', 'retry', 'edit', 'discard']) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await eventually('undo has the focus', async () => (await focused(page)) === 'undo');
  await page.locator('.after').focus();
  await page.clock.runFor(7000);
  assert.equal(await discards(), 0);
  await page.clock.runFor(2000);
  assert.equal(await discards(), 1);
});
