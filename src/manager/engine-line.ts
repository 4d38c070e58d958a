/** How an engine comes to be: a worker of the user's, the package's own worker file, or the page itself. */
import {watchPolicy} from '../platform/browser-page.js';
import {hasWorkers, startWorker} from '../platform/browser-worker.js';
import type {Endpoint} from '../platform/endpoint.js';
import {SyncError} from '../protocol/protocol.js';
import {spawnWorker} from '../worker/spawn-worker.js';

export type WorkerOption = string | URL | (() => Worker);

export interface EngineLine {
  endpoint: Endpoint;
  place: 'worker' | 'page';
  /** Ends the engine: a worker at once, which also frees its lock (an error alone does not), one in the page when it can. */
  end(): void | Promise<void>;
}

/**
 * Begins an engine.
 * @param failed it could not be loaded, or threw where nothing caught it, and why
 * @throws SyncError whose message says why it can't even be tried
 */
export type OpenLine = (failed: (cause: string) => void) => EngineLine | Promise<EngineLine>;

export type EngineLines = Readonly<Record<EngineLine['place'], OpenLine>>;

export function engineLines(option: WorkerOption | undefined): EngineLines {
  return {worker: failed => workerLine(option, failed), page: pageLine};
}

function workerLine(option: WorkerOption | undefined, failed: (cause: string) => void): EngineLine {
  const worker = makeWorker(option);
  let cause = 'its file could not be loaded as a script';
  const unwatch = watchPolicy(directive => {
    if (directive === 'worker-src') cause = "the page's policy refuses it (worker-src)";
  });
  worker.onerror = event => {
    event.preventDefault();
    failed(event.message ? `it threw: ${event.message}` : cause);
  };
  // Chromium 156 has no `onmessageerror` on workers.
  worker.addEventListener('messageerror', () => failed('a message of it could not be read'));
  const end = () => {
    unwatch();
    worker.terminate();
  };
  return {
    place: 'worker',
    endpoint: {
      post: message => worker.postMessage(message),
      listen: listener => {
        worker.onmessage = event => listener(event.data);
      },
      close: end,
    },
    end,
  };
}

function makeWorker(option: WorkerOption | undefined): Worker {
  if (!hasWorkers()) throw new SyncError('worker-failed', 'this browser has no workers');
  try {
    if (typeof option === 'function') return option();
    return option === undefined ? spawnWorker() : startWorker(option);
  } catch (thrown) {
    const {message} = SyncError.from(thrown);
    throw new SyncError('worker-failed', `it was refused (${message})`);
  }
}

/** The engine's code is loaded only now. */
async function pageLine(): Promise<EngineLine> {
  const {startPageEngine} = await import('../worker/page-engine.js');
  const {endpoint, close} = startPageEngine();
  const end = () => {
    endpoint.close();
    // What it fails to close goes with the page.
    return close().catch(() => {});
  };
  return {place: 'page', endpoint, end};
}
