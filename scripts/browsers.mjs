/**
 * The browsers that tests run in. Test tools like to download some of their own; these are what the machine has.
 * Chromium is always needed; Firefox and WebKitGTK run where they are, and in CI all three must. What is needed and
 * missing is installed from Debian's packages where that is safe to do: as root on Debian (containers, CI).
 */
import {accessSync, constants} from 'node:fs';
import {delimiter, join} from 'node:path';
import {installFromDebian, isRootOnDebian} from './debian.mjs';
import {Failure, isMain, main, step} from './proc.mjs';

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

const inProgramFiles = paths =>
  ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(variable =>
    paths.map(path => join(process.env[variable] ?? '', path)),
  );

/** Of each browser: its commands, other places by platform, the variable that names it, and what it takes besides. */
const BROWSERS = {
  chromium: {
    title: 'Chromium',
    variable: 'CHROME_PATH',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
    places: {
      darwin: [
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        '/Applications/Chromium.app/Contents/MacOS/Chromium',
        '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      ],
      win32: inProgramFiles(['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe']),
    },
    packages: ['chromium', 'fonts-liberation'],
  },
  firefox: {
    title: 'Firefox',
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    places: {
      darwin: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
      win32: inProgramFiles(['Mozilla Firefox/firefox.exe']),
    },
    packages: ['firefox-esr'],
  },
  webkit: {
    title: 'WebKitGTK',
    variable: 'WEBKIT_DRIVER_PATH',
    commands: ['WebKitWebDriver'],
    places: {},
    // WebKitGTK has no headless mode: it needs a display to draw on.
    besides: ['Xvfb'],
    packages: ['webkit2gtk-driver', 'xvfb'],
  },
};

export const BROWSER_NAMES = Object.keys(BROWSERS);

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findCommand(commands) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => commands.map(command => join(folder, command + suffix)))
    .find(isExecutable);
}

/** The path of a browser's executable (of WebKitGTK: its driver's), or undefined. Its variable wins. */
export function findBrowser(name) {
  const {variable, commands, places, besides = []} = BROWSERS[name];
  if (!besides.every(command => findCommand([command]))) return undefined;
  const named = process.env[variable];
  if (named) return isExecutable(named) ? named : undefined;
  return findCommand(commands) ?? places[process.platform]?.find(isExecutable);
}

function howToGet(name) {
  const {title, variable, packages} = BROWSERS[name];
  return process.env[variable]
    ? `${title}: ${variable} is ${process.env[variable]}, which can't be used`
    : `${title}: on Debian apt-get install ${packages.join(' ')}, elsewhere have it on the PATH or set ${variable}`;
}

/** Why tests leave a browser out, with how to get it; undefined where it is there, or has to be. */
export function whyLeftOut(name) {
  const isNeeded = name === 'chromium' || /^(1|true)$/.test(process.env.CI ?? '');
  return isNeeded || findBrowser(name) ? undefined : howToGet(name);
}

/** Finds a browser, or installs it where that is safe to do; else says what to install. */
export async function ensureBrowser(name) {
  const {title, variable, packages} = BROWSERS[name];
  if (findBrowser(name) === undefined && !process.env[variable] && isRootOnDebian()) {
    await step(`installing ${title} from Debian's packages`, () => installFromDebian(packages));
  }
  const found = findBrowser(name);
  if (found === undefined) throw new Failure(`These tests need ${howToGet(name)}.`);
  return found;
}

if (isMain(import.meta.url)) {
  await main(async () => {
    for (const name of BROWSER_NAMES) console.log(`${name}: ${whyLeftOut(name) ?? (await ensureBrowser(name))}`);
  });
}
