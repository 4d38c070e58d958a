/** Browsers, the server and a Postgres server that others write to: end to end. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedPostgres, skip} from '../../server/testing/postgres.js';
import {sharedBrowser} from './browser.js';
import {newProfile, openTab, TestServer, untilSynced} from './harness.js';

const PUBLISH = {task: true} as const;

/** Until the page's rows have a title. */
const untilTitle = (page: Page, title: string) =>
  page.evaluate(
    title =>
      new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`No ${title} within 30 s`)), 30_000);
        const stop = service.live('task').subscribe(rows => {
          if (!rows?.some(row => row['title'] === title)) return;
          clearTimeout(late);
          queueMicrotask(() => stop());
          resolve();
        });
      }),
    title,
  );

describe('a page, the server and a Postgres', {skip}, () => {
  const postgres = sharedPostgres();

  test('hold the same rows, whoever wrote them, also after the database and the server were gone', async t => {
    // Only the tables: the server's source is in its own process.
    await postgres.source();
    const cluster = await postgres.cluster();
    const server = await TestServer.start(t, {sql: '', publish: PUBLISH, postgres: cluster.url()});
    const browser = await sharedBrowser(t);
    const ann = await openTab(await newProfile(browser), server);
    const bob = await openTab(await newProfile(browser), server);
    await untilSynced(ann);
    await untilSynced(bob);
    await ann.evaluate(() => service.put('task', 'a', {id: 'a', title: 'by Ann'}));
    await untilTitle(bob, 'by Ann');
    await cluster.query(`UPDATE task SET title = 'by SQL' WHERE id = 'a'`);
    await untilTitle(ann, 'by SQL');

    await cluster.crash();
    await bob.evaluate(() => service.put('task', 'b', {id: 'b', title: 'after the crash'}));
    await untilTitle(ann, 'after the crash');

    await server.kill();
    await ann.evaluate(() => service.put('task', 'c', {id: 'c', title: 'without a server'}));
    await cluster.query(`INSERT INTO task (id, title) VALUES ('d', 'beside no server')`);
    await server.start();
    await untilTitle(bob, 'without a server');
    await untilTitle(ann, 'beside no server');
    const rows = await cluster.query('SELECT * FROM task ORDER BY id');
    for (const page of [ann, bob]) {
      await untilSynced(page);
      assert.deepEqual(await page.evaluate(() => service.list('task', {orderBy: 'id'})), rows);
    }
  });
});
