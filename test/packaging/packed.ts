/** The package as a user gets it: packed, and installed in a project of its own. */
import {execFile} from 'node:child_process';
import {mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {npm} from '../../scripts/setup.mjs';

export interface Project {
  folder: string;
  /** Paths in the packed file, without the leading `package/`. */
  files: string[];
  /** What npm said, without its remarks on this machine's own settings. */
  packOutput: string;
  installOutput: string;
  remove(): void;
}

const withoutMachine = (output: string) =>
  output
    .split('\n')
    .filter(line => !/Unknown (user|env|project|builtin|global) config/.test(line))
    .join('\n');

async function npmIn(cwd: string, args: string[]): Promise<string> {
  const {code, output} = await npm(args, {quiet: true, cwd, limit: 100_000});
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${output}`);
  return withoutMachine(output);
}

export async function installPacked(root: string): Promise<Project> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sync-elements-packed-')));
  writeFileSync(join(folder, 'package.json'), '{"name": "host", "private": true, "type": "module"}');
  // What is packed is what was built: scripts would build once more, and change dist under other tests.
  const packOutput = await npmIn(root, ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]);
  const [packed] = JSON.parse(packOutput.slice(packOutput.indexOf('['))) as [
    {filename: string; files: {path: string}[]},
  ];
  const installOutput = await npmIn(folder, [
    ...['install', `./${packed.filename}`],
    ...['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--fetch-retries=1'],
  ]);
  return {
    folder,
    files: packed.files.map(({path}) => path),
    packOutput,
    installOutput,
    remove: () => rmSync(folder, {recursive: true, force: true}),
  };
}

/** Runs Node on a module's text in a folder. */
export function runNode(cwd: string, args: string[]): Promise<{code: number; stdout: string; stderr: string}> {
  const env = {...process.env, NODE_OPTIONS: ''};
  return new Promise(resolve => {
    execFile(process.execPath, args, {cwd, env, timeout: 60_000}, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({code, stdout, stderr});
    });
  });
}
