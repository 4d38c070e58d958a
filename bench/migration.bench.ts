/**
 * What moving brings: the old client in the page against the service, in the same app, on the same rows, by turns. Each
 * round of each has three visits, in browsers of their own: one that nobody looks at, one whose tasks are traced, one in
 * which somebody types; each of them gets all rows, and the last two then 500 changes a second.
 *
 *   --rows=50000     a multiple of 500
 *   --seconds=10     of live traffic
 *   --rounds=5       the medians count, and of keys all together
 *   --plot           draws the pairs into docs/migration.svg, and writes the table of docs/migration.md
 *   --json           the last line is for machines
 */
import {readFile, writeFile} from 'node:fs/promises';
import {cpus} from 'node:os';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {FRAME_ROWS} from './ingest/frames.js';
import {makeFeed, makeLive, PACE} from './migration/feed.js';
import {figuresOf, MUCH, median, type Row, withoutIdle, withTable} from './migration/figures.js';
import {plotPairs} from './migration/plot.js';
import {BenchServer} from './migration/server.js';
import {
  appFiles,
  bareMemory,
  idle,
  type Phases,
  type Traced,
  traced,
  typed,
  type Visit,
  visitTwice,
} from './migration/visit.js';
import {report} from './report.js';
import {quantile} from './statistics.js';

const {values: options} = parseArgs({
  options: {
    rows: {type: 'string', default: '50000'},
    seconds: {type: 'string', default: '10'},
    rounds: {type: 'string', default: '5'},
    plot: {type: 'boolean', default: false},
    json: {type: 'boolean'},
  },
});
const [rows, seconds, rounds] = [options.rows, options.seconds, options.rounds].map(Number) as [number, number, number];
if (!(rows > 0) || rows % FRAME_ROWS !== 0) throw new RangeError(`--rows: a multiple of ${FRAME_ROWS}`);
if (!(seconds > 0)) throw new RangeError('--seconds: one at least');
if (!(rounds > 0)) throw new RangeError('--rounds: one at least');

interface Seen {
  visits: Visit[];
  tasks: Phases<Traced>[];
  keys: Phases<number[]>[];
}

