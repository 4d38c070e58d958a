/** `npm run gallery`: every element in every state, theme and direction, as pictures on a page: .data/gallery/index.html */
import {main, root, run} from '../../scripts/proc.mjs';
import {setup} from '../../scripts/setup.mjs';

await main(async () => {
  await setup();
  const {code} = await run(
    process.execPath,
    ['--import', 'tsx', 'demo/gallery/photograph.ts', ...process.argv.slice(2)],
    {
      cwd: root,
    },
  );
  return code;
});
