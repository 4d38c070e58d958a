/** Seeds by what they are for. A change of the simulator changes what they do: then the lists are drawn up anew. */
import type {Without} from './actions.js';

interface Known {
  seed: number;
  without: Without;
  breaks: string;
  cause: string;
}

/** All have to pass. */
export const FIXED: readonly number[] = Array.from({length: 80}, (_, index) => index + 1);

const NONE: Without = [];
const SOUND_DISK: Without = ['full', 'abort'];

/** What they found is mended; the cause says what it was. */
export const KNOWN: readonly Known[] = [
  {
    seed: 10,
    without: NONE,
    breaks: 'unhandled rejection',
    cause: 'LeaderSession.#opened may reject, is not caught, and the line stays open with nothing going over it',
  },
  {
    seed: 27,
    without: NONE,
    breaks: '12 liveness',
    cause:
      'an error of the storage stays in the state after its cause is gone, until the server happens to send something',
  },
  {
    seed: 69,
    without: NONE,
    breaks: '12 liveness',
    cause: 'a follower that missed the word of a removed operation keeps it in its mirror for good',
  },
  {
    seed: 75,
    without: NONE,
    breaks: '9 rejection',
    cause: 'OperationQueue.historyChanged sends an operation again that is done, without its payload',
  },
  {
    seed: 22,
    without: SOUND_DISK,
    breaks: '12 liveness',
    cause: 'a lost word of a changed operation is never made up for: scans read only what is newer',
  },
  {
    seed: 88,
    without: SOUND_DISK,
    breaks: '9 rejection',
    cause: 'the server is told that operations are settled before that is on the disk for good: a power loss undoes it',
  },
  {
    seed: 1182,
    without: NONE,
    breaks: '5 at most once',
    cause: 'an answered operation leaves the set in flight before its answer is written, and goes out again meanwhile',
  },
  {
    seed: 1018,
    without: NONE,
    breaks: '12 liveness',
    cause: 'a new leader does not look whether acknowledged operations are in the rows already, until the next change',
  },
  {
    seed: 104,
    without: SOUND_DISK,
    breaks: '12 liveness',
    cause: 'Client.#trouble of a follower is never taken back',
  },
];

/** Where to begin looking for each bug, in the order of BUGS. */
export const SEEN_AT: readonly number[] = [1, 1, 1, 193, 65, 1, 1, 1, 1, 2, 1, 160];
