/**
 * Projects within this one that have dependencies of their own. Each takes the package as users get it, packed, and is
 * installed from its own lock file when it is first needed.
 *
 *   node scripts/own-projects.mjs [react|vue …]    installs and builds the named apps; without a name all
 */
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {buildStale, digest} from './build.mjs';
import {Failure, isMain, main, root, step} from './proc.mjs';
import {installLocked, npm, setup} from './setup.mjs';

/** The framework apps, by their folders. */
export const APPS = readdirSync(join(root, 'demo/frameworks')).sort();

/** Does a piece of work whose stamp, among what it made, doesn't speak of the present sources. */
async function unlessDone(stamp, sources, label, work) {
  const wanted = digest(sources);
  const path = join(root, stamp);
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) return;
  await step(label, work);
  writeFileSync(path, wanted);
}

/** The path of the package as users get it, of what is built now. */
export async function packedPackage() {
  await buildStale('package', 'packed');
  return join(root, 'packed/sync-elements.tgz');
}

/** Installs what a project's lock file says, and the package as it is built now. Only what changed since is done again. */
async function installProject(folder) {
  await packedPackage();
  await unlessDone(
    `${folder}/node_modules/.sync-elements`,
    [`${folder}/package-lock.json`, 'packed/sync-elements.tgz'],
    `installing ${folder}`,
    () => installLocked(join(root, folder)),
  );
}

/** Installs and builds a framework app; what to serve is then in the `dist` of its folder. */
export async function prepareApp(name) {
  const folder = `demo/frameworks/${name}`;
  await installProject(folder);
  await unlessDone(
    `${folder}/dist/.sync-elements`,
    [folder, 'demo/styles', 'packed/sync-elements.tgz'],
    `building ${folder}`,
    async () => {
      const {code, output} = await npm(['run', 'build', '--loglevel=error'], {quiet: true, cwd: join(root, folder)});
      if (code !== 0) throw new Failure(`npm run build failed:\n${output}`);
    },
  );
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const names = process.argv.slice(2);
    const unknown = names.find(name => !APPS.includes(name));
    if (unknown !== undefined) throw new Failure(`There is no app "${unknown}", but: ${APPS.join(', ')}.`);
    await setup();
    for (const name of names.length > 0 ? names : APPS) await prepareApp(name);
  });
}
