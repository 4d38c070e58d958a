/**
 * A replica at the speed of the wire: how many changes a second become durable in a browser, ours beside the limit, the old
 * way and the libraries one might take instead; what the page feels of it; what it is to read them back; ten times as many;
 * and the whole chain from an embedded Postgres.
 *
 *   --rows=100000      changes, a multiple of 500
 *   --rounds=5         of each; the medians count
 *   --only=ours,bare   parts: a contender's name, or page, reads, heap, million, chain
 *   --plot             draws the rates into docs/ingest.svg
 *   --json             the last line is for machines
 */
import {writeFile} from 'node:fs/promises';
import {cpus} from 'node:os';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {chainFigures} from './ingest/chain.js';
import {CONTENDERS, OURS} from './ingest/contenders.js';
import {Feeder} from './ingest/feeder.js';
import {FRAME_ROWS, makeFeed} from './ingest/frames.js';
import {heapFigures} from './ingest/heap.js';
import {MILLION, millionFigures} from './ingest/million.js';
import {pageFigures} from './ingest/page.js';
import {contenderFiles, installPeers} from './ingest/peers.js';
import {plot} from './ingest/plot.js';
import {measureRates, medianRate, rateFigures} from './ingest/rates.js';
import {readFigures} from './ingest/reads.js';
import {type Figure, report} from './report.js';

const {values: options} = parseArgs({
  options: {
    rows: {type: 'string', default: '100000'},
    rounds: {type: 'string', default: '5'},
    only: {type: 'string'},
    plot: {type: 'boolean', default: false},
    json: {type: 'boolean'},
  },
});
const rows = Number(options.rows);
const rounds = Number(options.rounds);
if (!(rows > 0) || rows % FRAME_ROWS !== 0) throw new RangeError(`--rows: a multiple of ${FRAME_ROWS}`);
if (!(rounds > 0)) throw new RangeError('--rounds: one at least');
const parts = ['page', 'reads', 'heap', 'million', 'chain'];
const only = options.only?.split(',');
const unknown = only?.find(name => !parts.includes(name) && !CONTENDERS.some(contender => contender.name === name));
if (unknown !== undefined) throw new RangeError(`--only: there is no "${unknown}"`);
const isWanted = (name: string) => only?.includes(name) ?? true;

await installPeers();
const feed = makeFeed(rows);
const feeder = await Feeder.start(await contenderFiles());
try {
  const contenders = CONTENDERS.filter(({name}) => isWanted(name));
  const perFrame = `${rows.toLocaleString('en')} changes of ${Math.round(feed.bytes / rows)} bytes, ${FRAME_ROWS} a frame`;
  console.log(`${perFrame}; ${rounds} rounds by turns; ${cpus().length} processors`);
  for (const {title, durable} of contenders) console.log(`${title.padEnd(28)} ${durable}`);

  const rates = await measureRates(contenders, feeder, feed, rounds);
  const figures: Figure[] = rateFigures(rates);
  const measure = async (part: string, work: () => Promise<Figure[]>) => {
    if (!isWanted(part)) return;
    console.log(`measuring: ${part}`);
    figures.push(...(await work()));
  };
  await measure('page', () => pageFigures(feeder, feed, rounds));
  await measure('reads', () => readFigures(feeder, feed, rounds));
  await measure('heap', () => heapFigures());
  // Long ones: three tell as much as five short ones.
  await measure('million', () => millionFigures(feeder, feed, MILLION, Math.min(rounds, 3)));
  await measure('chain', () => chainFigures(Math.min(rounds, 3)));

  if (options.plot) {
    const bars = [...rates]
      .map(([{name, title}, values]) => ({title, value: medianRate(values), isOurs: name === OURS}))
      .sort((a, b) => b.value - a.value);
    const note = `${perFrame}; median of ${rounds} rounds by turns on ${cpus().length} processors. Longer is better.`;
    const path = fileURLToPath(new URL('../docs/ingest.svg', import.meta.url));
    await writeFile(path, plot('Changes a second, kept in the browser', note, bars));
  }
  report('ingest', figures);
} finally {
  await feeder.close();
}
