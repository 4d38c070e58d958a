/**
 * The Chromium that the browser tests run in. Test tools like to download one of their own; this uses what the machine
 * has, and on Debian as root (containers, CI) fetches the distribution's package.
 */
import {accessSync, constants, existsSync, readFileSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {Failure, isMain, main, run, step} from './proc.mjs';

/** For a machine without a GPU, a sandbox or much shared memory, and without traffic of the browser's own. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(variable =>
    ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'].map(path =>
      join(process.env[variable] ?? '', path),
    ),
  ),
};

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a Chromium or a browser made of it, or undefined. CHROME_PATH wins. */
export function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named) return isExecutable(named) ? named : undefined;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => COMMANDS.map(command => join(folder, command + suffix)));
  return [...onPath, ...(PLACES[process.platform] ?? [])].find(isExecutable);
}

/** For tests: where Chromium is. The bare name where there is none, so that the launch fails by that name. */
export let chromiumPath = findChromium() ?? 'chromium';

const isRootOnDebian = () =>
  process.getuid?.() === 0 &&
  existsSync('/etc/os-release') &&
  /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

async function installFromDebian() {
  const apt = async args => {
    const {code, output} = await run('apt-get', args, {
      quiet: true,
      env: {DEBIAN_FRONTEND: 'noninteractive'},
    });
    if (code !== 0) throw new Failure(`apt-get ${args.join(' ')} failed:\n${output.slice(-2000)}`);
  };
  const install = async () => {
    await apt(['update', '-q']);
    await apt(['install', '-q', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']);
  };
  // Mirrors are in the middle of an update now and then: once more from a fresh list.
  await install().catch(install);
}

/** Finds a Chromium, or installs it where that is safe to do; else says what to install. */
export async function ensureChromium() {
  let found = findChromium();
  if (found === undefined && !process.env.CHROME_PATH && isRootOnDebian()) {
    await step("installing Chromium from Debian's packages", installFromDebian);
    found = findChromium();
  }
  if (found === undefined) {
    throw new Failure(
      process.env.CHROME_PATH
        ? `CHROME_PATH is ${process.env.CHROME_PATH}, which can't be executed.`
        : 'The browser tests need Chromium or Chrome. Install the package "chromium" (Debian, Fedora, Arch, Homebrew)\n' +
            'or Chrome (https://www.google.com/chrome), or set CHROME_PATH to its executable.',
    );
  }
  chromiumPath = found;
  return found;
}

if (isMain(import.meta.url)) await main(async () => console.log(await ensureChromium()));
