/** Installs the frameworks' own types, which lie here with a lock file, if they aren't. */
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {installedAsLocked, installLocked} from '../../scripts/setup.mjs';

type LockFile = Parameters<typeof installedAsLocked>[0];

const folder = fileURLToPath(new URL('.', import.meta.url));

export async function installTypes(): Promise<void> {
  const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as LockFile;
  const installed = 'node_modules/.package-lock.json';
  if (existsSync(join(folder, installed)) && installedAsLocked(read('package-lock.json'), read(installed))) return;
  await installLocked(folder);
}
