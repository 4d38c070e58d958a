/**
 * What parsed rows take in a browser's memory, against what the cache of rows counts them for: rows of many kinds, each by
 * itself. The text of the frames is given beside it, which is what one might have counted instead.
 */
import {chromium} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {bytesOf} from '../../src/database/record-cache.js';
import type {Change, JsonObject} from '../../src/protocol/protocol.js';
import type {Figure} from '../report.js';
import {FRAME_ROWS, makeRow, rowId, TYPE} from './frames.js';

const FRAMES = 40;
const many = (count: number, make: (at: number) => [string, JsonObject[string]]): JsonObject =>
  Object.fromEntries(Array.from({length: count}, (_, at) => make(at)));
const id = (at: number) => `0b9e7c1e-7a3c-4b1d-9d0e-${String(at).padStart(12, '0')}`;

const KINDS: Record<string, (at: number) => JsonObject> = {
  "this bench's rows": at => makeRow(at, FRAMES * FRAME_ROWS),
  'three columns': at => ({id: id(at), title: `Task number ${at}`, done: at % 2 === 0}),
  'twenty whole numbers': at => many(20, column => [`c${column}`, (at * 7919 + column) % 1000]),
  'twenty fractions': at => many(20, column => [`c${column}`, Math.sin(at + column)]),
  'forty columns, most null': at => many(40, column => [`c${column}`, column % 4 ? null : `text ${at} ${column}`]),
  'columns of other names each': at => many(5, column => [`c${(at * 31 + column * 17) % 400}`, `text ${at}`]),
  'objects in a column': at => ({id: id(at), list: Array.from({length: 10}, (_, k) => ({k, v: `v${at}${k}`}))}),
  'long text': at => ({id: id(at), body: `lorem ipsum ${at}`.repeat(50)}),
  'long text beyond Latin 1': at => ({id: id(at), body: `žluťoučký kůň ${at}`.repeat(50)}),
};

/** In the page: bytes that the parsed frames take, after a collection of the garbage. */
function weighed(texts: readonly string[]): number {
  const {gc, performance} = globalThis as unknown as {
    gc(): void;
    performance: {memory: {usedJSHeapSize: number}};
  };
  const kept: unknown[] = texts.map(() => undefined);
  gc();
  const before = performance.memory.usedJSHeapSize;
  for (const [at, text] of texts.entries()) kept[at] = (JSON.parse(text) as {changes: unknown}).changes;
  gc();
  const taken = performance.memory.usedJSHeapSize - before;
  return kept.length === texts.length ? taken : Number.NaN;
}

export async function heapFigures(): Promise<Figure[]> {
  const browser = await chromium.launch({
    executablePath: await ensureBrowser('chromium'),
    args: [...CHROMIUM_ARGS, '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });
  try {
    const page = await browser.newPage();
    await page.addInitScript('globalThis.__name = target => target');
    await page.goto('about:blank');
    const figures: Figure[] = [];
    for (const [kind, make] of Object.entries(KINDS)) {
      const frames = Array.from({length: FRAMES}, (_, frame) =>
        Array.from({length: FRAME_ROWS}, (_, place): Change => {
          const at = frame * FRAME_ROWS + place;
          return {type: 'update', entityType: TYPE, entityId: rowId(at), data: make(at), timestamp: 1_760_000_000_000};
        }),
      );
      const texts = frames.map(changes => JSON.stringify({changes}));
      const taken = await page.evaluate(weighed, texts);
      const counted = frames.reduce((sum, changes) => sum + bytesOf(changes), 0);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      figures.push(
        {name: `parsed, ${kind}: bytes a row`, value: taken / FRAMES / FRAME_ROWS, unit: 'bytes'},
        {name: `parsed, ${kind}: of the text's length`, value: taken / length, unit: '×'},
        {name: `parsed, ${kind}: counted against taken`, value: counted / taken, unit: '×', goal: {atLeast: 0.8}},
        {name: `parsed, ${kind}: taken against counted`, value: taken / counted, unit: '×', goal: {atLeast: 0.8}},
      );
    }
    return figures;
  } finally {
    await browser.close();
  }
}
