/** The packed package in a project of its own, outside this one, with every bundler beside it. */
import {execFile} from 'node:child_process';
import {cp, mkdir, mkdtemp, readdir, readFile, realpath, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {packedPackage} from '../../scripts/own-projects.mjs';
import {installLocked} from '../../scripts/setup.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = promisify(execFile);

export class Bundlers {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async install(): Promise<Bundlers> {
    const packed = await packedPackage();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'sync-elements-bundlers-')));
    for (const name of ['.npmrc', 'package.json', 'package-lock.json', 'build.mjs', 'judge.mjs', 'app']) {
      await cp(join(root, 'test/packaging/bundlers', name), join(folder, name), {recursive: true});
    }
    await cp(packed, join(folder, 'sync-elements.tgz'));
    await installLocked(folder);
    return new Bundlers(folder);
  }

  remove(): Promise<void> {
    return rm(this.folder, {recursive: true, force: true});
  }

  /** Runs one of its scripts; what it printed. A bundler that warns fails. */
  async run(script: string, ...args: string[]): Promise<string> {
    const {stdout, stderr} = await node(process.execPath, [script, ...args], {
      cwd: this.folder,
      env: {...process.env, NODE_OPTIONS: '', NODE_ENV: 'production'},
      maxBuffer: 16 * 1024 * 1024,
    });
    if (stderr.trim() !== '') throw new Error(`${script} ${args.join(' ')} said:\n${stderr}`);
    return stdout;
  }

  /** Builds an app; its files by name. */
  async build(bundler: string, app: string): Promise<Map<string, string>> {
    const out = join(this.folder, 'out', bundler, app);
    await mkdir(out, {recursive: true});
    await this.run('build.mjs', bundler, `app/${app}.js`, out);
    const names = await readdir(out, {recursive: true});
    const scripts = names.filter(name => name.endsWith('.js'));
    return new Map(
      await Promise.all(scripts.map(async name => [name, await readFile(join(out, name), 'utf8')] as const)),
    );
  }

  /** A file of the installed package. */
  read(path: string): Promise<string> {
    return readFile(join(this.folder, 'node_modules/sync-elements', path), 'utf8');
  }
}
