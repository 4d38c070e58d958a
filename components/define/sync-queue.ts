/** Registers `<sync-queue>`. */
import {SyncQueue} from '../sync-queue.js';
import {define} from './define.js';

define('sync-queue', SyncQueue);

declare global {
  interface HTMLElementTagNameMap {
    'sync-queue': SyncQueue;
  }
}

export {SyncQueue};
