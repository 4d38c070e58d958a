/** Has a framework app prepared, shows what that says as it comes, and goes on to the app. */
import {find} from '../shared/page.js';

const name = location.pathname.split('/')[2] ?? '';
const phase = find('#phase');
const log = find('#log');
const failed = find<HTMLElement>('#failed');

find('#title').textContent = `Preparing the ${name} app`;
find('#by-hand').textContent = `node scripts/own-projects.mjs ${name}`;
find('#again').addEventListener('click', () => void prepare());

async function prepare(): Promise<void> {
  failed.hidden = true;
  log.textContent = '';
  let said = '';
  try {
    const response = await fetch('prepare', {method: 'POST'});
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}.`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      said += part.value;
      log.textContent = said;
      phase.textContent = /▸ (.+?) …[^▸]*$/.exec(said)?.[1] ?? phase.textContent;
    }
  } catch (error) {
    said += `\n${error instanceof Error ? error.message : error}\nIs the server still running?`;
  }
  if (said.endsWith('\nready\n')) {
    location.reload();
    return;
  }
  log.textContent = said.replace(/\nfailed\n$/, '');
  phase.textContent = '';
  failed.hidden = false;
  find<HTMLElement>('#again').focus();
}

void prepare();
