import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {build} from 'vite';
import {CHROMIUM_ARGS} from '../scripts/browsers.mjs';
import {withSideEffects} from '../scripts/with-side-effects.js';

const r: any = await build({
  configFile: false,
  publicDir: false,
  logLevel: 'error',
  plugins: [withSideEffects(fileURLToPath(new URL('../components/define/', import.meta.url)))],
  build: {
    write: false,
    target: 'es2022',
    minify: false,
    lib: {entry: fileURLToPath(new URL('./elements-page.ts', import.meta.url)), formats: ['es'], fileName: 'p'},
    rolldownOptions: {output: {codeSplitting: false}},
  },
});
const out = (Array.isArray(r) ? r[0] : r).output.find((f: any) => f.type === 'chunk').code;
const b = await chromium.launch({executablePath: '/usr/bin/chromium', args: CHROMIUM_ARGS});
const page = await b.newPage();
await page.addScriptTag({type: 'module', content: out});
await page.waitForFunction(() => 'bench' in globalThis);
const cdp = await page.context().newCDPSession(page);
await cdp.send('Profiler.enable');
await cdp.send('Profiler.setSamplingInterval', {interval: 100});
await cdp.send('Profiler.start');
const res = await page.evaluate(() => bench.changes('transition', 60));
console.log('ours', res.ours.map(x => x.toFixed(1)).join(' '));
console.log(
  'bare',
  res.bare
    .slice(0, 20)
    .map(x => x.toFixed(1))
    .join(' '),
);
const {profile} = await cdp.send('Profiler.stop');
const self = new Map<string, number>();
const dt = profile.timeDeltas!;
profile.samples!.forEach((id, i) => {
  const n = profile.nodes.find(n => n.id === id)!;
  const k = n.callFrame.functionName + ':' + n.callFrame.lineNumber;
  self.set(k, (self.get(k) ?? 0) + dt[i]!);
});
console.log(
  [...self]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 22)
    .map(([k, v]) => (v / 1000).toFixed(1) + ' ' + k)
    .join('\n'),
);
await b.close();
