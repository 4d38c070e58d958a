/**
 * What the built package costs to load, in bytes, minified and gzipped, against scripts/size-budgets.json. An entry with
 * `code` is what a page loads at first that says that line: without what is imported on demand, and without the worker,
 * which loads beside it. What was recorded may grow by a twentieth before anybody has to say why:
 *
 *   npm run sizes               measures, and fails where more was added
 *   npm run sizes -- record     records what is measured now; the commit says for what
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {type Bundle, bundleOf} from './bundle-of.js';

export interface Size {
  name: string;
  bytes: number;
  /** Bytes, when somebody recorded them last. */
  recorded: number;
}

interface Budget {
  name: string;
  code?: string;
  file?: string;
  /** Counts only what `code` adds to a page that says this already. */
  beyond?: string;
  /** Counts only the chunk of this name that `code` loads on demand. */
  later?: string;
  recorded: number;
}

/** How much more than was recorded passes. */
const GROWTH = 1.05;

const root = fileURLToPath(new URL('..', import.meta.url));
const FILE = `${root}scripts/size-budgets.json`;
const gzipped = (text: string) => gzipSync(text, {level: 9}).length;

async function bytesOf({code, file, beyond, later}: Budget): Promise<number> {
  if (file !== undefined) return gzipped(readFileSync(`${root}${file}`, 'utf8'));
  const bundle = await bundleOf(`${beyond ?? ''};${code ?? ''}`);
  if (later !== undefined) {
    const chunk = bundle.later.find(({name}) => name === later);
    if (!chunk) throw new Error(`there is no chunk ${later}`);
    return gzipped(chunk.code);
  }
  const first = ({entry, alongside}: Bundle) => gzipped([entry, ...alongside].map(chunk => chunk.code).join('\n'));
  return first(bundle) - (beyond === undefined ? 0 : first(await bundleOf(beyond)));
}

const budgets = (): Budget[] => JSON.parse(readFileSync(FILE, 'utf8'));

export async function measure(): Promise<Size[]> {
  return Promise.all(
    budgets().map(async budget => ({name: budget.name, bytes: await bytesOf(budget), recorded: budget.recorded})),
  );
}

export function fits({bytes, recorded}: Pick<Size, 'bytes' | 'recorded'>): boolean {
  return bytes <= recorded * GROWTH;
}

async function record(): Promise<void> {
  const sizes = new Map((await measure()).map(({name, bytes}) => [name, bytes]));
  const recorded = budgets().map(budget => ({...budget, recorded: sizes.get(budget.name)}));
  writeFileSync(FILE, `${JSON.stringify(recorded, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'record') await record();
  for (const size of await measure()) {
    const {name, bytes, recorded} = size;
    const change = ((bytes / recorded - 1) * 100).toFixed(1);
    console.log(
      `${fits(size) ? '✔' : '✖'} ${name.padEnd(40)} ${`${bytes} bytes`.padStart(12)}, ${change} % over the record`,
    );
    if (!fits(size)) process.exitCode = 1;
  }
}
