/** The plan's dialect, complete in one file: the worker loads it by its address. */
import {bundle} from './vite.bundle.js';

export default bundle('src/compat/plan-dialect.ts', 'src/compat/plan-dialect.js');
