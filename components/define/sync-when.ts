/** Registers `<sync-when>`. */
import {SyncWhen} from '../sync-when.js';
import {define} from './define.js';

define('sync-when', SyncWhen);

declare global {
  interface HTMLElementTagNameMap {
    'sync-when': SyncWhen;
  }
}

export {SyncWhen};
