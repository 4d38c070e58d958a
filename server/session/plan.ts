/** Where a stream begins: what the client says it holds, held against the source's history. A checkpoint is never believed. */
import {compareLsn, type Lsn, SyncError, type SyncFrame} from '../../src/protocol/protocol.js';
import type {ChangeSource, Position} from '../source/change-source.js';
import {type Cursor, decodeCursor} from './cursor.js';
import {type Subscription, type Subscriptions, sameTypes} from './subscription.js';

/** Why a checkpoint is worth nothing: it travels in `reset`. */
export type ResetReason = 'generation' | 'ahead' | 'unknown-mark' | 'trimmed';

export type Plan =
  | {mode: 'live' | 'catchup'; from: Lsn}
  /**
   * Rows from `at` on (null: they are all out), then everything since `from`.
   * @param keep types whose rows the client holds as of `from`
   */
  | {mode: 'snapshot'; from: Position; at: Cursor['at'] | undefined; keep: string[]; reset: ResetReason | undefined};

export function snapshotAt(from: Position, reset?: ResetReason): Extract<Plan, {mode: 'snapshot'}> {
  return {mode: 'snapshot', from, at: undefined, keep: [], reset};
}

/** Characters of the names of types that are kept: a cursor carries them, and a client takes 8,192 of those. */
const KEEP_CHARS = 2048;
/** Between a mark and the fingerprint of the permissions it was sent under. */
const SEPARATOR = '~';

/**
 * The mark as the client is to keep it. Where permissions narrow what it sees, it names them too: when they change,
 * the checkpoint belongs to other rows, and the client could not know.
 */
export function markFor(subscription: Subscription, mark: string): string {
  const {hash, fingerprint} = subscription;
  return fingerprint === hash ? mark : `${mark}${SEPARATOR}${fingerprint.slice(hash.length + 1)}`;
}

export async function planStream(
  frame: SyncFrame,
  source: ChangeSource,
  {wanted, had}: Subscriptions,
  head: Position,
): Promise<Plan> {
  const resumed = frame.snapshot && (await resume(frame, frame.snapshot, source, wanted));
  if (typeof resumed === 'object') return resumed;
  const {lastLSN} = frame;
  if (lastLSN === undefined) return snapshotAt(head, resumed);
  if (frame.generation !== source.generation) return snapshotAt(head, 'generation');
  const [mark, permissions] = frame.mark?.split(SEPARATOR, 2) ?? [];
  const verdict = await source.verify(lastLSN, mark);
  if (verdict !== 'ok') return snapshotAt(head, verdict);
  // A snapshot that can't be gone on with is nothing to go on from otherwise.
  if (frame.snapshot) return snapshotAt(head, resumed);
  if (isOf(wanted)) return {mode: lastLSN === source.head.lsn ? 'live' : 'catchup', from: lastLSN};
  const keep = mark !== undefined && had && isOf(had) ? fitting(sameTypes(had, wanted)) : [];
  if (mark === undefined || keep.length === 0) return snapshotAt(head);
  return {...snapshotAt({lsn: lastLSN, mark}), keep};

  /** Whether the client's rows are those of this one, under the rules that hold today. */
  function isOf({hash, fingerprint}: Subscription): boolean {
    if (frame.have !== hash) return false;
    if (fingerprint === hash) return permissions === undefined;
    return mark !== undefined && permissions === fingerprint.slice(hash.length + 1);
  }
}

function fitting(types: readonly string[]): string[] {
  let chars = 0;
  return types.filter(type => {
    chars += JSON.stringify(type).length + 1;
    return chars <= KEEP_CHARS;
  });
}

/**
 * A snapshot goes on where its cursor says, if that is of this history and subscription and the log reaches back to it.
 * Once all rows are out the client moves on through the replay: then it stands at an LSN of its own, which its
 * `lastLSN` and `mark` prove, behind the one in the cursor. Its rows may be newer than either: a history that lacks what
 * had been committed when they were read, as after a restore, would never take that back.
 */
async function resume(
  frame: SyncFrame,
  snapshot: NonNullable<SyncFrame['snapshot']>,
  source: ChangeSource,
  subscription: Subscription,
): Promise<Plan | ResetReason | undefined> {
  const cursor = decodeCursor(snapshot.cursor);
  if (!cursor || cursor.generation !== source.generation) return undefined;
  if (cursor.subscription !== subscription.fingerprint) return undefined;
  for (const {lsn, mark} of [cursor, cursor.read]) {
    const verdict = await source.verify(lsn, mark);
    if (verdict === 'unknown-mark' || verdict === 'ahead') return verdict;
  }
  const from = standsAt(frame, snapshot.lsn, cursor);
  if (!from || (await source.verify(from.lsn, from.mark)) !== 'ok') return undefined;
  const {at, keep} = cursor;
  if (keep.some(type => !subscription.tables.has(type)) || (at && keep.includes(at.table))) return undefined;
  if (at && !(await isPlace(source, subscription, at))) return undefined;
  return {mode: 'snapshot', from, at, keep, reset: undefined};
}

function standsAt(frame: SyncFrame, lsn: Lsn, cursor: Cursor): Position | undefined {
  if (lsn === cursor.lsn) return {lsn, mark: cursor.mark};
  const [mark] = frame.mark?.split(SEPARATOR, 1) ?? [];
  const moved = cursor.at === null && compareLsn(lsn, cursor.lsn) > 0 && frame.lastLSN === lsn;
  return moved && mark !== undefined ? {lsn, mark} : undefined;
}

/** Whether rows can be read on from here; asked before anything is promised, as only the database can say. */
async function isPlace(
  source: ChangeSource,
  subscription: Subscription,
  at: NonNullable<Cursor['at']>,
): Promise<boolean> {
  const filters = subscription.tables.get(at.table);
  if (!filters) return false;
  try {
    await source.page({table: at.table, after: at.id, filters, limit: 1});
    return true;
  } catch (error) {
    if (error instanceof SyncError && error.code === 'invalid-cursor') return false;
    throw error;
  }
}
