/**
 * What the built package costs to load, minified and gzipped, against what was promised. `npm run sizes` holds the same
 * figures against what was measured last.
 */
import {measure} from '../scripts/size.js';
import {type Figure, report} from './report.js';
import {peersTable} from './size/peers.js';

/** kB, by the names in scripts/size-budgets.json. */
const PROMISED: Readonly<Record<string, number>> = {
  worker: 26,
  'first load: provider, status, Lit, core': 20,
  'sync-when': 4,
  'sync-progress': 4,
  'sync-queue': 4,
  'details of a status, on demand': 4,
  'inside of the inspector, on demand': 8,
  'Arabic, on demand': 1,
  'German, on demand': 1,
  'Spanish, on demand': 1,
  'French, on demand': 1,
  'Japanese, on demand': 1,
};

const sizes = await measure();
const kilobytesOf = (wanted: string) => (sizes.find(({name}) => name === wanted)?.bytes ?? Number.NaN) / 1000;
console.log(
  `${peersTable({
    core: kilobytesOf('headless core, page side'),
    worker: kilobytesOf('worker'),
    first: kilobytesOf('first load: provider, status, Lit, core'),
  })}\n`,
);
const figures = sizes.map(({name, bytes}): Figure => {
  const promised = PROMISED[name];
  const figure = {name, value: bytes / 1000, unit: 'kB'};
  return promised === undefined ? figure : {...figure, goal: {atMost: promised}};
});
report('size', figures);
