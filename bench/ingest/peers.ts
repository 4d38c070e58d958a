/**
 * The packages that ours is measured against: a lock file of their own, installed when they are first needed and never by the
 * root's install; and the scripts of the contenders, bundled as an application would.
 */
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, type Rolldown} from 'vite';
import {installedAsLocked, npm} from '../../scripts/setup.mjs';
import type {Files} from './feeder.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const bench = dirname(here.replace(/[\\/]$/, ''));
const root = dirname(bench);

function isInstalled(): boolean {
  const record = join(bench, 'node_modules', '.package-lock.json');
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  return existsSync(record) && installedAsLocked(read(join(bench, 'package-lock.json')), read(record));
}

/** Installs what is locked in bench/, if it isn't. */
export async function installPeers(): Promise<void> {
  if (isInstalled()) return;
  console.log('installing what is measured beside ours …');
  const {code, output} = await npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    quiet: true,
    cwd: bench,
  });
  if (code !== 0) throw new Error(`npm ci in bench/ failed:\n${output}`);
}

/** One module for each contender, with what it needs inside; nothing is shared but by copies. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    define: {'process.env.NODE_ENV': '"production"'},
    build: {
      write: false,
      target: 'es2022',
      lib: {entry, formats: ['es'], fileName: 'contender'},
      rolldownOptions: {output: {codeSplitting: false, minify: true}},
    },
  });
  const [output] = (Array.isArray(result) ? result : [result]) as Rolldown.RolldownOutput[];
  const chunk = output?.output.find(file => file.type === 'chunk');
  if (!chunk) throw new Error(`No bundle of ${entry}`);
  return chunk.code;
}

/** All that a page of the bench may load. */
export async function contenderFiles(): Promise<Files> {
  const files = new Map<string, {text: string} | {file: string}>([
    ['/', {text: '<!doctype html><html lang="en"><title>Bench</title></html>'}],
    // Read now: a build that happens meanwhile must not change what is measured.
    ...['sync-elements.js', 'sync-worker.js'].map(
      name => [`/${name}`, {text: readFileSync(join(root, 'dist', name), 'utf8')}] as const,
    ),
  ]);
  const peers = join(here, 'peers');
  const scripts = ['receive.js', 'shell.js', 'journal-reader.js'].map(name => join(here, name));
  for (const script of [...scripts, ...readdirSync(peers).map(name => join(peers, name))]) {
    files.set(`/${basename(script)}`, {text: await bundle(script)});
  }
  const sqlite = join(bench, 'node_modules/@sqlite.org/sqlite-wasm/dist');
  for (const name of readdirSync(sqlite)) files.set(`/sqlite/${name}`, {file: join(sqlite, name)});
  return files;
}
