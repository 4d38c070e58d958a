/** One description for all elements that show the same state in the same words, made once for each change. */
import type {SyncState} from '../shared/core.js';
import type {StateFeed} from '../shared/state-feed.js';
import {type Description, describe, type StatusSpeech, type Told} from './describe.js';

const memory = new WeakMap<StateFeed, WeakMap<StatusSpeech, Told & {state: SyncState}>>();

/** What to tell now; undefined while there is nothing to show. The same object for as long as it reads the same. */
export function tell(feed: StateFeed, speech: StatusSpeech): Description | undefined {
  const state = feed.shown;
  if (!state) return undefined;
  const bySpeech = memory.get(feed) ?? new WeakMap<StatusSpeech, Told & {state: SyncState}>();
  memory.set(feed, bySpeech);
  const before = bySpeech.get(speech);
  const now = Date.now();
  if (before?.state === state && now < before.until) return before.description;
  const {description, until} = describe(state, speech, now);
  const same = before && JSON.stringify(before.description) === JSON.stringify(description);
  const told = {state, until, description: same ? before.description : description};
  bySpeech.set(speech, told);
  feed.wakeAt(until);
  return told.description;
}
