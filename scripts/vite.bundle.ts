/** What the published bundles have in common: one ES module each, complete in itself, for Baseline 2024 browsers. */
import {fileURLToPath} from 'node:url';
import type {UserConfig} from 'vite';
import {compactStyles} from './compact-css.mjs';
import {keepWorkerUrl} from './keep-worker-url.js';
import {withSideEffects} from './with-side-effects.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the module `input` (a path in the repository) into the file `output` (a path in the output folder). */
export function bundle(input: string, output: string): UserConfig {
  return {
    root,
    publicDir: false,
    logLevel: 'warn',
    plugins: [compactStyles(), keepWorkerUrl(), withSideEffects(`${root}components/define/`)],
    build: {
      target: 'es2022',
      emptyOutDir: false,
      sourcemap: true,
      lib: {entry: `${root}${input}`, formats: ['es'], fileName: () => output},
      rolldownOptions: {
        // Lib mode keeps white space and annotations for the next bundler. These files meet none.
        output: {codeSplitting: false, minify: true},
      },
    },
  };
}
