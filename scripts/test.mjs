/**
 * `npm test`: from a fresh clone to the result of every test, with nothing there but Node (and, where it can't be
 * installed from Debian's packages, a Chromium).
 *
 *   npm test                          everything
 *   npm test -- src/queue             the files whose path contains that
 *   npm test -- --only=node           one runner: node, chromium, firefox, webkit, packaging, frameworks or e2e
 *   npm test -- --only=browser        the unit tests in every browser
 *
 * The unit tests run once in each browser that is there (browsers.mjs), and count as often. Runners go on after a failure. The counts come from reporters made for it, never from a runner's pretty text.
 */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';
import {parseArgs} from 'node:util';
import {BROWSER_NAMES, ensureBrowser, whyLeftOut} from './browsers.mjs';
import {buildStale, listFiles} from './build.mjs';
import {ensurePostgres, whyNoPostgres} from './postgres.mjs';
import {Failure, isMain, main, root, run, runBin} from './proc.mjs';
import {setup} from './setup.mjs';

const MINUTES = 60_000;
/** End to end as well, but apart: they install what the framework apps need. */
const FRAMEWORK_TESTS = 'test/e2e/frameworks';

/**
 * Runners in the order they run. `limit` is for a runner that hangs, not for slow tests: those have their own. `meant` is
 * how long it may take on two cores, in minutes, and is shown only: a machine that is slow today fails nobody.
 */
const RUNNERS = [
  {
    name: 'node',
    owns: path => /^(server|test|demo)\//.test(path) && !/^test\/(e2e|packaging)\//.test(path),
    builds: [],
    postgres: true,
    start: (files, options) => nodeTest(files, ['--test-timeout=900000'], options),
    limit: 25 * MINUTES,
  },
  ...BROWSER_NAMES.map(name => ({
    name,
    group: 'browser',
    owns: path => /^(src|components|testing)\//.test(path),
    builds: [],
    browsers: [name],
    start: (files, {env, limit}) =>
      runBin('@web/test-runner', 'web-test-runner', ['--files', ...files], {
        env: {...env, SYNC_ELEMENTS_BROWSER: name},
        limit,
      }),
    limit: 10 * MINUTES,
    meant: 4,
  })),
  {
    name: 'packaging',
    owns: path => path.startsWith('test/packaging/'),
    builds: ['package', 'packed', 'demo'],
    browsers: ['chromium'],
    start: (files, options) => nodeTest(files, ['--test-timeout=480000'], options),
    limit: 10 * MINUTES,
    meant: 8,
  },
  {
    name: 'frameworks',
    owns: path => path.startsWith(FRAMEWORK_TESTS),
    builds: ['package', 'packed', 'demo'],
    browsers: ['chromium'],
    start: (files, options) => nodeTest(files, ['--test-timeout=720000'], options),
    limit: 12 * MINUTES,
    meant: 12,
  },
  {
    name: 'e2e',
    owns: path => path.startsWith('test/e2e/') && !path.startsWith(FRAMEWORK_TESTS),
    builds: ['package', 'demo'],
    browsers: BROWSER_NAMES,
    // Two at once: half of their time they wait for a heartbeat, a deadline or a browser that starts.
    start: (files, options) => nodeTest(files, ['--test-concurrency=2', '--test-timeout=600000'], options),
    limit: 40 * MINUTES,
    meant: 10,
  },
];

