/**
 * Reading what was kept: after a reload, by id, and by an indexed column. Beside it, by turns, the limits: a bare worker
 * that reads the same journal (journal-reader.js), and `Array.filter` over the rows parsed in the page.
 */
import type {BrowserContext, Page} from 'playwright-core';
import type {SyncOptions, WorkerSyncService} from '../../src/index.js';
import type {Figure} from '../report.js';
import {quantile} from '../statistics.js';
import {CONTENDERS, OURS} from './contenders.js';
import type {Feeder} from './feeder.js';
import {type Feed, FRAME_ROWS, rowId, TYPE} from './frames.js';
import {openPage, openProfile, prepare, scoped, verify} from './stage.js';

const GETS = 400;
const LISTS = 100;
const LIMIT = 50;

/** In the pages: the constructor of ours, and a question to the bare reader. */
declare global {
  var Service: typeof WorkerSyncService;
  var bareRead: <T>(ask: string, about?: object) => Promise<T>;
}

/** Milliseconds of one and the other, by turns. */
interface Pair {
  ours: number[];
  bare: number[];
}

export async function readingPage(profile: BrowserContext, feeder: Feeder): Promise<Page> {
  const page = await openPage(profile, feeder);
  await page.evaluate(async () => {
    const address = '/sync-elements.js';
    globalThis.Service = ((await import(address)) as {WorkerSyncService: typeof WorkerSyncService}).WorkerSyncService;
    let worker: Worker | undefined;
    globalThis.bareRead = (ask, about) =>
      new Promise((resolve, reject) => {
        worker ??= new Worker('/journal-reader.js');
        worker.onerror = event => reject(new Error(event.message));
        worker.onmessage = ({data}) => ('error' in data ? reject(new Error(data.error)) : resolve(data.value));
        worker.postMessage({ask, about});
      });
  });
  return page;
}

/** From nothing but a page with its script loaded: the worker's start, the database's opening and all else included. */
async function reopen(profile: BrowserContext, feeder: Feeder, feed: Feed, rounds: number): Promise<Pair> {
  const times: Pair = {ours: [], bare: []};
  for (let round = 0; round < rounds; round++) {
    const ours = await readingPage(profile, feeder);
    times.ours.push(
      await ours.evaluate(
        async ([type, id]) => {
          const started = performance.now();
          const row = await new Service({url: '/'}).get(type, id);
          if (row?.['id'] !== id) throw new Error('The row is missing');
          return performance.now() - started;
        },
        [TYPE, rowId(feed.rows / 2)] as const,
      ),
    );
    await ours.close();
    const bare = await readingPage(profile, feeder);
    times.bare.push(
      await bare.evaluate(async rows => {
        const started = performance.now();
        if ((await bareRead('everything')) !== rows) throw new Error('The bare reader misses rows');
        return performance.now() - started;
      }, feed.rows),
    );
    await bare.close();
  }
  return times;
}

/**
 * `get` by turns with the bare reader, which is asked for a `row` it has to read and parse, or for what it gave before
 * (`again`, `look`). Cold is the first: with a cache of one record, and another record each time.
 */
async function gets(page: Page, feed: Feed, bareAsk: 'again' | 'look' | 'row'): Promise<Pair> {
  const isCold = bareAsk === 'row';
  return page.evaluate(
    async ({type, ids, frameRows, options, bareAsk}) => {
      const service = new Service({url: '/', ...options});
      const places = await bareRead<number[]>('places');
      const times: Pair = {ours: [], bare: []};
      const [firstId = ''] = ids;
      await service.get(type, firstId);
      await bareRead('row', {place: places[0], ordinal: 0});
      const ask = {
        ours: (id: string) => service.get(type, id),
        bare: (_id: string, place: number) => bareRead(bareAsk, {place: places[place], ordinal: frameRows / 2}),
      };
      for (const [turn, id] of ids.entries()) {
        const place = turn % places.length;
        // By turns who comes first, as the second one may find a little more at hand.
        for (const who of turn % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
          const started = performance.now();
          const row = await ask[who](id, place);
          times[who].push(performance.now() - started);
          if (!row) throw new Error('A row is missing');
        }
      }
      await service.cleanup();
      return times;
    },
    {
      type: TYPE,
      frameRows: FRAME_ROWS,
      bareAsk,
      options: (isCold ? {limits: {rowCacheBytes: 1}} : {}) satisfies Partial<SyncOptions>,
      ids: Array.from({length: GETS}, (_, turn) => {
        const frame = isCold ? turn % feed.frames.length : 0;
        return rowId(frame * FRAME_ROWS + FRAME_ROWS / 2);
      }),
    },
  );
}

