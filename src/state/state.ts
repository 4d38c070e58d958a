/**
 * The state room: what a person may be told. One frozen snapshot, made by pure functions from the facts that other rooms
 * own, and one word for it. It never asks, never waits, never keeps a fact of its own.
 *
 *   Connection (leader's) ─┐
 *   outbox (own mirror) ───┼─► summarise ─► SyncState ─► page
 *   tab (role, mode …) ────┘
 */
import type {ErrorRecord, Lsn, SyncState, SyncStatus} from '../protocol/protocol.js';
import {freezeState} from './snapshot.js';

/** What the holder of the socket knows, and tells the other tabs. */
export interface ConnectionFacts {
  /** `stopped` by wish; `waiting` for the next try; `connecting` until greeted; then `syncing` until the head is reached. */
  phase: 'stopped' | 'waiting' | 'connecting' | 'syncing' | 'live';
  /** For a moment after another tab has taken the line: what it was before, for the status alone. */
  handover: 'syncing' | 'live' | null;
  lastLSN: Lsn | '';
  /** The server's position at the greeting of the open line. */
  headLSN: Lsn | '';
  attempts: number;
  /** No greeting for 15 s. */
  unreachable: boolean;
  /** A token is missing or was refused; nothing is tried until there is another. */
  needsAuth: boolean;
  /** A short name of the token that the server has taken on the open line; null where there is none. */
  shown: string | null;
  nextRetryAt: number | null;
  progress: SyncState['progress'];
  lastSyncedAt: number | null;
  clockOffset: number;
  latency: number | null;
  tabs: number;
  /** Whether the server answers operations. */
  confirms: boolean;
  /** What stops the stream. */
  error: ErrorRecord | null;
}

/** What the outbox holds, as this tab sees it. */
export interface QueueFacts {
  pending: number;
  inFlight: number;
  failed: number;
  oldestPendingAt: number | null;
}

/** What is this tab's own. */
export interface TabFacts {
  clientId: string;
  role: 'leader' | 'follower';
  mode: 'worker' | 'page';
  durable: boolean;
  online: boolean;
  storage: SyncState['storage'];
}

export const NO_CONNECTION: ConnectionFacts = {
  phase: 'stopped',
  handover: null,
  lastLSN: '',
  headLSN: '',
  attempts: 0,
  unreachable: false,
  needsAuth: false,
  shown: null,
  nextRetryAt: null,
  progress: null,
  lastSyncedAt: null,
  clockOffset: 0,
  latency: null,
  tabs: 1,
  confirms: true,
  error: null,
};

export const EMPTY_QUEUE: QueueFacts = {pending: 0, inFlight: 0, failed: 0, oldestPendingAt: null};

const OPERATIONS_FAILED: NonNullable<SyncState['error']> = {
  code: 'operations-failed',
  message: 'The server refused some changes; they are kept, waiting for a decision',
  action: 'review',
};

const SIGN_IN: NonNullable<SyncState['error']> = {
  code: 'needs-auth',
  message: 'The server wants a valid token',
  action: 'sign-in',
};

/** The snapshot for these facts. */
export function summarise(connection: ConnectionFacts, queue: QueueFacts, tab: TabFacts): SyncState {
  const {phase} = connection;
  const state: SyncState = {
    status: statusOf(connection, queue, tab.online),
    clientId: tab.clientId,
    lastLSN: connection.lastLSN,
    isConnected: phase === 'syncing' || phase === 'live',
    isConnecting: phase === 'connecting',
    reconnectAttempts: connection.attempts,
    role: tab.role,
    mode: tab.mode,
    durable: tab.durable,
    tabs: connection.tabs,
    confirms: connection.confirms,
    pending: queue.pending,
    inFlight: queue.inFlight,
    failed: queue.failed,
    oldestPendingAt: queue.oldestPendingAt,
    progress: connection.progress,
    lastSyncedAt: connection.lastSyncedAt,
    nextRetryAt: connection.nextRetryAt,
    online: tab.online,
    clockOffset: connection.clockOffset,
    latency: connection.latency,
    storage: tab.storage,
    error: errorOf(connection, queue),
  };
  return freezeState(state);
}

/** The first that holds, in the order a person needs to know it. */
export function statusOf(connection: ConnectionFacts, queue: QueueFacts, online: boolean): SyncStatus {
  const phase = connection.handover ?? connection.phase;
  if (connection.needsAuth) return 'needs-auth';
  if (connection.error || queue.failed > 0) return 'error';
  if (phase !== 'stopped' && phase !== 'live' && phase !== 'syncing' && (!online || connection.unreachable)) {
    return 'offline';
  }
  if (phase === 'waiting' || (phase === 'connecting' && connection.attempts > 0)) return 'reconnecting';
  if (phase === 'connecting') return 'connecting';
  if (phase === 'syncing') return 'syncing';
  if (queue.pending > 0) return 'pending';
  return phase === 'live' ? 'synced' : 'idle';
}

function errorOf(connection: ConnectionFacts, queue: QueueFacts): SyncState['error'] {
  if (connection.needsAuth && connection.error?.action !== 'sign-in') return SIGN_IN;
  if (connection.error) {
    const {code, message, action} = connection.error;
    return {code, message, action};
  }
  return queue.failed > 0 ? OPERATIONS_FAILED : null;
}

/** Whether two snapshots say the same, so that listeners hear of changes only. */
export function sameState(a: SyncState, b: SyncState): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Whether they differ in nothing but how far the rows reach, which moves with each transaction of the server's. */
export function sameButPosition(a: SyncState, b: SyncState): boolean {
  return sameState({...a, lastLSN: b.lastLSN, lastSyncedAt: b.lastSyncedAt}, b);
}