const feed = makeFeed(rows);
const live = makeLive(feed, seconds * PACE.frames);
const server = await BenchServer.start(await appFiles());
try {
  const perSecond = PACE.frames * PACE.changes;
  const what = `${rows.toLocaleString('en')} rows, then ${perSecond} changes a second for ${seconds} s`;
  console.log(`${what}; ${rounds} rounds by turns; ${cpus().length} processors`);
  const seen: Record<'before' | 'after', Seen> = {
    before: {visits: [], tasks: [], keys: []},
    after: {visits: [], tasks: [], keys: []},
  };
  const halfway: Visit[] = [];
  const idles: Traced[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = (['before', 'after'] as const).map((_, turn, all) => all[(turn + round) % 2] ?? 'before');
    for (const client of turns) {
      const {visits, tasks, keys} = seen[client];
      visits.push(await visitTwice(server, feed, client));
      tasks.push(await traced(server, feed, live, client));
      keys.push(await typed(server, feed, live, client));
      console.log(`round ${round + 1}  ${client.padEnd(7)} synced in ${Math.round(visits.at(-1)?.synced ?? 0)} ms`);
    }
    halfway.push(await visitTwice(server, feed, 'halfway'));
    idles.push(await idle(server, Math.min(seconds, 5) * 1000));
    bare.push(await bareMemory(server));
  }

  const pair = (name: string, unit: string, of: (seen: Seen) => number, more: Partial<Row> = {}): Row => ({
    ...{name, unit, before: of(seen.before), after: of(seen.after)},
    ...more,
  });
  const ofVisits = (pick: (visit: Visit) => number) => (one: Seen) => median(one.visits.map(pick));
  const ofTasks = (pick: (tasks: Phases<Traced>) => number) => (one: Seen) => median(one.tasks.map(pick));
  const atRest = {
    total: median(idles.map(({total}) => total)),
    drawing: median(idles.map(({drawing}) => drawing)),
    milliseconds: median(idles.map(({milliseconds}) => milliseconds)),
  };
  const busy = ({total, milliseconds}: Traced) => withoutIdle(total, milliseconds, atRest);
  const busyApart = ({total, drawing, milliseconds}: Traced) =>
    withoutIdle(total - drawing, milliseconds, {...atRest, total: atRest.total - atRest.drawing});
  const ofKeys = (phase: keyof Phases<unknown>, q: number) => (one: Seen) =>
    quantile(
      one.keys.flatMap(keys => keys[phase]),
      q,
    );
  const rate = ({transfer}: Visit) => (rows / transfer) * 1000;
  /** What shows does so with the next picture: which one that is, is chance. */
  const picture = {step: 1000 / 60};
  /** One task among some thousands: the same work takes a little longer or shorter. */
  const chance = {step: 1};
  const much = {times: MUCH};
  const shown = (name: string, pick: (visit: Visit) => number) => pair(name, 'ms', ofVisits(pick), picture);
  const table: Row[] = [
    pair(
      'First sync: main thread busy',
      'ms',
      ofTasks(({initial}) => busy(initial)),
      much,
    ),
    pair(
      'First sync: blocked, past 50 ms of a task',
      'ms',
      ofTasks(({initial}) => initial.blocking),
      much,
    ),
    pair(
      'First sync: longest task',
      'ms',
      ofTasks(({initial}) => initial.longest),
      chance,
    ),
    pair('First sync: rows a second', 'rows/s', ofVisits(rate), {...much, isMoreBetter: true}),
    shown('First sync: first row drawn', ({firstRow}) => firstRow),
    shown('First sync: all rows in sight drawn', ({inSight}) => inSight),
    shown('Later visit: first row drawn', ({laterFirstRow}) => laterFirstRow),
    shown('Later visit: all rows in sight drawn', ({laterInSight}) => laterInSight),
    pair('First sync: key to picture, p50', 'ms', ofKeys('initial', 0.5), picture),
    pair('First sync: key to picture, p99', 'ms', ofKeys('initial', 0.99), picture),
    pair(
      'Live: main thread busy',
      'ms',
      ofTasks(({live}) => busy(live)),
      much,
    ),
    pair(
      'Live: main thread busy, drawing apart',
      'ms',
      ofTasks(({live}) => busyApart(live)),
      much,
    ),
    pair(
      'Live: blocked, past 50 ms of a task',
      'ms',
      ofTasks(({live}) => live.blocking),
      much,
    ),
    pair(
      'Live: longest task',
      'ms',
      ofTasks(({live}) => live.longest),
      chance,
    ),
    pair('Live: key to picture, p50', 'ms', ofKeys('live', 0.5), picture),
    pair('Live: key to picture, p99', 'ms', ofKeys('live', 0.99), picture),
    pair(
      'Memory with all rows kept',
      'MiB',
      ofVisits(({memory}) => memory),
    ),
  ];
  const floor = median(bare);
  if (options.plot) {
    const about = `${what}; medians of ${rounds} rounds by turns on ${cpus().length} processors.`;
    const note = `${about} Without what a page at rest uses while it is traced (${(atRest.total / atRest.milliseconds).toFixed(3)} ms each
millisecond). The same are: what shows within one picture (17 ms), and longest tasks within 1 ms. A worker that does nothing
takes ${floor.toFixed(1)} MiB by itself.`;
    const docs = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
    // What blocks nobody has no bar.
    const visible = table.filter(({before, after}) => before > 0 || after > 0);
    await writeFile(docs('migration.svg'), plotPairs('The same app before and after', about, visible));
    await writeFile(docs('migration.md'), withTable(await readFile(docs('migration.md'), 'utf8'), note, table));
  }
  report('migration', [
    ...figuresOf(table),
    {
      name: 'A page at rest, traced: main thread busy',
      value: atRest.total / (atRest.milliseconds / 1000),
      unit: 'ms/s',
    },
    {name: 'Memory of the page with a worker that does nothing', value: floor, unit: 'MiB'},
    {name: 'Halfway, with the old server: rows a second', value: median(halfway.map(rate)), unit: 'rows/s'},
    {name: 'Halfway: first row drawn', value: median(halfway.map(({firstRow}) => firstRow)), unit: 'ms'},
  ]);
} finally {
  await server.close();
}
