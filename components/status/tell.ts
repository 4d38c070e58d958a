/** One description for all elements that show the same state in the same words, made once for each change. */
import type {SyncState} from '../shared/core.js';
import {remembered} from '../shared/remembered.js';
import type {StateFeed} from '../shared/state-feed.js';
import {type Description, describe, type StatusSpeech, type Told} from './describe.js';

interface Memo extends Told {
  feed: StateFeed;
  speech: StatusSpeech;
  state: SyncState;
}

const memory = new WeakMap<StateFeed, WeakMap<StatusSpeech, Memo>>();
/** The one that was asked for last in this task: the next element mostly asks for the same. */
let last: Memo | undefined;
const forget = (): void => {
  last = undefined;
};

/** What to tell now; undefined while there is nothing to show. The same object for as long as it reads the same. */
export function tell(feed: StateFeed, speech: StatusSpeech): Description | undefined {
  const state = feed.shown;
  if (!state) return undefined;
  const now = Date.now();
  if (last?.feed !== feed || last.speech !== speech) {
    last = memory.get(feed)?.get(speech);
    queueMicrotask(forget);
  }
  if (last?.state === state && now < last.until) return last.description;
  const {description, until} = describe(state, speech, now);
  const same = last && JSON.stringify(last.description) === JSON.stringify(description);
  last = {feed, speech, state, until, description: same && last ? last.description : description};
  remembered(memory, feed, () => new WeakMap()).set(speech, last);
  feed.wakeAt(until);
  return last.description;
}
