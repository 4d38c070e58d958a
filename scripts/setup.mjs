/**
 * Makes a fresh clone ready to work: the right Node, and the dependencies exactly as locked. Needs nothing but Node
 * itself, does nothing when there is nothing to do, and is the first step of every other script.
 */
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {Failure, isMain, main, root, run, step} from './proc.mjs';

/** What the build tools ask for; the published package itself runs on any Node 20. */
const NEEDED = {20: 19, 22: 12};

export function nodeIsSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major in NEEDED ? minor >= NEEDED[major] : major > 22;
}

/**
 * Compares what is locked with npm's own record of what is installed. Packages of other platforms are optional and
 * missing by right. File times say little after a checkout, so they aren't asked.
 */
export function installedAsLocked(locked, installed) {
  return Object.entries(locked.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

function dependenciesAreReady() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const read = path => JSON.parse(readFileSync(path, 'utf8'));
  return installedAsLocked(read(join(root, 'package-lock.json')), read(record));
}

/** npm as it ships beside this Node, so that neither a shell nor a PATH decides which one runs. */
export function npm(args, options) {
  const beside = [
    process.env.npm_execpath,
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find(path => path?.endsWith('npm-cli.js') && existsSync(path));
  return beside ? run(process.execPath, [beside, ...args], options) : run('npm', args, options);
}

/** Installs what is locked, if it isn't. The tests have browsers of their own (browsers.mjs), so none is downloaded. */
export async function setup() {
  if (!nodeIsSupported(process.versions.node)) {
    throw new Failure(
      `Working on this package needs Node 20.19, 22.12 or newer; this is ${process.versions.node}.\n` +
        'Install a current Node (https://nodejs.org) and run the command again.',
    );
  }
  if (dependenciesAreReady()) return;
  await step('installing dependencies', () => installLocked(root));
}

/** Installs in a folder exactly what its lock file says. */
export async function installLocked(cwd) {
  const install = () =>
    npm(['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
      quiet: true,
      cwd,
      env: {PUPPETEER_SKIP_DOWNLOAD: '1'},
    });
  let result = await install();
  // Once more: registries have their moments, and a second try finds most of it in npm's cache.
  if (result.code !== 0) result = await install();
  if (result.code !== 0) throw new Failure(`npm ci failed:\n${result.output}`);
}

if (isMain(import.meta.url)) await main(setup);
