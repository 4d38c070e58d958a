/**
 * `npm run check`: all but the tests. `.ci/run` calls it with `--with-tests`. Each check counts as one, goes on after
 * another's failure, and the last line sums up what passed and failed.
 */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import {listFiles} from './build.mjs';
import {Failure, main, root, run, runBin} from './proc.mjs';
import {setup} from './setup.mjs';
import {runTests} from './test.mjs';

const succeeds = async running => {
  const {code} = await running;
  if (code !== 0) throw new Failure(`ended with exit code ${code}`);
};

/** Biome colours its output letter by letter where it takes a log for a terminal. */
const plain = process.stdout.isTTY ? [] : ['--colors=off'];

const CHECKS = [
  ['lint', () => succeeds(runBin('@biomejs/biome', 'biome', ['ci', '--error-on-warnings', ...plain, '.']))],
  ['types', () => succeeds(runBin('typescript', 'tsc', ['-p', 'tsconfig.json']))],
  [
    "types of the browser's part, without Node's",
    () => succeeds(runBin('typescript', 'tsc', ['-p', 'tsconfig.browser.json'])),
  ],
  ['build from nothing', () => succeeds(run(process.execPath, ['scripts/build.mjs']))],
  ['sizes', () => succeeds(run(process.execPath, ['--import', 'tsx', 'scripts/size.ts']))],
  ['the lock files are for every machine', () => lockFiles().forEach(isForEveryone)],
  ['the lock files of projects within know the package as it is', () => lockFiles().forEach(knowsThePackage)],
];

/** This project's, and those of the projects within it. */
const lockFiles = () => [
  'package-lock.json',
  ...['demo', 'test'].flatMap(listFiles).filter(path => path.endsWith('/package-lock.json')),
];

const readJson = path => JSON.parse(readFileSync(join(root, path), 'utf8'));

/**
 * A lock file made behind a mirror can name that mirror, or lack the binaries of other platforms, after which `npm ci`
 * refuses it everywhere.
 */
function isForEveryone(file) {
  const {packages} = readJson(file);
  const isLocked = (path, name) => {
    if (packages[`${path && `${path}/`}node_modules/${name}`] !== undefined) return true;
    return path !== '' && isLocked(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name);
  };
  for (const [path, {resolved, dependencies, optionalDependencies}] of Object.entries(packages)) {
    if (resolved !== undefined && !resolved.startsWith('file:')) {
      throw new Failure(`${file}: ${path} names where it came from (see .npmrc)`);
    }
    const missing = Object.keys({...dependencies, ...optionalDependencies}).find(name => !isLocked(path, name));
    if (missing !== undefined) throw new Failure(`${file}: ${missing}, which ${path} asks for, is not locked`);
  }
}

/**
 * What is packed changes with every build, so a lock file must not say what it is by a hash; but its dependencies are
 * locked with it, and have to be those that it has.
 */
function knowsThePackage(file) {
  const {name, dependencies} = readJson('package.json');
  const locked = readJson(file).packages[`node_modules/${name}`];
  if (locked === undefined) return;
  if (locked.integrity !== undefined) throw new Failure(`${file}: take the integrity of ${name} out`);
  if (!isDeepStrictEqual(locked.dependencies, dependencies)) {
    throw new Failure(`${file}: ${name} has other dependencies now; run npm install there`);
  }
}

const gitStatus = async () => {
  const {code, output} = await run('git', ['status', '--porcelain'], {quiet: true}).catch(() => ({
    code: 1,
    output: '',
  }));
  return code === 0 ? output : undefined;
};

await main(async () => {
  await setup();
  const before = await gitStatus();
  let {passed, failed} = {passed: 0, failed: 0};
  if (process.argv.includes('--with-tests')) ({passed, failed} = await runTests());
  else if (process.argv.length > 2) throw new Failure(`${process.argv.slice(2).join(' ')}: unknown.`);

  const checks = [...CHECKS];
  if (before === undefined) console.log('(Not a git work tree: whether it stays clean is not checked.)');
  else {
    checks.push([
      'the work tree is as it was',
      async () => {
        const after = await gitStatus();
        if (after !== before) throw new Failure(`git status was\n${before || '(clean)\n'}and is\n${after}`);
      },
    ]);
  }
  const results = [];
  for (const [name, check] of checks) {
    console.log(`\n━━ ${name}\n`);
    try {
      await check();
      results.push(`✔ ${name}`);
      passed++;
    } catch (error) {
      results.push(`✖ ${name}: ${error.message}`);
      failed++;
    }
  }
  console.log(`\n${results.join('\n')}\n\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
