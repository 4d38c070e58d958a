/** The scripts' own judgement: a test run that breaks must never look like one that passes. */
import assert from 'node:assert/strict';
import {afterEach, describe, it} from 'node:test';
import {isMet, reportJson, reportTable} from '../../bench/report.js';
import {ensureBrowser, findBrowser, whyLeftOut} from '../../scripts/browsers.mjs';
import {compactCss} from '../../scripts/compact-css.mjs';
import {installedAsLocked, nodeIsSupported} from '../../scripts/setup.mjs';
import {judge, plan} from '../../scripts/test.mjs';
import {countSessions} from '../../scripts/wtr-counter.mjs';

const none = {passed: 0, failed: 0, skipped: 0, failures: []};
const good = {...none, passed: 3};

describe('setup', () => {
  it('knows the Nodes the tools run on', () => {
    assert.deepEqual(['18.20.0', '20.18.9', '20.19.0', '21.7.0', '22.11.0', '22.12.0', '24.0.0'].map(nodeIsSupported), [
      false,
      false,
      true,
      false,
      false,
      true,
      true,
    ]);
  });
  it('sees a missing and an outdated package, and lets other platforms be', () => {
    const locked = {packages: {'': {}, a: {version: '1.0.0'}, b: {version: '2.0.0', optional: true}}};
    assert.ok(installedAsLocked(locked, {packages: {a: {version: '1.0.0'}}}));
    assert.ok(!installedAsLocked(locked, {packages: {}}));
    assert.ok(!installedAsLocked(locked, {packages: {a: {version: '1.0.1'}}}));
    assert.ok(!installedAsLocked(locked, {packages: {a: {version: '1.0.0'}, b: {version: '1.0.0'}}}));
  });
});

describe('styles as they travel', () => {
  it('lose what only readers need, and nothing that says something', () => {
    const css = `css\`
  /* Why; and { how }. */
  :host(:not([a='x,  y'])) > .b :is(i, .c)::after {
    content: '·  ;' / '';
    inline-size: calc(50% - 1px);
    content: '\\\\200b';
  }
  \${some.more},
  :host { margin: 0 auto !important; }\``;
    const small =
      `css\`:host(:not([a='x,  y'])) > .b :is(i,.c)::after{content:'·  ;' / '';inline-size:calc(50% - 1px);` +
      `content:'\\\\200b'}\${some.more},:host{margin:0 auto !important}\``;
    const [before, after] = ['const a = 1; const b = ', ', c = css``;\nconst d = `  css  `;'];
    assert.equal(compactCss(`${before}${css}${after}`), `${before}${small}${'\n'.repeat(8)}${after}`);
  });
});

