/** What a page feels while a contender works: its longest task in thread time, and its longest time without a turn. */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Page} from 'playwright-core';
import {type PageTasks, tracePageTasks} from '../page-tasks.js';
import type {Figure} from '../report.js';
import {medianRatio, quantile} from '../statistics.js';
import {CONTENDERS, type Contender, OURS} from './contenders.js';
import type {Feeder, Line} from './feeder.js';
import type {Feed} from './frames.js';
import {openPage, openProfile, prepare, scoped} from './stage.js';

/** In the page: ends the ticking and returns the longest time between two ticks, in milliseconds. */
declare global {
  var stopTicking: () => number;
}

interface Feeling extends PageTasks {
  gap: number;
  ms: number;
}

/** A page whose script takes a turn whenever it can, which by the rules of timers is every 4 ms. */
function startTicking(): void {
  let longest = 0;
  let last = performance.now();
  let timer: ReturnType<typeof setTimeout>;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    timer = setTimeout(tick);
  };
  tick();
  globalThis.stopTicking = () => {
    clearTimeout(timer);
    return longest;
  };
}

async function feel(page: Page, work: () => Promise<number>): Promise<Feeling> {
  const browser = page.context().browser();
  if (!browser) throw new Error('This profile has no browser to trace');
  let gap = 0;
  let ms = 0;
  const tasks = await tracePageTasks(browser, page, async () => {
    await page.evaluate(startTicking);
    ms = await work();
    gap = await page.evaluate(() => stopTicking());
  });
  return {...tasks, gap, ms};
}

/** How a page fares while `work` goes on over its contender's line; all is set up and at rest before. */
function feelOf(
  contender: Contender,
  feeder: Feeder,
  feed: Feed,
  work: (line: Line) => Promise<number>,
): Promise<Feeling> {
  return scoped(async scope => {
    const page = await openPage(await openProfile(scope), feeder);
    const line = await prepare(page, contender, feeder, feed);
    return feel(page, () => work(line));
  });
}

export async function pageFigures(feeder: Feeder, feed: Feed, rounds: number): Promise<Figure[]> {
  const [ours, oldWay] = [OURS, 'old-way'].map(wanted => CONTENDERS.find(({name}) => name === wanted));
  if (!ours || !oldWay) throw new Error('Nobody to feel');
  const felt: Record<'ours' | 'oldWay' | 'idle', Feeling[]> = {ours: [], oldWay: [], idle: []};
  for (let round = 0; round < rounds; round++) {
    const mine = await feelOf(ours, feeder, feed, line => line.send());
    felt.ours.push(mine);
    // The same page for as long, with nothing to do.
    felt.idle.push(await feelOf(ours, feeder, feed, () => sleep(mine.ms, mine.ms)));
    felt.oldWay.push(await feelOf(oldWay, feeder, feed, line => line.send()));
  }
  const worst = (who: keyof typeof felt, what: 'longest' | 'over50') => Math.max(...felt[who].map(one => one[what]));
  const gaps = (who: keyof typeof felt) => felt[who].map(one => one.gap);
  const gap = (who: keyof typeof felt) => quantile(gaps(who), 0.5);
  return [
    {
      name: 'page, ours: tasks over 50 ms of thread time, in all rounds',
      value: felt.ours.reduce((sum, one) => sum + one.over50, 0),
      unit: 'tasks',
      goal: {atMost: 0},
    },
    {name: 'page, ours: longest task', value: worst('ours', 'longest'), unit: 'ms'},
    {name: 'page, the old way: tasks over 50 ms, in the worst round', value: worst('oldWay', 'over50'), unit: 'tasks'},
    {name: 'page, the old way: longest task', value: worst('oldWay', 'longest'), unit: 'ms'},
    {name: 'page, idle: longest gap', value: gap('idle'), unit: 'ms'},
    {name: 'page, ours: longest gap', value: gap('ours'), unit: 'ms'},
    {name: 'page, the old way: longest gap', value: gap('oldWay'), unit: 'ms'},
    {
      name: 'longest gap, ours against idle',
      value: medianRatio(gaps('ours'), gaps('idle')),
      unit: '×',
      goal: {atMost: 1.5},
    },
  ];
}
