/** Starts the worker file. The literal below is what bundlers look for: it must stay as it is. */
export function spawnWorker(): Worker {
  return new Worker(new URL('./sync-worker.js', import.meta.url), {type: 'module'});
}
