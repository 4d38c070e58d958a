import {SyncError} from './errors.js';

/** Why nobody waits any more: the reason given with the signal, if it is one of ours. */
export function cancellation(signal: AbortSignal): SyncError {
  return signal.reason instanceof SyncError ? signal.reason : new SyncError('cancelled', 'Nobody waits any more');
}
