/** The same engine in the page, for where no worker can run. Loaded on demand only. */
import {browserPlatform} from '../platform/browser-platform.js';
import {type Endpoint, portEndpoint} from '../platform/endpoint.js';
import {SyncEngine} from './sync-engine.js';

/** The page's end of a line to a new engine. */
export function startPageEngine(): Endpoint {
  const {port1, port2} = new MessageChannel();
  new SyncEngine(portEndpoint(port2), browserPlatform());
  return portEndpoint(port1);
}
