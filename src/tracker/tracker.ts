/**
 * The tracker room: which tab holds the line for all tabs of one local database. The Web Lock decides; the fence in the
 * journal makes the decision hold against a former leader that has not noticed. Announcements on the channel are hints:
 * who missed one reads storage. It never sends operations and never reads rows.
 *
 *            lock granted              fence written
 *   waiting ───────────────► promoting ─────────────► leading
 *    │   ▲                       │ failed, hung          │ resigned, fenced, or the lock was stolen
 *    │   └───────────────────────┴───────────────────────┘
 *    └── the leader is silent, and is no thief: steals the lock, and is promoting
 */
import {type ChangesDetail, isObject, type Lsn} from '../protocol/protocol.js';
import type {ConnectionFacts} from '../state/state.js';

/** Raised when the meaning of an announcement changes: tabs of two deploys must not take each other's word. */
export const CHANNEL_FORMAT = 1;

/** Where a tab's engine runs: one in the page leaves the line to any in a worker. */
export type Place = 'worker' | 'page';

/** What tabs tell each other. */
export type Announcement =
  /** The leader's truth. `rev` rises with each; a lower one of the same epoch is old news. */
  | {kind: 'state'; epoch: number; rev: number; facts: ConnectionFacts}
  /** Rows were committed, on top of those at `after`: what a tab has not heard of lies before it. */
  | {kind: 'commit'; detail: ChangesDetail; after?: Lsn | undefined}
  /** Records of the outbox were written: which, so that they can be read again. */
  | {kind: 'outbox'; seqs: number[]}
  /** The holder of the lock lives: each second, and at once when probed. */
  | {kind: 'beat'; epoch: number; place: Place}
  /** Nothing was heard of the leader: is it there? */
  | {kind: 'probe'}
  /** Of a tab to itself: does its channel work? */
  | {kind: 'echo'; id: string}
  /** A tab has come, or has gone. */
  | {kind: 'hello'; place: Place}
  | {kind: 'bye'}
  /** What a follower was asked and only the leader can do. */
  | {kind: 'ask'; what: 'connect' | 'disconnect' | 'forceConnect' | 'resync'}
  /** Another local database is the right one now; the directory says which. `left`: the user of this one was logged out. */
  | {kind: 'moved'; left?: boolean}
  | {kind: 'event'; name: 'sync_started' | 'sync_completed' | 'message'; detail: Record<string, unknown>};

/** Whether a tab of a newer version of this package sent it. */
export function isOfNewerFormat(message: unknown): boolean {
  return isObject(message) && typeof message['format'] === 'number' && message['format'] > CHANNEL_FORMAT;
}

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
    case 'beat':
      return Number.isSafeInteger(value.epoch) && isPlace(value.place);
    case 'hello':
      return isPlace(value.place);
    case 'echo':
      return typeof value.id === 'string';
    case 'commit':
      return Array.isArray(value.detail?.types) && (value.detail.ids === null || Array.isArray(value.detail.ids));
    case 'outbox':
      return Array.isArray(value.seqs) && value.seqs.every(Number.isSafeInteger);
    case 'ask':
      return ['connect', 'disconnect', 'forceConnect', 'resync'].includes(value.what);
    case 'event':
      return ['sync_started', 'sync_completed', 'message'].includes(value.name) && isObject(value.detail);
    case 'probe':
    case 'bye':
    case 'moved':
      return true;
    default:
      return false;
  }
}

function isPlace(value: unknown): value is Place {
  return value === 'worker' || value === 'page';
}
