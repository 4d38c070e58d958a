/** Services whose provider holds the line closed: against whoever asks, and from wherever. */
import type {SyncService} from './service.js';

export const heldClosed: WeakSet<SyncService> = new WeakSet();
