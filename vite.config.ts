/**
 * The demo pages. `vite` serves them from the sources; `vite build` takes the package as it is published, from dist, so
 * that the built demo proves the package. Nothing is inlined: the pages run under a Content-Security-Policy of 'self'.
 * The published bundles have small configurations of their own in scripts/.
 */
import {readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type AliasOptions, defineConfig} from 'vite';
import {withSideEffects} from './scripts/with-side-effects.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The entries of package.json, at their sources. */
const sources: AliasOptions = [
  {find: /^sync-elements$/, replacement: path('src/index.ts')},
  {find: /^sync-elements\/(components|define)$/, replacement: path('components/$1/index.ts')},
  {find: /^sync-elements\/(components|define)\/(.+)$/, replacement: path('components/$1/$2.ts')},
];

/** `npm start` at its usual port: the server that syncs, and prepares and serves the framework apps. */
const target = `http://localhost:${process.env['PORT'] ?? 4870}`;

export default defineConfig(({command}) => ({
  root: path('demo'),
  resolve: {alias: command === 'serve' ? sources : []},
  plugins: [withSideEffects(path('demo/'))],
  worker: {format: 'es'},
  server: {proxy: {'/api': {target, ws: true}, '/frameworks/': {target}}},
  build: {
    outDir: path('demo-dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    rolldownOptions: {
      input: readdirSync(path('demo'))
        .filter(name => name.endsWith('.html'))
        .map(name => path(`demo/${name}`)),
    },
  },
}));
