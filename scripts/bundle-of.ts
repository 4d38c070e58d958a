/** What a user's bundler makes of a line of code that imports the built package. For size budgets and packaging tests. */
import {fileURLToPath} from 'node:url';
import {build, type Rolldown} from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = 'virtual:entry';

export interface Bundle {
  entry: Rolldown.OutputChunk;
  /** Chunks that load together with the entry. */
  alongside: Rolldown.OutputChunk[];
  /** Chunks that load on demand. */
  later: Rolldown.OutputChunk[];
  /** Names of other files, such as the worker's. */
  assets: string[];
}

export async function bundleOf(code: string): Promise<Bundle> {
  const result = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id.endsWith(ENTRY) ? `${root}${ENTRY}.js` : null),
        load: id => (id.endsWith(`${ENTRY}.js`) ? {code, moduleSideEffects: true} : null),
      },
    ],
    worker: {format: 'es'},
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0,
      lib: {entry: ENTRY, formats: ['es']},
      // As in a page's build: what is shared with code on demand stays in the entry, of which nobody imports anything. Lib
      // mode alone would keep the entry's exports as they are, and put what is shared into further files beside it.
      rolldownOptions: {preserveEntrySignatures: 'exports-only', output: {minify: true}},
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('the bundler gave no output');
  const chunks = output.output.filter(file => file.type === 'chunk');
  const entry = chunks.find(chunk => chunk.isEntry);
  if (entry === undefined) throw new Error('the bundle has no entry');
  const loaded = new Set<string>();
  const load = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const next of chunks.find(chunk => chunk.fileName === name)?.imports ?? []) load(next);
  };
  load(entry.fileName);
  return {
    entry,
    alongside: chunks.filter(chunk => chunk !== entry && loaded.has(chunk.fileName)),
    later: chunks.filter(chunk => !loaded.has(chunk.fileName)),
    assets: output.output.filter(file => file.type === 'asset').map(file => file.fileName),
  };
}
