/** The same engine in the page, for where no worker can run. Loaded on demand only. */
import {browserPlatform} from '../platform/browser-platform.js';
import {type Endpoint, localLine} from '../platform/endpoint.js';
import {SyncEngine} from './sync-engine.js';

/** The page's end of a line to a new engine, and what ends it: unlike a worker it can't be terminated. */
export function startPageEngine(): {endpoint: Endpoint; close(): Promise<void>} {
  const [page, engine] = localLine();
  const running = new SyncEngine(engine, browserPlatform());
  return {endpoint: page, close: () => running.close()};
}
