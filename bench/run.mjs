/**
 * `npm run bench -- NAME [--json] [more]` runs bench/NAME.bench.ts; without a name it lists what there is. Whatever
 * follows the name reaches the bench, which reports through bench/report.ts.
 */
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {buildStale} from '../scripts/build.mjs';
import {Failure, main, root, run} from '../scripts/proc.mjs';
import {setup} from '../scripts/setup.mjs';

const SUFFIX = '.bench.ts';

await main(async () => {
  const names = readdirSync(join(root, 'bench'))
    .filter(file => file.endsWith(SUFFIX))
    .map(file => file.slice(0, -SUFFIX.length));
  const [name, ...rest] = process.argv.slice(2);
  if (name === undefined) {
    console.log(names.length > 0 ? `Benches:\n  ${names.join('\n  ')}` : 'There is no bench yet.');
    return 0;
  }
  if (!names.includes(name)) throw new Failure(`There is no bench "${name}", but: ${names.join(', ') || 'none yet'}.`);
  await setup();
  // What is measured is what is published, and that is what the sources say now.
  await buildStale('package', 'demo');
  const {code} = await run(process.execPath, ['--import', 'tsx', `bench/${name}${SUFFIX}`, ...rest]);
  return code;
});
