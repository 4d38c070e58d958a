/** Registers `<sync-provider>`. */
import {SyncProvider} from '../sync-provider.js';
import {define} from './define.js';

define('sync-provider', SyncProvider);

declare global {
  interface HTMLElementTagNameMap {
    'sync-provider': SyncProvider;
  }
}

export {SyncProvider};
