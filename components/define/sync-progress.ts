/** Registers `<sync-progress>`. */
import {SyncProgress} from '../sync-progress.js';
import {define} from './define.js';

define('sync-progress', SyncProgress);

declare global {
  interface HTMLElementTagNameMap {
    'sync-progress': SyncProgress;
  }
}

export {SyncProgress};