/** A `list` by an indexed column against a look at every row, and both must find the same. */
async function lists(page: Page): Promise<Pair> {
  return page.evaluate(
    async ({type, limit, turns}) => {
      const service = new Service({url: '/', types: [{type, indexes: ['owner']}]});
      const rows = JSON.parse(JSON.stringify(await service.list(type))) as {id: string; owner: string}[];
      const times: Pair = {ours: [], bare: []};
      for (let turn = 0; turn < turns; turn++) {
        const owner = rows[turn * 37]?.owner ?? '';
        let started = performance.now();
        const listed = await service.list(type, {where: {owner}, limit});
        times.ours.push(performance.now() - started);
        started = performance.now();
        const filtered = rows.filter(row => row.owner === owner).slice(0, limit);
        times.bare.push(performance.now() - started);
        if (listed.map(row => row['id']).join() !== filtered.map(({id}) => id).join()) {
          throw new Error('Two ways to look, two answers');
        }
      }
      await service.cleanup();
      return times;
    },
    {type: TYPE, limit: LIMIT, turns: LISTS},
  );
}

function against(name: string, bareName: string, {ours, bare}: Pair): Figure[] {
  return [
    {name: bareName, value: quantile(bare, 0.5), unit: 'ms'},
    {name, value: quantile(ours, 0.5), unit: 'ms'},
    {name: `${name}, against bare`, value: quantile(ours, 0.5) / quantile(bare, 0.5), unit: '×', goal: {atMost: 1.5}},
  ];
}

export function readFigures(feeder: Feeder, feed: Feed, rounds: number): Promise<Figure[]> {
  return scoped(async scope => {
    const contender = CONTENDERS.find(({name}) => name === OURS);
    if (!contender) throw new Error('Nobody to measure');
    const profile = await openProfile(scope);
    const page = await openPage(profile, feeder);
    const line = await prepare(page, contender, feeder, feed);
    await line.send();
    await verify(page, contender, feed);
    await page.close();

    const reopened = await reopen(profile, feeder, feed, rounds);
    const reading = await readingPage(profile, feeder);
    const warm = await gets(reading, feed, 'again');
    const looked = await gets(reading, feed, 'look');
    const cold = await gets(reading, feed, 'row');
    const listed = await lists(reading);
    const rows = feed.rows.toLocaleString('en');
    const [list, filter] = [quantile(listed.ours, 0.5), quantile(listed.bare, 0.5)];
    return [
      ...against(`reopen with ${rows} rows: first get`, 'bare: start, read and parse the same bytes', reopened),
      ...against('get, warm, p50', 'bare: a message there and back', warm),
      {name: 'bare: that, and one look at the database', value: quantile(looked.bare, 0.5), unit: 'ms'},
      {
        name: 'get, warm, p50, against that',
        value: quantile(looked.ours, 0.5) / quantile(looked.bare, 0.5),
        unit: '×',
      },
      ...against('get, cold, p50', 'bare: a message there and back, one record read and parsed', cold),
      {name: `Array.filter over ${rows} parsed rows`, value: filter, unit: 'ms'},
      {name: `list, indexed where, limit ${LIMIT}`, value: list, unit: 'ms'},
      {name: 'list against Array.filter', value: filter / list, unit: '× faster', goal: {atLeast: 20}},
    ];
  });
}
