/** Code that is loaded when it is needed: what holds before it has come, and where it can't come. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {type Scope, untilState, untilSynced} from './harness.js';
import {Site, visitAlone} from './site.js';

/** A site that serves the package in pieces, so that one of them can be missing. */
async function startSite(t: Scope): Promise<Site> {
  const site = await Site.start(t);
  site.files.set('/sync-elements.js', "export * from '/src/index.js';");
  return site;
}

/** Has the page go without a piece, until what it returns is called. */
async function without(page: Page, piece: string): Promise<() => Promise<void>> {
  await page.route(`**/${piece}`, route => route.abort());
  return () => page.unroute(`**/${piece}`);
}

test('an operation is taken as it was when it was enqueued, before there is an engine to hand it to', async t => {
  const site = await startSite(t);
  const page = await visitAlone(await sharedBrowser(t), site, {connect: false});
  await page.evaluate(async () => {
    const note = {id: 'a', body: 'as it was'};
    const enqueued = service.put('note', 'a', note);
    note.body = 'as it is';
    await service.connect();
    await service.settled(await enqueued);
  });
  assert.deepEqual(await site.read('a'), {id: 'a', body: 'as it was'});
});

test('what is no operation is refused before anything is queued; the words come with the first, or else the place must do', async t => {
  const site = await startSite(t);
  const page = await visitAlone(await sharedBrowser(t), site);
  await untilSynced(page);
  const refusal = () =>
    page.evaluate(async () => {
      const refused = service.put('note', 'b', {id: 'b', body: {at: new Date()} as never});
      const {code, message} = await refused.catch(error => error);
      return [code, message, (await service.operations()).length];
    });
  const restore = await without(page, 'validate-operation.js');
  const untold = ['invalid-operation', 'payload.body.at: it is not accepted', 0];
  assert.deepEqual(await refusal(), untold);
  assert.deepEqual(await refusal(), untold);
  await restore();
  assert.deepEqual(await refusal(), ['invalid-operation', 'payload.body.at: a Date is not a plain object', 0]);
  await untilState(page, 'state.pending === 0');
});
