/**
 * From the snapshot to what a person is told: an icon, words, and what they can do. Pure, and truthful first: it looks
 * at the facts, not at the one-word status alone, so 'waiting' is never said of what only sleeps on this device.
 */
import type {Speech} from '../locales/texts.js';
import type {SyncState} from '../shared/core.js';

export type IconName = 'saved' | 'waiting' | 'offline' | 'busy' | 'person' | 'warning' | 'paused';
export type Tone = 'good' | 'busy' | 'quiet' | 'attention' | 'bad';

export interface Action {
  request: 'connect' | 'sign-in' | 'retry' | 'reload';
  label: string;
}

export interface Description {
  icon: IconName;
  tone: Tone;
  label: string;
  /** How much waits, or has come; empty where there is nothing to count. */
  count: string;
  /** What else must be said; mostly empty. */
  note: string;
  /** When all was well for the last time, where it isn't now. */
  since: number | null;
  action: Action | undefined;
}

type Sketch = Pick<Description, 'icon' | 'tone' | 'label'> & Partial<Description>;

export function describe(state: SyncState, speech: Speech): Description {
  const {texts} = speech;
  const note = state.durable ? '' : texts.notKept;
  return {count: '', note, since: null, action: undefined, ...sketch(state, speech)};
}

function sketch(state: SyncState, speech: Speech): Sketch {
  const {texts, format} = speech;
  const since = state.lastSyncedAt;
  const kept = keptHere(state, speech);
  const waiting = state.pending > 0 ? texts.waiting(state.pending, format) : '';
  const tryNow: Action = {request: 'connect', label: texts.tryNow};
  switch (state.status) {
    case 'synced':
      return {icon: 'saved', tone: 'good', label: texts.saved};
    case 'pending':
      if (!state.isConnected) return {icon: 'paused', tone: 'quiet', label: texts.notConnected, count: kept, since};
      return {icon: 'waiting', tone: 'busy', label: waiting};
    case 'syncing': {
      const {progress} = state;
      const count = progress ? texts.progress(progress.received, honestTotal(progress), format) : '';
      return {icon: 'busy', tone: 'busy', label: texts.syncing, count};
    }
    case 'connecting':
      return {icon: 'busy', tone: 'busy', label: texts.connecting, count: waiting};
    case 'reconnecting':
      return {icon: 'busy', tone: 'attention', label: texts.reconnecting, count: kept, since, action: tryNow};
    case 'offline':
      return {icon: 'offline', tone: 'attention', label: texts.offline, count: kept, since, action: tryNow};
    case 'needs-auth':
      return {
        icon: 'person',
        tone: 'attention',
        label: texts.signInToSync,
        count: kept,
        action: {request: 'sign-in', label: texts.signIn},
      };
    case 'error':
      return {icon: 'warning', tone: 'bad', count: state.isConnected ? '' : kept, ...failure(state, speech)};
    case 'idle':
      return {icon: 'paused', tone: 'quiet', label: texts.notConnected, count: kept, since};
  }
}

function failure(state: SyncState, {texts, format}: Speech): Pick<Description, 'label' | 'action'> {
  const action = state.error?.action ?? 'none';
  const tryAgain = texts.tryAgain;
  switch (action) {
    case 'review':
      return {
        label: state.failed > 0 ? texts.attention(state.failed, format) : texts.failure.review,
        action: {request: 'retry', label: tryAgain},
      };
    case 'retry':
      return {label: texts.failure.retry, action: {request: 'connect', label: tryAgain}};
    case 'sign-in':
      return {label: texts.failure['sign-in'], action: {request: 'sign-in', label: texts.signIn}};
    case 'reload':
      return {label: texts.failure.reload, action: {request: 'reload', label: texts.reload}};
    case 'free-space':
    case 'none':
      return {label: texts.failure[action], action: undefined};
  }
}

/** What waits here without a line. Where storage doesn't last, 'saved' would be a lie. */
function keptHere(state: SyncState, {texts, format}: Speech): string {
  if (state.pending === 0) return '';
  return state.durable ? texts.onThisDevice(state.pending, format) : texts.inThisTab(state.pending, format);
}

/** A total is the server's guess: once more has come than was to come, it is none. */
function honestTotal(progress: {received: number; total: number | null}): number | null {
  return progress.total !== null && progress.received <= progress.total ? progress.total : null;
}
