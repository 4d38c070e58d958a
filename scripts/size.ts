/**
 * What the built package costs to load, in bytes, minified and gzipped, against scripts/size-budgets.json. An entry with
 * `code` is what a page loads at first that says that line: without what is imported on demand, and without the worker,
 * which loads beside it. The limits are a little above what was measured; raise one only with a reason to show.
 */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {type Bundle, bundleOf} from './bundle-of.js';

export interface Size {
  name: string;
  bytes: number;
  limit: number;
}

interface Budget {
  name: string;
  code?: string;
  file?: string;
  /** Counts only what `code` adds to a page that says this already. */
  beyond?: string;
  /** Counts only the chunk of this name that `code` loads on demand. */
  later?: string;
  limit: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
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

export async function measure(): Promise<Size[]> {
  const budgets = JSON.parse(readFileSync(`${root}scripts/size-budgets.json`, 'utf8')) as Budget[];
  return Promise.all(
    budgets.map(async budget => ({
      name: budget.name,
      bytes: await bytesOf(budget),
      limit: budget.limit,
    })),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
  for (const {name, bytes, limit} of await measure()) {
    const fits = bytes <= limit;
    console.log(`${fits ? '✔' : '✖'} ${name.padEnd(30)} ${kilobytes(bytes)} of ${kilobytes(limit)}`);
    if (!fits) process.exitCode = 1;
  }
}
