/**
 * One process a data folder: two PGlites on one folder destroy it, and Postgres's own `postmaster.pid` can't tell
 * (each wasm process has the same pid). A file in the folder names the holder; a dead holder's is taken over.
 */
import {mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {SyncError} from '../../../src/protocol/protocol.js';

const NAME = 'sync-elements.lock';

/** Folders of this process, which a pid alone can't tell from those of a dead process that had our pid. */
const held = new Set<string>();

interface Holder {
  pid: number;
  /** When the process began, where the system says so: pids are used again, after a reboot or in a container. */
  started: string;
}

/** Takes the folder. Returns the release. @throws SyncError `data-folder-in-use` */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, {recursive: true});
  const file = join(folder, NAME);
  if (held.has(file)) throw inUse(folder, process.pid);
  for (let attempt = 0; attempt < 5; attempt++) {
    const holder = await create(file);
    if (!holder) {
      held.add(file);
      return async () => {
        held.delete(file);
        await rm(file, {force: true});
      };
    }
    if (holder !== 'unreadable' && (await isAlive(holder))) throw inUse(folder, holder.pid);
    // Renamed rather than removed: of several that find it stale one moves it, and the next round decides.
    const aside = `${file}.${process.pid}.stale`;
    await rename(file, aside).catch(() => {});
    await rm(aside, {force: true});
  }
  throw inUse(folder, 0);
}

/** Creates the file; where there is one, says whose. */
async function create(file: string): Promise<Holder | 'unreadable' | undefined> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(JSON.stringify({pid: process.pid, started: await startOf(process.pid)}));
    } finally {
      await handle.close();
    }
    return undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    return Number.isSafeInteger(value.pid) ? {pid: value.pid ?? 0, started: String(value.started)} : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = await startOf(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/pid/stat (proc_pid_stat(5)), counted behind the name, which may hold anything; '' elsewhere. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function inUse(folder: string, pid: number): SyncError {
  const who = pid ? `process ${pid}` : 'another process';
  return new SyncError('data-folder-in-use', `The data folder ${folder} is in use by ${who}`);
}
