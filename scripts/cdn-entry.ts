/** The bundle for a page without a build: the elements, registered, and the whole headless core beside them. */
export * from '../src/index.js';

import '../components/define/index.js';
