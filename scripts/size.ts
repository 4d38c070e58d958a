/**
 * What the built package costs to load, in bytes, minified and gzipped, against scripts/size-budgets.json. An entry with
 * `code` is what a page loads at first that says that line: without what is imported on demand, and without the worker,
 * which loads beside it. The limits are a little above what was measured; raise one only with a reason to show.
 */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {bundleOf} from './bundle-of.js';

export interface Size {
  name: string;
  bytes: number;
  limit: number;
}

interface Budget {
  name: string;
  code?: string;
  file?: string;
  limit: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const gzipped = (text: string) => gzipSync(text, {level: 9}).length;

async function textOf({code, file}: Budget): Promise<string> {
  if (file !== undefined) return readFileSync(`${root}${file}`, 'utf8');
  const {entry, alongside} = await bundleOf(code ?? '');
  return [entry, ...alongside].map(chunk => chunk.code).join('\n');
}

export async function measure(): Promise<Size[]> {
  const budgets = JSON.parse(readFileSync(`${root}scripts/size-budgets.json`, 'utf8')) as Budget[];
  return Promise.all(
    budgets.map(async budget => ({
      name: budget.name,
      bytes: gzipped(await textOf(budget)),
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
