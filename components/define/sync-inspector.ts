/** Registers `<sync-inspector>`. */
import {SyncInspector} from '../sync-inspector.js';
import {define} from './define.js';

define('sync-inspector', SyncInspector);

declare global {
  interface HTMLElementTagNameMap {
    'sync-inspector': SyncInspector;
  }
}

export {SyncInspector};
