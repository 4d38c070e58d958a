/**
 * Child processes for the scripts of this folder. Each child leads a process group of its own, so that a signal reaches
 * it once (a terminal would send it a second time) and a runner that hangs takes its browsers along when it is ended.
 */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const grouped = process.platform !== 'win32';
const running = new Set();
const signalledAt = new Map();

function signalChild(child, signal) {
  try {
    if (grouped) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended meanwhile.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (running.size === 0) process.exit(1);
    // Both npm and the terminal deliver one Ctrl-C; a second one by an impatient person comes later than this.
    if (Date.now() - (signalledAt.get(signal) ?? 0) < 500) return;
    signalledAt.set(signal, Date.now());
    for (const child of running) signalChild(child, signal);
  });
}
process.on('exit', () => {
  for (const child of running) signalChild(child, 'SIGTERM');
});

/**
 * Runs a command in the repository and resolves to `{code, signal, output, timedOut}`; it never rejects for an exit
 * code. `quiet` collects the output instead of showing it. `limit` (ms) ends the whole group.
 */
export function run(command, args, {quiet = false, env = {}, cwd = root, limit = 0} = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: {...process.env, ...env},
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      detached: grouped,
    });
    const chunks = [];
    child.stdout?.on('data', chunk => chunks.push(chunk));
    child.stderr?.on('data', chunk => chunks.push(chunk));
    running.add(child);
    let timedOut = false;
    const timers = [];
    if (limit > 0) {
      timers.push(
        setTimeout(() => {
          timedOut = true;
          signalChild(child, 'SIGTERM');
          timers.push(setTimeout(() => signalChild(child, 'SIGKILL'), 10_000));
        }, limit),
      );
    }
    const forget = () => {
      running.delete(child);
      for (const timer of timers) clearTimeout(timer);
    };
    child.on('error', error => {
      forget();
      reject(error);
    });
    child.on('close', (code, signal) => {
      forget();
      resolve({code: code ?? 1, signal, output: Buffer.concat(chunks).toString(), timedOut});
    });
  });
}

/** As `run`, for the file behind a package's command: no shell, no `.cmd`, the same on every platform. */
export function runBin(packageName, bin, args, options) {
  const folder = join(root, 'node_modules', packageName);
  const entry = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin;
  return run(process.execPath, [join(folder, typeof entry === 'string' ? entry : entry[bin]), ...args], options);
}

/** One line of progress around a piece of work, with its time. */
export async function step(label, work) {
  const start = Date.now();
  process.stdout.write(`▸ ${label} …`);
  try {
    const result = await work();
    process.stdout.write(` ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write(' failed\n');
    throw error;
  }
}

/** A failure that is told in one paragraph, without a stack. */
export class Failure extends Error {}

/** Runs a script's main function; what it throws becomes a message and an exit code. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Whether a module is the script that was started, rather than imported. */
export const isMain = url => process.argv[1] !== undefined && fileURLToPath(url) === process.argv[1];
