/** Starts the worker file. The literal `new Worker(…)` below is what bundlers look for: it must stay as it is. */
import {startWorker} from '../platform/browser-worker.js';

export function spawnWorker(): Worker {
  return startWorker(
    new URL('./sync-worker.js', import.meta.url),
    () => new Worker(new URL('./sync-worker.js', import.meta.url), {type: 'module'}),
  );
}
