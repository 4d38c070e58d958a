/** How an engine comes to be: a worker of the user's, the package's own worker file, or the page itself. */
import {workerFrom} from '../platform/browser-page.js';
import type {Endpoint} from '../platform/endpoint.js';
import {spawnWorker} from '../worker/spawn-worker.js';

export type WorkerOption = string | URL | (() => Worker);

export interface EngineLine {
  endpoint: Endpoint;
  place: 'worker' | 'page';
  /** Ends the engine at once. A worker's lock is released only by this: an error alone keeps it. */
  end(): void;
}

/** @param failed the worker could not be loaded, or threw where nothing caught it */
export function workerLine(option: WorkerOption | undefined, failed: (reason: string) => void): EngineLine {
  const worker = typeof option === 'function' ? option() : option === undefined ? spawnWorker() : workerFrom(option);
  worker.onerror = event => {
    event.preventDefault?.();
    failed(event.message || 'the worker file could not be loaded');
  };
  worker.onmessageerror = () => failed('a message could not be read');
  return {
    place: 'worker',
    endpoint: {
      post: message => worker.postMessage(message),
      listen: listener => {
        worker.onmessage = event => listener(event.data);
      },
      close: () => worker.terminate(),
    },
    end: () => worker.terminate(),
  };
}

/** The engine's code is loaded only now. */
export async function pageLine(): Promise<EngineLine> {
  const {startPageEngine} = await import('../worker/page-engine.js');
  const {endpoint, close} = startPageEngine();
  const end = () => {
    endpoint.close();
    void close();
  };
  return {place: 'page', endpoint, end};
}
