/** What the details list, fact by fact: pure, from the snapshot and the refused operations to names and lines. */
import type {detailsTexts} from '../locales/en/details.js';
import type {statusTexts} from '../locales/en/status.js';
import type {Speech} from '../locales/texts.js';
import {withUnit} from '../locales/units.js';
import type {QueuedOperation, SyncState} from '../shared/core.js';
import {operationName, reasonOf} from '../shared/operation-name.js';
import {timeAgo} from '../shared/relative-time.js';
import {timeUntil} from './time-until.js';

export type DetailsKey = keyof typeof statusTexts | keyof typeof detailsTexts;

export interface Fact {
  name: string;
  lines: string[];
}

/** Refused operations that are listed one by one. */
const LISTED = 3;
const BYTES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** `nextAt`: when one of the facts reads differently although nothing happened, in milliseconds since 1970. */
export function factsOf(
  state: SyncState,
  failed: readonly QueuedOperation[],
  speech: Speech<DetailsKey>,
  now: number,
): {facts: Fact[]; nextAt: number} {
  const {texts, format} = speech;
  const say = format.say;
  let nextAt = Number.POSITIVE_INFINITY;
  const ago = (then: number) => {
    const told = timeAgo(then, now);
    nextAt = Math.min(nextAt, told.nextAt);
    return told.step ? format.relative(told.step.value, told.step.unit) : say(texts.justNow);
  };
  const facts: Fact[] = [];
  const add = (name: DetailsKey, lines: (string | false | undefined)[]) => {
    facts.push({name: say(texts[name]), lines: lines.filter(line => typeof line === 'string')});
  };

  const connection = state.isConnected ? texts.connected : state.isConnecting ? texts.connecting : texts.notConnected;
  add('connection', [say(connection), state.error?.code]);
  if (!state.isConnected && state.nextRetryAt !== null && state.nextRetryAt > now) {
    const {value, unit, nextAt: changesAt} = timeUntil(state.nextRetryAt, now);
    nextAt = Math.min(nextAt, changesAt);
    add('nextTry', [format.relative(value, unit)]);
  }
  add('synced', [state.lastSyncedAt === null ? '–' : ago(state.lastSyncedAt)]);
  add('queued', [
    say(texts.waiting, {n: state.pending}),
    state.oldestPendingAt !== null && say(texts.oldest, {ago: ago(state.oldestPendingAt)}),
  ]);
  if (state.failed > 0) {
    const listed = failed.slice(0, LISTED);
    const more = state.failed - listed.length;
    add('failed', [
      ...listed.map(operation => `${operationName(operation, speech)}: ${reasonOf(operation)}`),
      // How many, as long as nobody could say which.
      more > 0 && (listed.length > 0 ? say(texts.andMore, {n: more}) : format.number(more)),
    ]);
  }
  add('thisTab', [say(state.role === 'leader' ? texts.leads : texts.follows), say(texts.tabs, {n: state.tabs})]);
  if (!state.durable) add('storage', [say(texts.notKept)]);
  else if (state.storage) add('storage', used(state.storage, speech));
  return {facts, nextAt};
}

function used(storage: NonNullable<SyncState['storage']>, {texts, format}: Speech<DetailsKey>): (string | false)[] {
  const bytes = (value: number) => {
    const power = Math.min(BYTES.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
    return withUnit(format, value / 1000 ** power, BYTES[power] ?? 'byte', 'short');
  };
  const used = format.say(texts.used, {used: bytes(storage.usage), quota: bytes(storage.quota)});
  return [used, !storage.persisted && format.say(texts.mayClear)];
}
