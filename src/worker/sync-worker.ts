/** The worker file: an engine at the worker's own port. */
import {browserPlatform} from '../platform/browser-platform.js';
import {workerScopeEndpoint} from '../platform/endpoint.js';
import {SyncEngine} from './sync-engine.js';

new SyncEngine(workerScopeEndpoint(), browserPlatform());
