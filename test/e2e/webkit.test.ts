/** A display, a driver and a browser are started for WebKitGTK: none of them outlives the process that started them. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {whyLeftOut} from '../../scripts/browsers.mjs';
import {atEnd, eventually, type Scope} from './harness.js';

const skip = whyLeftOut('webkit') ?? false;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts it in a process that leads a group of its own, as scripts/proc.mjs does, and resolves to that group's number. */
async function startInGroup(scope: Scope, andThen: string): Promise<number> {
  const code = `
    import {startWebKit} from './scripts/webkit.mjs';
    const webkit = await startWebKit();
    process.stdout.write('started');
    await new Promise(resolve => process.stdin.once('data', resolve));
    ${andThen}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: root,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const group = child.pid ?? assert.fail('nothing was started');
  atEnd(scope, async () => {
    if ((await programs(group)).length > 0) process.kill(-group, 'SIGKILL');
  });
  await once(child.stdout, 'data');
  const names = await programs(group);
  for (const name of ['Xvfb', 'WebKitWebDriver', 'MiniBrowser']) assert.ok(names.includes(name), `${name} runs`);
  child.stdin.end('go on');
  return group;
}

/** The names of a group's processes that have not ended, out of lines like `1234 (name) S parent group …`. */
async function programs(group: number): Promise<string[]> {
  const ids = (await readdir('/proc')).filter(entry => /^\d+$/.test(entry));
  // One may end while it is looked at.
  const lines = await Promise.all(ids.map(id => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  return lines
    .map(line => /\((.*)\) (\S) \d+ (\d+)/.exec(line))
    .filter(found => found?.[2] !== 'Z' && Number(found?.[3]) === group)
    .map(found => found?.[1] ?? '');
}

const STAY = 'setInterval(() => {}, 1000);';

test('they end when they are told to', {skip}, async t => {
  const group = await startInGroup(t, `await webkit.end(); ${STAY}`);
  await eventually('only who started them is left', async () => (await programs(group)).length === 1);
});

const allEnd = (group: number) => eventually('nothing is left', async () => (await programs(group)).length === 0);

test('they end when the process breaks', {skip}, async t =>
  allEnd(await startInGroup(t, `throw new Error('something broke')`)),
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`they end with ${signal}`, {skip}, async t => {
    const group = await startInGroup(t, STAY);
    process.kill(-group, signal);
    await allEnd(group);
  });
}