describe('the browsers', () => {
  const {CI, FIREFOX_PATH, WEBKIT_DRIVER_PATH, PATH} = process.env;
  afterEach(() => {
    for (const [name, value] of Object.entries({CI, FIREFOX_PATH, WEBKIT_DRIVER_PATH, PATH})) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  it('are taken from where a variable says', async () => {
    process.env['FIREFOX_PATH'] = process.execPath;
    assert.equal(await ensureBrowser('firefox'), process.execPath);
    assert.equal(whyLeftOut('firefox'), undefined);
  });
  it('that are missing are left out with the reason; but Chromium never, and none in CI', async () => {
    process.env['FIREFOX_PATH'] = '/nowhere';
    delete process.env['CI'];
    assert.match(whyLeftOut('firefox') ?? '', /FIREFOX_PATH is \/nowhere/);
    assert.equal(whyLeftOut('chromium'), undefined);
    process.env['CI'] = 'true';
    assert.equal(whyLeftOut('firefox'), undefined);
    await assert.rejects(ensureBrowser('firefox'), /need Firefox: FIREFOX_PATH is \/nowhere/);
  });
  it('take WebKitGTK for missing without a display to draw on', () => {
    process.env['WEBKIT_DRIVER_PATH'] = process.execPath;
    process.env['PATH'] = '';
    assert.equal(findBrowser('webkit'), undefined);
  });
});

describe('the plan of a test run', () => {
  const files = [
    'src/a.test.ts',
    'components/b.test.ts',
    'server/c.test.ts',
    'test/d.test.ts',
    'test/packaging/f.test.ts',
    'test/e2e/e.test.ts',
    'test/e2e/frameworks.test.ts',
  ];
  const planned = (selection: object) =>
    plan(files, selection).map(({runner, files: own}) => `${runner.name}: ${own.join(' ')}`);
  it('gives each file to one runner, and the unit tests to each browser', () => {
    assert.deepEqual(planned({}), [
      'node: server/c.test.ts test/d.test.ts',
      'chromium: src/a.test.ts components/b.test.ts',
      'firefox: src/a.test.ts components/b.test.ts',
      'webkit: src/a.test.ts components/b.test.ts',
      'packaging: test/packaging/f.test.ts',
      'frameworks: test/e2e/frameworks.test.ts',
      'e2e: test/e2e/e.test.ts',
    ]);
  });
  it('leaves out a browser that is missing, unless it is asked for by its name', () => {
    const unit = {filters: ['src/'], leftOut: ['firefox', 'webkit']};
    assert.deepEqual(planned(unit), ['chromium: src/a.test.ts']);
    assert.deepEqual(planned({...unit, only: ['browser']}), ['chromium: src/a.test.ts']);
    assert.deepEqual(planned({...unit, only: ['webkit']}), ['webkit: src/a.test.ts']);
  });
  it('follows filters and leaves out runners without files', () => {
    assert.deepEqual(planned({filters: ['b.test'], only: ['browser']}), [
      'chromium: components/b.test.ts',
      'firefox: components/b.test.ts',
      'webkit: components/b.test.ts',
    ]);
    assert.deepEqual(planned({only: ['e2e', 'node'], filters: ['e.test', 'c.test']}), [
      'node: server/c.test.ts',
      'e2e: test/e2e/e.test.ts',
    ]);
    assert.throws(() => planned({only: ['chrome']}), /no runner "chrome"/);
  });
});

describe('the judgement of a test run', () => {
  it('leaves an honest report as it is', () => {
    assert.equal(judge(good, {code: 0, timedOut: false}), good);
    const bad = {...good, failed: 1};
    assert.equal(judge(bad, {code: 1, timedOut: false}), bad);
  });
  it('makes a failure of a crash, of a hang and of nothing', () => {
    assert.equal(judge(good, {code: 1, timedOut: false}).failed, 1);
    assert.equal(judge(good, {code: 0, timedOut: true}).failed, 1);
    assert.equal(judge(none, {code: 0, timedOut: false}).failed, 1);
    assert.equal(judge({...none, skipped: 5}, {code: 0, timedOut: false}).failed, 1);
  });
});

describe('the count of a browser run', () => {
  const test = (name: string, passed: boolean, skipped = false) => ({name, passed, skipped});
  const session = (tests: object[], more: object = {}) => ({
    testFile: 'a.test.ts',
    errors: [],
    testResults: {name: '', tests: [], suites: [{name: 's', tests, suites: []}]},
    ...more,
  });
  it('counts tests at any depth', () => {
    const {passed, failed, skipped, failures} = countSessions([
      session([test('a', true), test('b', false), test('c', false, true)]),
    ]);
    assert.deepEqual({passed, failed, skipped}, {passed: 1, failed: 1, skipped: 1});
    assert.deepEqual(failures, [{file: 'a.test.ts', name: 's › b'}]);
  });
  it('counts a file that breaks, is empty, or fails without a failing test', () => {
    assert.equal(countSessions([session([], {errors: [{message: 'no such module'}]})]).failed, 1);
    assert.equal(countSessions([session([])]).failed, 1);
    assert.equal(countSessions([session([test('a', true)], {passed: false})]).failed, 1);
  });
});

describe('the report of a bench', () => {
  const figures = [
    {name: 'rows', value: 61_234.5, unit: 'rows/s', goal: {atLeast: 50_000}},
    {name: 'delay', value: 0.1234, unit: 'ms', goal: {atMost: 0.1}},
    {name: 'note', value: 5, unit: 'tabs'},
  ];
  it('knows which way is better', () => assert.deepEqual(figures.map(isMet), [true, false, null]));
  it('is a table for people', () => {
    assert.equal(
      reportTable(figures),
      ['rows   61,235  rows/s  ≥ 50,000  ✔', 'delay   0.123  ms         ≤ 0.1  ✖', 'note        5  tabs'].join('\n'),
    );
  });
  it('is one line for machines', () => {
    assert.deepEqual(JSON.parse(reportJson('x', figures.slice(0, 1))), {
      bench: 'x',
      figures: [{name: 'rows', value: 61_234.5, unit: 'rows/s', goal: {atLeast: 50_000}, met: true}],
    });
  });
});
