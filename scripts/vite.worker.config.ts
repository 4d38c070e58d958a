/** The worker, complete in one file: a module worker in a published package has nobody to resolve bare imports. */
import {bundle} from './vite.bundle.js';

export default bundle('src/worker/sync-worker.ts', 'src/worker/sync-worker.js');
