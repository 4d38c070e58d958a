/**
 * Bundles made for publishing must keep `new URL('./sync-worker.js', import.meta.url)`: Vite would bundle the worker
 * once more and point at it by a path from the server's root, which is wrong wherever the file is not served from
 * there. So the address is hidden from Vite until the code is written.
 */
import type {Plugin} from 'vite';

const ADDRESS = 'import.meta.url';
/** As long as what it stands for, so that the source maps stay right. */
const HIDDEN = '__WORKER_BASE__';
const WORKER_URL = /new URL\((['"])\.\/sync-worker\.js\1,\s*import\.meta\.url\)/g;

export function keepWorkerUrl(): Plugin {
  return {
    name: 'keep-worker-url',
    enforce: 'pre',
    transform(code) {
      if (!code.includes('./sync-worker.js')) return null;
      return {code: code.replace(WORKER_URL, literal => literal.replace(ADDRESS, HIDDEN)), map: null};
    },
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk') file.code = file.code.replaceAll(HIDDEN, ADDRESS);
      }
    },
  };
}
