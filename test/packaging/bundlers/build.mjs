/**
 * Builds an app with one of the bundlers, at its defaults as far as they make a page that runs from a folder.
 *
 *   node build.mjs vite app/main.js OUT      OUT/main.js and what it needs
 */
import {cp} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {promisify} from 'node:util';

const builders = {
  async vite(input, outDir) {
    const {build} = await import('vite');
    const output = {entryFileNames: 'main.js'};
    await build({base: './', logLevel: 'warn', build: {outDir, emptyOutDir: true, rolldownOptions: {input, output}}});
  },

  async webpack(entry, path) {
    const {default: webpack} = await import('webpack');
    // Chunks are loaded by script tags, whose addresses must be trusted where a page asks for that.
    const output = {path, filename: 'main.js', trustedTypes: 'webpack'};
    const stats = await promisify(webpack)({mode: 'production', entry, output, performance: {hints: false}});
    const {errors, warnings} = stats.toJson({errors: true, warnings: true});
    const said = [...errors, ...warnings].map(({message}) => message);
    if (said.length > 0) throw new Error(said.join('\n'));
  },

  async rollup(input, dir) {
    const {rollup} = await import('rollup');
    const {nodeResolve} = await import('@rollup/plugin-node-resolve');
    const bundle = await rollup({
      input,
      plugins: [nodeResolve()],
      onwarn: warning => {
        throw new Error(warning.message);
      },
    });
    await bundle.write({dir, format: 'es', entryFileNames: 'main.js'});
    await copyWorker(dir);
  },

  async esbuild(main, outdir) {
    const {build} = await import('esbuild');
    await build({
      entryPoints: {main},
      outdir,
      bundle: true,
      minify: true,
      format: 'esm',
      splitting: true,
      logLevel: 'warning',
    });
    await copyWorker(outdir);
  },

  async parcel(entries, distDir) {
    const {Parcel} = await import('@parcel/core');
    await new Parcel({
      entries,
      defaultConfig: '@parcel/config-default',
      mode: 'production',
      shouldDisableCache: true,
      defaultTargetOptions: {distDir, publicUrl: './'},
      targets: {main: {distDir, distEntry: 'main.js', context: 'browser', outputFormat: 'esmodule'}},
    }).run();
  },
};

/** Of those that don't follow `new Worker(new URL(…))`: the published file is copied, and the page says where it is. */
async function copyWorker(out) {
  await cp('node_modules/sync-elements/dist/sync-worker.js', join(out, 'assets/sync-worker.js'));
}

const [name, entry, out] = process.argv.slice(2);
await builders[name](resolve(entry), resolve(out));
