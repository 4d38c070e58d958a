/** Nothing is compiled: the files, the published bundle with its worker beside it, and the shared CSS, in one folder. */
import {cpSync, rmSync} from 'node:fs';

rmSync('dist', {recursive: true, force: true});
for (const file of ['index.html', 'board.js', 'tasks.js']) cpSync(file, `dist/${file}`);
for (const file of ['sync-elements.js', 'sync-worker.js']) {
  cpSync(`node_modules/sync-elements/dist/${file}`, `dist/${file}`);
}
cpSync('../../styles', 'dist/styles', {recursive: true});
cpSync('../../icon.svg', 'dist/icon.svg');
