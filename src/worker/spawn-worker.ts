/** Starts the worker file. The literal `new Worker(…)` below is what bundlers look for: it must stay as it is. */
import {startWorker, writtenWorker} from '../platform/browser-worker.js';

export function spawnWorker(): Worker {
  const {url, options} = writtenWorker(
    () => new Worker(new URL('./sync-worker.js', import.meta.url), {type: 'module'}),
  );
  return startWorker(url, options);
}
