/** One file to copy or to load from a CDN; the worker beside it is a copy of the package's. */
import {bundle} from './vite.bundle.js';

export default bundle('scripts/cdn-entry.ts', 'sync-elements.js');
