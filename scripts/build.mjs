/**
 * Builds what is published (dist/), the file that npm would publish of it (packed/) and the demo pages (demo-dist/).
 *
 *   node scripts/build.mjs [package|packed|demo …]    builds anew; without a name all
 *
 * The other scripts call `buildStale`, which builds only what its sources' content says is out of date. A build happens
 * in a folder beside and takes the place of the old one in one step: nobody finds half of it, and nothing old stays.
 */
import {createHash} from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {compactCss} from './compact-css.mjs';
import {Failure, isMain, main, root, run, runBin, step} from './proc.mjs';
import {npm, setup} from './setup.mjs';

const BUILDS = {
  package: {
    label: 'building the package',
    folder: 'dist',
    proof: 'dist/sync-elements.js',
    sources: [
      ...['src', 'components', 'server', 'testing', 'frameworks', 'scripts'],
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
    ],
    build: buildPackage,
  },
  packed: {
    label: 'packing the package',
    folder: 'packed',
    proof: 'packed/sync-elements.tgz',
    sources: ['dist', 'package.json', 'README.md', 'CHANGELOG.md', 'SECURITY.md'],
    build: pack,
  },
  demo: {
    label: 'building the demo pages',
    folder: 'demo-dist',
    proof: 'demo-dist/index.html',
    sources: ['dist', 'demo', 'vite.config.ts', 'package.json'],
    build: out => tool('vite', 'vite', ['build', '--logLevel', 'warn', '--outDir', out, '--emptyOutDir']),
  },
};

async function tool(packageName, bin, args) {
  const {code, output} = await runBin(packageName, bin, args, {quiet: true});
  if (code !== 0) throw new Failure(`${bin} ${args.join(' ')} failed:\n${output}`);
}

/** Unbundled modules for bundlers; beside them the files that must be complete in themselves. */
async function buildPackage(out) {
  await tool('typescript', 'tsc', ['-p', 'tsconfig.build.json', '--outDir', out]);
  compactStylesIn(join(out, 'components'));
  for (const name of ['worker', 'dialect', 'cdn']) {
    await tool('vite', 'vite', ['build', '--config', `scripts/vite.${name}.config.ts`, '--outDir', out]);
  }
  await writeMetadata(out);
  const worker = name => join(out, 'src/worker', name);
  copyFileSync(worker('sync-worker.js'), join(out, 'sync-worker.js'));
  const map = JSON.parse(readFileSync(worker('sync-worker.js.map'), 'utf8'));
  map.sources = map.sources.map(source => source.replace('../../../', '../'));
  writeFileSync(join(out, 'sync-worker.js.map'), JSON.stringify(map));
}

function compactStylesIn(folder) {
  for (const name of readdirSync(folder, {recursive: true})) {
    const path = join(folder, name);
    if (path.endsWith('.js')) writeFileSync(path, compactCss(readFileSync(path, 'utf8')));
  }
}

/** The manifest of the elements and what is made of it, and the types of templates, which are declarations as they are. */
async function writeMetadata(out) {
  const {code, output} = await run(process.execPath, ['--import', 'tsx', 'scripts/manifest/write.ts', 'dist', out], {
    quiet: true,
  });
  if (code !== 0) throw new Failure(`writing the manifest failed:\n${output}`);
  cpSync(join(root, 'frameworks'), join(out, 'frameworks'), {recursive: true});
}

/** What users get, under a name without a version: projects within this one install it from there (own-projects.mjs). */
async function pack(out) {
  mkdirSync(out);
  // What is packed is what was built: scripts would build once more, and change dist under other tests.
  const {code, output} = await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', out], {quiet: true});
  if (code !== 0) throw new Failure(`npm pack failed:\n${output}`);
  for (const name of readdirSync(out)) renameSync(join(out, name), join(out, 'sync-elements.tgz'));
}

const stampOf = name => join(root, 'node_modules', '.cache', 'sync-elements', `${name}.sha256`);

/** A hash of files and of all files below folders, by their paths in the repository. */
export function digest(sources) {
  const hash = createHash('sha256');
  const add = path => {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  };
  for (const source of sources) {
    if (!existsSync(join(root, source))) throw new Failure(`${source} is missing: there is nothing to build from.`);
    if (source.includes('.')) add(source);
    else listFiles(source).forEach(add);
  }
  return hash.digest('hex');
}

/** Paths of the files below a folder of the repository but what is made there, sorted, with forward slashes. */
export function listFiles(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), {withFileTypes: true})
    .filter(entry => !/^(node_modules|dist|\.data|\.ngc)$/.test(entry.name))
    .flatMap(entry => (entry.isDirectory() ? listFiles(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .sort();
}

function swap(fresh, folder) {
  const old = join(root, `.old-${folder}-${process.pid}`);
  if (existsSync(join(root, folder))) renameSync(join(root, folder), old);
  renameSync(fresh, join(root, folder));
  rmSync(old, {recursive: true, force: true});
}

async function buildOne(name) {
  const {label, folder, sources, build} = BUILDS[name];
  const fresh = join(root, `.new-${folder}-${process.pid}`);
  await step(label, async () => {
    const made = digest(sources);
    try {
      await build(fresh);
      swap(fresh, folder);
    } finally {
      rmSync(fresh, {recursive: true, force: true});
    }
    mkdirSync(join(stampOf(name), '..'), {recursive: true});
    writeFileSync(stampOf(name), made);
  });
}

function isStale(name) {
  const {proof, sources} = BUILDS[name];
  if (!existsSync(join(root, proof)) || !existsSync(stampOf(name))) return true;
  return readFileSync(stampOf(name), 'utf8') !== digest(sources);
}

/** Builds those of the named builds whose sources have changed, in order. */
export async function buildStale(...names) {
  for (const name of names) if (isStale(name)) await buildOne(name);
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const names = process.argv.slice(2);
    const unknown = names.find(name => !(name in BUILDS));
    if (unknown !== undefined)
      throw new Failure(`There is no build "${unknown}", but: ${Object.keys(BUILDS).join(', ')}.`);
    await setup();
    for (const name of names.length > 0 ? names : Object.keys(BUILDS)) await buildOne(name);
  });
}
