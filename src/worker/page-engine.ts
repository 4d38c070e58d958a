/** The same engine in the page, for where no worker can run. Loaded on demand only. */
import {browserPlatform} from '../platform/browser-platform.js';
import {type Endpoint, localLine} from '../platform/endpoint.js';
import {SyncEngine} from './sync-engine.js';

/** The page's end of a line to a new engine. */
export function startPageEngine(): Endpoint {
  const [page, engine] = localLine();
  new SyncEngine(engine, browserPlatform());
  return page;
}
