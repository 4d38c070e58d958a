/**
 * From the snapshot to what a person is told: an icon, words, and what they can do. Pure, and truthful first: it looks
 * at the facts, not at the one-word status alone, so 'waiting' is never said of what only sleeps on this device.
 */
import type {statusTexts} from '../locales/en/status.js';
import type {Text} from '../locales/format.js';
import type {Speech} from '../locales/texts.js';
import type {ErrorAction, SyncState} from '../shared/core.js';
import {honestTotal} from '../shared/honest-total.js';
import type {IconName} from '../shared/icons.js';
import {timeAgo} from '../shared/relative-time.js';

export type Tone = 'good' | 'busy' | 'quiet' | 'attention' | 'bad';
type StatusKey = keyof typeof statusTexts;
export type StatusSpeech = Speech<StatusKey>;

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
  /** The number of `count` alone, for where there is no room for more. */
  amount: string;
  /** What else must be said; mostly empty. */
  note: string;
  /** When all was well for the last time, where it isn't now. */
  time: string;
  action: Action | undefined;
  /** The words on the button; empty where there is none. */
  button: string;
  /** For CSS, between blanks: its tone and icon, what it has, and `calm` where `quiet` hides it. */
  look: string;
}

/** A description, and until when it holds while the state stays: milliseconds since 1970. */
export interface Told {
  description: Description;
  until: number;
}

type Sketch = Pick<Description, 'icon' | 'tone' | 'label'> &
  Partial<Omit<Description, 'button' | 'look'>> & {since?: number | null};
type Drawing = Omit<Description, 'button' | 'look'>;

export function describe(state: SyncState, speech: StatusSpeech, now: number): Told {
  const {texts, format} = speech;
  const {since = null, ...told} = sketch(state, speech);
  const note = state.durable ? '' : format.say(texts.notKept);
  const drawing: Drawing = {count: '', amount: '', note, time: '', action: undefined, ...told};
  // Where there is no room for the note, the icon says it: what waits here is not safe.
  if (note && told.tone !== 'good' && told.icon !== 'busy') drawing.icon = 'warning';
  if (since === null) return {description: finished(drawing), until: Number.POSITIVE_INFINITY};
  const {step, nextAt} = timeAgo(since, now);
  const ago = step ? format.relative(step.value, step.unit) : format.say(texts.justNow);
  return {description: finished({...drawing, time: format.say(texts.lastSynced, {ago})}), until: nextAt};
}

function finished(drawing: Drawing): Description {
  const {tone, icon, amount, count, note, time, action} = drawing;
  const button = action?.label ?? '';
  const has = Object.entries({amount, count, note, time, button}).flatMap(([part, text]) =>
    text ? [`has-${part}`] : [],
  );
  const look = [tone, `is-${icon}`, ...has];
  if (tone === 'good' && !note) look.push('calm');
  return {...drawing, button, look: look.join(' ')};
}

function sketch(state: SyncState, {texts, format}: StatusSpeech): Sketch {
  const say = (text: Text, n = 0) => format.say(text, {n});
  const since = state.lastSyncedAt;
  const {pending} = state;
  const amount = pending > 0 ? format.number(pending) : '';
  // Where storage doesn't last, 'saved' would be a lie.
  const kept = pending > 0 ? {count: say(state.durable ? texts.onThisDevice : texts.inThisTab, pending), amount} : {};
  const tryNow: Action = {request: 'connect', label: say(texts.tryNow)};
  const notConnected: Sketch = {icon: 'paused', tone: 'quiet', label: say(texts.notConnected), ...kept, since};
  switch (state.status) {
    case 'synced':
      // It has left this device. That anybody keeps it, such a server never says.
      if (!state.confirms) return {icon: 'sent', tone: 'good', label: say(texts.unconfirmed)};
      return {icon: 'saved', tone: 'good', label: say(texts.saved)};
    case 'pending':
      return state.isConnected ? {icon: 'waiting', tone: 'busy', label: say(texts.waiting, pending)} : notConnected;
    case 'syncing':
      return {icon: 'busy', tone: 'busy', label: say(texts.syncing), count: progressOf(state, {texts, format})};
    case 'connecting': {
      const waiting = pending > 0 ? {count: say(texts.waiting, pending), amount} : {};
      return {icon: 'busy', tone: 'busy', label: say(texts.connecting), ...waiting};
    }
    case 'reconnecting':
      return {icon: 'busy', tone: 'attention', label: say(texts.reconnecting), ...kept, since, action: tryNow};
    case 'offline':
      return {icon: 'offline', tone: 'attention', label: say(texts.offline), ...kept, since, action: tryNow};
    case 'needs-auth': {
      const action: Action = {request: 'sign-in', label: say(texts.signIn)};
      return {icon: 'person', tone: 'attention', label: say(texts.signInToSync), ...kept, action};
    }
    case 'error':
      return {icon: 'warning', tone: 'bad', ...(state.isConnected ? {} : kept), ...failure(state, {texts, format})};
    case 'idle':
      return notConnected;
  }
}

/** What is said of an error by what a person can do about it, what they can ask for, and the words of that. */
const FAILURES: Partial<
  Record<ErrorAction, readonly [label: StatusKey, request?: Action['request'], words?: StatusKey]>
> = {
  review: ['attention', 'retry'],
  retry: ['interrupted', 'connect'],
  'sign-in': ['signInToSync', 'sign-in', 'signIn'],
  reload: ['outOfDate', 'reload', 'reload'],
  'free-space': ['outOfSpace'],
};

function failure({error, failed}: SyncState, {texts, format}: StatusSpeech): Pick<Description, 'label' | 'action'> {
  const [label, request, words = 'tryAgain'] = FAILURES[error?.action ?? 'none'] ?? ['stopped'];
  const say = (key: StatusKey) => format.say(texts[key], {n: failed});
  return {label: say(label), action: request && {request, label: say(words)}};
}

function progressOf({progress}: SyncState, {texts, format}: StatusSpeech): string {
  if (!progress) return '';
  const total = honestTotal(progress);
  return total === null ? format.number(progress.received) : format.say(texts.progress, {n: progress.received, total});
}
