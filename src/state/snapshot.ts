/** What a page needs of the snapshot, which is made elsewhere: a first load takes no more of this room than this. */
import type {SyncState} from '../protocol/protocol.js';

/** The snapshot of somebody who has not begun. */
export const IDLE_STATE: SyncState = Object.freeze({
  status: 'idle',
  clientId: '',
  lastLSN: '',
  isConnected: false,
  isConnecting: false,
  reconnectAttempts: 0,
  role: 'follower',
  mode: 'page',
  durable: true,
  tabs: 1,
  confirms: true,
  pending: 0,
  inFlight: 0,
  failed: 0,
  oldestPendingAt: null,
  progress: null,
  lastSyncedAt: null,
  nextRetryAt: null,
  online: true,
  clockOffset: 0,
  latency: null,
  storage: null,
  error: null,
});

/** Frozen through and through: also what a message has just brought, which arrives as a fresh copy. */
export function freezeState(state: SyncState): SyncState {
  for (const part of [state.progress, state.storage, state.error]) Object.freeze(part);
  return Object.freeze(state);
}
