/**
 * Unit and element tests, in a real browser, from the sources. `npm test` calls it for each browser; `npx web-test-runner`
 * works too, with Chromium or what SYNC_ELEMENTS_BROWSER names.
 */
import {readFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import {fileURLToPath} from 'node:url';
import {esbuildPlugin} from '@web/dev-server-esbuild';
import {defaultReporter} from '@web/test-runner';
import {launcherOf} from './scripts/launchers.mjs';
import {counterReporter} from './scripts/wtr-counter.mjs';

const reportTo = process.env.SYNC_ELEMENTS_REPORT;

/** The address in the Worker literal is the built file's; here its source is served, and esbuild turns it into code. */
function serveWorkerSource(context, next) {
  if (context.path.startsWith('/src/') && context.path.endsWith('/sync-worker.js')) {
    context.url = context.url.replace('/sync-worker.js', '/sync-worker.ts');
  }
  return next();
}

const PGLITE = '/node_modules/@electric-sql/pglite/dist/';

/** PGlite asks for modules of Node's where it finds itself there, and its data looks like text to the test server. */
const servePGlite = {
  name: 'serve-pglite',
  resolveImport: ({source, context}) =>
    context.path.startsWith(PGLITE) && isBuiltin(source) ? `/nowhere/${source}` : undefined,
  transform: ({path}) =>
    path === `${PGLITE}pglite.data` ? {body: readFileSync(`.${path}`), transformCache: false} : undefined,
};

export default {
  files: ['src/**/*.test.ts', 'components/**/*.test.ts', 'testing/**/*.test.ts'],
  nodeResolve: true,
  middleware: [serveWorkerSource],
  // Servers that tests start and stop go here, as a plugin with commands: scripts/test-server-plugin.mjs.
  plugins: [
    servePGlite,
    esbuildPlugin({
      ts: true,
      target: 'es2022',
      tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)),
    }),
  ],
  browsers: [await launcherOf(process.env.SYNC_ELEMENTS_BROWSER ?? 'chromium')],
  // Files share an origin, so its storage, locks and channels: each test names its own.
  concurrency: 2,
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 180_000,
  testFramework: {config: {timeout: 10_000}},
  filterBrowserLogs: ({args}) => !(typeof args[0] === 'string' && args[0].startsWith('Lit is in dev mode')),
  reporters: [
    defaultReporter({reportTestResults: true, reportTestProgress: process.stdout.isTTY === true}),
    ...(reportTo ? [counterReporter(reportTo)] : []),
  ],
};
