/** What a close code means for the next step: one table. */
import {
  CLOSE,
  type ErrorAction,
  type ErrorRecord,
  isObject,
  SyncError,
  type SyncErrorFrame,
} from '../protocol/protocol.js';

export type AfterClose =
  /** Try again, after the backoff. */
  | {kind: 'retry'}
  /** Once with a new token; then wait for one. */
  | {kind: 'refresh-token'}
  /** Another leader has taken over. */
  | {kind: 'stand-down'}
  /** Nothing helps but what the error says. */
  | {kind: 'stop'; error: SyncError};

export function afterClose(code: number, reason: string): AfterClose {
  switch (code) {
    case CLOSE.unauthorized:
      return {kind: 'refresh-token'};
    case CLOSE.fenced:
      return {kind: 'stand-down'};
    case CLOSE.forbidden:
      return stop('forbidden', `The server refuses this client: ${reason || 'no reason given'}`, 'sign-in');
    case CLOSE.protocolVersion:
      return stop('protocol-version', 'The server speaks another version of the protocol; reload the page', 'reload');
    case CLOSE.sharedClient:
      return stop('shared-client', 'Two databases with one client id keep replacing each other', 'reload');
    // Also where a frame was not understood, or was too large: a fresh greeting starts from what is durable.
    default:
      return {kind: 'retry'};
  }
}

function stop(code: string, message: string, action: 'sign-in' | 'reload'): AfterClose {
  return {kind: 'stop', error: new SyncError(code, message, {action})};
}

export function needsAuth(): SyncError {
  return new SyncError('needs-auth', 'The server wants a valid token', {action: 'sign-in'});
}

/** What a dialect throws where nothing helps but other options; its module has a SyncError of its own. */
export function refusalOf(thrown: unknown): SyncError | undefined {
  const {code, message} = isObject(thrown) ? thrown : {};
  return code === 'invalid-options' ? new SyncError(code, String(message)) : undefined;
}

const HELP: ReadonlyMap<string, ErrorAction> = new Map([
  ['unauthorized', 'sign-in'],
  ['wrong-subject', 'sign-in'],
  ['forbidden', 'sign-in'],
  ['protocol-version', 'reload'],
  ['draining', 'retry'],
  ['slow-down', 'retry'],
  ['stalled', 'retry'],
  ['internal', 'retry'],
]);

/** A part of what is wanted is not served, which is no reason to do without the rest. */
export function isOfSubscription({code}: SyncErrorFrame): boolean {
  return code === 'unknown-type' || code === 'unknown-column';
}

/** Whether an error says more than that rows could not be written. */
export function isTelling({code}: ErrorRecord): boolean {
  return code === 'quota-exceeded' || code === 'window-exceeded';
}

/** What the server complains of, as an error: with what helps, where that is known. */
export function complaintOf({code, message}: SyncErrorFrame): SyncError {
  const action = HELP.get(code) ?? 'none';
  return new SyncError(code, message, {retryable: action === 'retry', action});
}
