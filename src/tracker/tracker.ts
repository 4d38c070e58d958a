/**
 * The tracker room: which tab holds the line for all tabs of one local database. The Web Lock decides; the fence in the
 * journal makes the decision hold against a former leader that has not noticed. Announcements on the channel are hints:
 * who missed one reads storage. It never sends operations and never reads rows.
 *
 *   follower ──lock granted──► promoting ──fence written──► leader
 *      ▲                          │ failed                    │ resign: fenced, closed with 4409
 *      └──────────────────────────┴───────────────────────────┘
 */
import {type ChangesDetail, isObject} from '../protocol/protocol.js';
import type {ConnectionFacts} from '../state/state.js';

/** Raised when the meaning of an announcement changes: tabs of two deploys must not take each other's word. */
export const CHANNEL_FORMAT = 1;

/** What tabs tell each other. */
export type Announcement =
  /** The leader's truth. `rev` rises with each; a lower one of the same epoch is old news. */
  | {kind: 'state'; epoch: number; rev: number; facts: ConnectionFacts}
  /** Rows were committed. */
  | {kind: 'commit'; detail: ChangesDetail}
  /** Records of the outbox were written: which, so that they can be read again. */
  | {kind: 'outbox'; seqs: number[]}
  /** A tab has come, or has gone. */
  | {kind: 'hello'}
  | {kind: 'bye'}
  /** What a follower was asked and only the leader can do. */
  | {kind: 'ask'; what: 'connect' | 'disconnect' | 'forceConnect' | 'resync'}
  /** Another local database is the right one now; the directory says which. */
  | {kind: 'moved'}
  | {kind: 'event'; name: 'sync_started' | 'sync_completed' | 'message'; detail: Record<string, unknown>};

/** The announcement in a message from the channel, or undefined: the channel is open to any script of the origin. */
export function readAnnouncement(message: unknown): Announcement | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const {format, announcement} = message as {format?: unknown; announcement?: Announcement};
  if (format !== CHANNEL_FORMAT || typeof announcement !== 'object' || announcement === null) return undefined;
  return isAnnouncement(announcement) ? announcement : undefined;
}

function isAnnouncement(value: Announcement): boolean {
  switch (value.kind) {
    case 'state':
      return (
        Number.isSafeInteger(value.epoch) && Number.isSafeInteger(value.rev) && typeof value.facts?.phase === 'string'
      );
    case 'commit':
      return Array.isArray(value.detail?.types) && (value.detail.ids === null || Array.isArray(value.detail.ids));
    case 'outbox':
      return Array.isArray(value.seqs) && value.seqs.every(Number.isSafeInteger);
    case 'ask':
      return ['connect', 'disconnect', 'forceConnect', 'resync'].includes(value.what);
    case 'event':
      return ['sync_started', 'sync_completed', 'message'].includes(value.name) && isObject(value.detail);
    case 'hello':
    case 'bye':
    case 'moved':
      return true;
    default:
      return false;
  }
}
