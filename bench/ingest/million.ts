/** Ten times as much: does the rate hold, and how much memory does the worker take? */
import type {Page} from 'playwright-core';
import {startService, untilSynced} from '../../test/e2e/harness.js';
import type {Figure} from '../report.js';
import {medianRatio, quantile} from '../statistics.js';
import {CONTENDERS, OURS} from './contenders.js';
import type {Feeder} from './feeder.js';
import {type Feed, makeFeed, rowId, TYPE} from './frames.js';
import {readingPage} from './reads.js';
import {openPage, openProfile, prepare, scoped, verify} from './stage.js';

export const MILLION = 1_000_000;
const MIB = 1024 * 1024;
/** The stated budget of a worker: rows kept parsed, and the index. */
const budget = (rows: number) => 64 + (150 * rows) / MIB;

/** In Chromium only, and known to no declarations yet. */
interface MeasuresMemory {
  measureUserAgentSpecificMemory(): Promise<{
    breakdown: {bytes: number; attribution: {scope: string}[]}[];
  }>;
}

/** MiB that the page's worker uses, after a collection of its garbage. */
async function workerMemory(page: Page): Promise<number> {
  const bytes = await page.evaluate(async () => {
    const {breakdown} = await (performance as unknown as MeasuresMemory).measureUserAgentSpecificMemory();
    return breakdown
      .filter(({attribution}) => attribution.some(({scope}) => scope === 'DedicatedWorkerGlobalScope'))
      .map(({bytes}) => bytes);
  });
  if (bytes.length === 0) throw new Error('The browser told of no worker');
  return bytes.reduce((sum, one) => sum + one, 0) / MIB;
}

interface Result {
  rate: number;
  /** MiB: after the last frame, and with the index that the first read builds. */
  written: number;
  indexed: number;
  /** And of a second tab that reads as well. */
  second: number;
}

function run(feeder: Feeder, feed: Feed): Promise<Result> {
  const ours = CONTENDERS.find(({name}) => name === OURS);
  if (!ours) throw new Error('Nobody to measure');
  return scoped(async scope => {
    const page = await openPage(await openProfile(scope), feeder);
    const line = await prepare(page, ours, feeder, feed);
    const ms = await line.send();
    const written = await workerMemory(page);
    const found = await page.evaluate(([type, id]) => service.get(type, id), [TYPE, rowId(feed.rows / 2)] as const);
    if (!found) throw new Error('A row is missing');
    const indexed = await workerMemory(page);
    await verify(page, ours, feed);
    const other = await openPage(page.context(), feeder);
    await startService(other);
    await untilSynced(other);
    await other.evaluate(([type, id]) => service.get(type, id), [TYPE, rowId(feed.rows / 2)] as const);
    const second = await workerMemory(other);
    return {rate: (feed.rows / ms) * 1000, written, indexed, second};
  });
}

/** By turns with the smaller feed, so that both find the machine alike. */
export async function millionFigures(feeder: Feeder, small: Feed, rows: number, rounds: number): Promise<Figure[]> {
  const large = makeFeed(rows);
  const results: {small: Result[]; large: Result[]} = {small: [], large: []};
  for (let round = 0; round < rounds; round++) {
    results.small.push(await run(feeder, small));
    results.large.push(await run(feeder, large));
  }
  const all = (size: keyof typeof results, what: keyof Result) => results[size].map(one => one[what]);
  const median = (size: keyof typeof results, what: keyof Result) => quantile(all(size, what), 0.5);
  const count = rows.toLocaleString('en');
  return [
    {name: `ours, ${count} changes`, value: median('large', 'rate'), unit: 'changes/s'},
    {
      name: `rate at ${count} against ${small.rows.toLocaleString('en')}`,
      value: medianRatio(all('large', 'rate'), all('small', 'rate')),
      unit: '×',
      goal: {atLeast: 0.9},
    },
    {name: `worker's memory after ${small.rows.toLocaleString('en')}`, value: median('small', 'written'), unit: 'MiB'},
    {name: `worker's memory after ${count}`, value: median('large', 'written'), unit: 'MiB'},
    {
      name: `worker's memory with the index of ${count} rows`,
      value: median('large', 'indexed'),
      unit: 'MiB',
      goal: {atMost: budget(rows)},
    },
    {
      name: 'that of a second tab that reads',
      value: median('large', 'second'),
      unit: 'MiB',
      goal: {atMost: budget(rows)},
    },
    {
      name: 'both',
      value: median('large', 'indexed') + median('large', 'second'),
      unit: 'MiB',
      goal: {atMost: 2 * budget(rows)},
    },
    ...(await rewriteFigures(feeder, rows, rows / 10)),
  ];
}

/** Changes that may lie superseded besides as many as there are rows: `journalSlack`. */
const SLACK = 1000;
/** How long compaction may take to catch up with a feed at the full rate, which leaves it no moment. */
const CATCH_UP = 120_000;

/** The same rows again and again: the journal is to weigh as its rows, not as all that was ever said of them. */
function rewriteFigures(feeder: Feeder, changes: number, rows: number): Promise<Figure[]> {
  const ours = CONTENDERS.find(({name}) => name === OURS);
  if (!ours) throw new Error('Nobody to measure');
  return scoped(async scope => {
    const profile = await openProfile(scope);
    const page = await openPage(profile, feeder);
    const feed = makeFeed(changes, rows);
    const line = await prepare(page, ours, feeder, feed);
    const reader = await readingPage(profile, feeder);
    await line.send();
    const weigh = () => reader.evaluate(() => bareRead<{changes: number; chars: number; records: number}>('weight'));
    const started = performance.now();
    const before = await weigh();
    let after = before;
    while (after.changes + after.records > 2 * rows + SLACK && performance.now() - started < CATCH_UP) {
      await new Promise(resolve => setTimeout(resolve, 1000));
      after = await weigh();
    }
    const seconds = (performance.now() - started) / 1000;
    await verify(page, ours, feed);
    const what = `${changes.toLocaleString('en')} changes of ${rows.toLocaleString('en')} rows`;
    return [
      {name: `${what}: in the journal when the last is kept`, value: before.changes / rows, unit: 'changes a row'},
      {
        name: `${what}: once compaction has caught up`,
        value: after.changes / rows,
        unit: 'changes a row',
        goal: {atMost: 2 + SLACK / rows},
      },
      {name: `${what}: characters of the journal by then`, value: after.chars / rows, unit: 'a row'},
      {name: `${what}: compaction catches up in`, value: seconds, unit: 's', goal: {atMost: CATCH_UP / 1000}},
    ];
  });
}