/** Node 20 applies --test-timeout to each file as a whole: it ends one that hangs, and the tests have limits of their own. */
function nodeTest(files, flags, options) {
  const reporters = [
    ['spec', 'stdout'],
    ['./scripts/node-test-counter.mjs', options.env.SYNC_ELEMENTS_REPORT],
  ].flatMap(([reporter, to]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${to}`]);
  return run(process.execPath, ['--import', 'tsx', '--test', ...flags, ...reporters, ...files], options);
}

/** What runs: each runner with its files, without those that have none and those of a browser that is left out. */
export function plan(files, {only = [], filters = [], leftOut = []} = {}) {
  const unknown = only.find(name => !RUNNERS.some(runner => runner.name === name || runner.group === name));
  if (unknown !== undefined) {
    throw new Failure(`There is no runner "${unknown}", but: ${RUNNERS.map(({name}) => name).join(', ')}, browser.`);
  }
  const wanted = files.filter(file => filters.length === 0 || filters.some(filter => file.includes(filter)));
  return RUNNERS.filter(
    ({name, group}) => only.includes(name) || ((only.length === 0 || only.includes(group)) && !leftOut.includes(name)),
  )
    .map(runner => ({runner, files: wanted.filter(runner.owns)}))
    .filter(({files: own}) => own.length > 0);
}

/** Makes the counts honest: a runner that broke, hung or ran nothing failed, whatever its report says. */
export function judge(report, {code, timedOut}) {
  const wrong = message => ({
    ...report,
    failed: report.failed + 1,
    failures: [...report.failures, {file: '', name: message}],
  });
  if (timedOut) return wrong('the runner hung and was ended');
  if (report.passed + report.failed === 0) return wrong(`the runner ran no test (exit code ${code})`);
  if (code !== 0 && report.failed === 0) return wrong(`the runner ended with exit code ${code}`);
  return report;
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // The runner ended before it wrote one; `judge` makes a failure of it.
    return {passed: 0, failed: 0, skipped: 0, failures: []};
  }
}

/** What a runner tests, and in what, must be there first; if it can't be had, that is its failure and the others go on. */
async function prepare(runner) {
  try {
    for (const name of runner.browsers ?? []) {
      if (name === runner.name || whyLeftOut(name) === undefined) await ensureBrowser(name);
    }
    if (runner.postgres && whyNoPostgres() === undefined) await ensurePostgres();
    await buildStale(...runner.builds);
    return true;
  } catch (error) {
    console.error(error instanceof Failure ? error.message : error);
    return false;
  }
}

async function runOne({runner, files}, folder) {
  console.log(`\n━━ ${runner.name}: ${files.length} ${files.length === 1 ? 'file' : 'files'}\n`);
  const reportPath = join(folder, `${runner.name}.json`);
  const started = Date.now();
  const ready = await prepare(runner);
  const end = ready
    ? await runner.start(files, {env: {SYNC_ELEMENTS_REPORT: reportPath}, limit: runner.limit})
    : {code: 1, timedOut: false};
  const seconds = (Date.now() - started) / 1000;
  return {name: runner.name, meant: runner.meant, files: files.length, seconds, ...judge(readReport(reportPath), end)};
}

/** A table of rows that are arrays of texts; the first column to the left, the others to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return rows.map(row => `  ${row.map(cell).join('   ')}`).join('\n');
}

function tellBrowsers(leftOut) {
  const used = BROWSER_NAMES.filter(name => !leftOut.includes(name));
  const missing = leftOut.map(name => `; not in ${whyLeftOut(name)}`);
  console.log(`Browser tests run in ${used.join(', ')}${missing.join('')}.`);
}

function tell(results) {
  for (const {name, failures} of results) {
    for (const failure of failures) {
      const file = failure.file && `${relative(root, failure.file)} › `;
      console.log(`✖ ${name}: ${file}${failure.name}`);
    }
  }
  const row = result => [
    result.name,
    ...[result.files, result.passed, result.failed, result.skipped].map(String),
    `${result.seconds.toFixed(1)} s`,
    result.meant ? `${result.meant * 60} s` : '',
  ];
  console.log(
    `\n${table([['runner', 'files', 'passed', 'failed', 'skipped', 'time', 'meant'], ...results.map(row)])}\n`,
  );
}

/** Sets up, builds and runs; resolves to the sums after it has shown the table. */
export async function runTests(selection = {}) {
  await setup();
  const files = ['src', 'components', 'testing', 'server', 'demo', 'test']
    .flatMap(listFiles)
    .filter(path => path.endsWith('.test.ts'));
  const leftOut = BROWSER_NAMES.filter(name => whyLeftOut(name) !== undefined);
  const runs = plan(files, {...selection, leftOut});
  if (runs.length === 0) throw new Failure('No test file matches.');
  if (runs.some(({runner}) => runner.browsers)) tellBrowsers(leftOut);
  if (runs.some(({runner}) => runner.postgres) && whyNoPostgres() !== undefined) {
    console.log(`Tests on a Postgres server are skipped; they need ${whyNoPostgres()}.`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'sync-elements-tests-'));
  const results = [];
  try {
    for (const each of runs) results.push(await runOne(each, folder));
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  tell(results);
  const sum = key => results.reduce((total, result) => total + result[key], 0);
  return {passed: sum('passed'), failed: sum('failed')};
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const {values, positionals} = parseArgs({
      options: {only: {type: 'string', multiple: true}},
      allowPositionals: true,
    });
    const {passed, failed} = await runTests({only: values.only, filters: positionals});
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  });
}
