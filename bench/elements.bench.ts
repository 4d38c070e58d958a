/**
 * What elements cost a page: a change of state for 1,000 `<sync-status>` on one provider, against 1,000 bare elements of
 * Lit with one text each, by turns in the same page; what happens while nothing that shows changes; and what is left
 * after 200 rounds of putting every element in and taking it out.
 */
import {fileURLToPath} from 'node:url';
import {type CDPSession, chromium} from 'playwright-core';
import {build, type Rolldown} from 'vite';
import {CHROMIUM_ARGS, ensureBrowser} from '../scripts/browsers.mjs';
import {withSideEffects} from '../scripts/with-side-effects.js';
import {report} from './report.js';
import {quantile} from './statistics.js';

const ROUNDS = 60;
const MOUNTS = 200;
const entry = fileURLToPath(new URL('./elements-page.ts', import.meta.url));

/** As it is published: Lit without its development checks, minified. */
async function pageScript(): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [withSideEffects(fileURLToPath(new URL('../components/define/', import.meta.url)))],
    build: {
      write: false,
      target: 'es2022',
      lib: {entry, formats: ['es'], fileName: 'page'},
      rolldownOptions: {output: {codeSplitting: false, minify: true}},
    },
  });
  const [output] = (Array.isArray(result) ? result : [result]) as Rolldown.RolldownOutput[];
  const chunk = output?.output.find(file => file.type === 'chunk');
  if (!chunk) throw new Error('the bundler gave no output');
  return chunk.code;
}

async function collected(cdp: CDPSession): Promise<{heap: number; nodes: number; listeners: number}> {
  // Twice: what the first finds may only then let go of more.
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const {usedSize} = await cdp.send('Runtime.getHeapUsage');
  const {nodes, jsEventListeners} = await cdp.send('Memory.getDOMCounters');
  return {heap: usedSize, nodes, listeners: jsEventListeners};
}

const browser = await chromium.launch({executablePath: await ensureBrowser('chromium'), args: CHROMIUM_ARGS});
try {
  const page = await browser.newPage();
  await page.addScriptTag({type: 'module', content: await pageScript()});
  await page.waitForFunction(() => 'bench' in globalThis);
  const cdp = await page.context().newCDPSession(page);
  // The quickest tenth of the rounds: whatever else the machine does only adds, and not to both alike. Of each other
  // round, because the way there and the way back need not cost the same.
  const quick = (times: readonly number[]) =>
    (quantile(
      times.filter((_, round) => round % 2 === 0),
      0.1,
    ) +
      quantile(
        times.filter((_, round) => round % 2 === 1),
        0.1,
      )) /
    2;
  const change = async (name: string) => {
    const {ours, bare} = await page.evaluate(([name, rounds]) => bench.changes(name, rounds), [name, ROUNDS] as const);
    return {ours: quick(ours), bare: quick(bare)};
  };
  const count = await change('count');
  const transition = await change('transition');
  const unchanged = await page.evaluate(() => bench.unchanged(1000));
  await page.evaluate(rounds => bench.mounts(rounds), MOUNTS);
  const before = await collected(cdp);
  const listening = await page.evaluate(rounds => bench.mounts(rounds), MOUNTS);
  const after = await collected(cdp);
  report('elements', [
    {name: '1,000 bare elements, a text', value: count.bare, unit: 'ms'},
    {name: '1,000 statuses, another count', value: count.ours, unit: 'ms'},
    {name: 'against bare', value: count.ours / count.bare, unit: '×', goal: {atMost: 2}},
    {name: '1,000 statuses, saved and offline by turns', value: transition.ours, unit: 'ms'},
    {name: 'against bare', value: transition.ours / transition.bare, unit: '×', goal: {atMost: 2}},
    {
      name: 'writes to the page in 1,000 events that show nothing',
      value: unchanged.writes,
      unit: 'writes',
      goal: {atMost: 0},
    },
    {name: 'such an event, for 1,000 statuses', value: unchanged.perEvent, unit: 'ms'},
    {name: 'listeners left on the service after 200 rounds', value: listening, unit: 'listeners', goal: {atMost: 0}},
    {name: 'nodes left', value: after.nodes - before.nodes, unit: 'nodes', goal: {atMost: 0}},
    {
      name: 'listeners left in the page',
      value: after.listeners - before.listeners,
      unit: 'listeners',
      goal: {atMost: 0},
    },
    {name: 'heap left', value: (after.heap - before.heap) / 1000, unit: 'kB', goal: {atMost: 50}},
  ]);
} finally {
  await browser.close();
}
