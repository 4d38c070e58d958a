/** `npm start`: from a fresh clone to a running demo, with nothing there but Node. PORT and DATA reach the server. */
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {buildStale} from './build.mjs';
import {Failure, main, root, run} from './proc.mjs';
import {setup} from './setup.mjs';

const SERVER = 'demo/server/main.ts';

await main(async () => {
  await setup();
  await buildStale('package', 'demo');
  if (!existsSync(join(root, SERVER))) throw new Failure(`${SERVER} is missing.`);
  const {code, signal} = await run(process.execPath, ['--import', 'tsx', SERVER, ...process.argv.slice(2)]);
  // As a shell tells it: ended by the signal it was sent, not by a fault.
  return signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : code;
});
