/** Registers `<sync-status>`. */
import {SyncStatus} from '../sync-status.js';
import {define} from './define.js';

define('sync-status', SyncStatus);

declare global {
  interface HTMLElementTagNameMap {
    'sync-status': SyncStatus;
  }
}

export {SyncStatus};
