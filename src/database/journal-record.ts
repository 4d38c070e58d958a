/** What lies in the journal, read back: this format's records, and the place where an older one's would be understood. */
import type {StorageTransaction} from '../platform/storage.js';
import {type Change, isObject, normaliseLsn, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, Floor, JournalRecord, Stage} from './database.js';

/** Characters of a record that is made here rather than by the server: about a frame's. */
export const SEGMENT = 128 * 1024;

/** @param changes as JSON, each */
export function rowsRecord(changes: readonly string[]): JournalRecord & {kind: 'rows'} {
  return {kind: 'rows', text: `{"changes":[${changes.join(',')}]}`};
}

/** A record as readers use it: one that holds no rows has no changes. */
export interface ReadRecord {
  changes: Change[];
  /** Rows of a snapshot, or moved here by compaction: not part of what a transaction may be sent in. */
  isRows: boolean;
  moved: boolean;
  part: number | undefined;
  final: boolean;
  /** What lies behind it is hidden, or was dropped. */
  opens: boolean;
  /** From there up to this one records were dropped. */
  from: number | undefined;
}

const NO_ROWS = {changes: [], isRows: true, moved: false, part: undefined, final: false};

/** @throws SyncError `corrupt-data` */
export function readRecord(sequence: number, stored: unknown): ReadRecord {
  const {kind, text, part, final, moved, from} = isObject(stored) ? stored : {};
  switch (kind) {
    case 'fence':
    case 'stage':
    case 'base':
      return {...NO_ROWS, opens: kind === 'stage', from: isCount(from) ? from : undefined};
    case 'rows':
    case 'changes': {
      const changes = changesOf(text);
      if (!changes) break;
      return {
        changes,
        isRows: kind === 'rows',
        moved: moved === true,
        part: isCount(part) ? part : undefined,
        final: final === true,
        opens: false,
        from: undefined,
      };
    }
  }
  throw corrupt(`record ${sequence} can't be read`);
}

/** It was validated before it was written; only `insert` is still as the server spelled it. */
function changesOf(text: unknown): Change[] | undefined {
  try {
    const {changes} = JSON.parse(String(text)) as {changes?: unknown};
    return Array.isArray(changes) ? changes : undefined;
  } catch {
    return undefined;
  }
}

/** What is said beside the journal. */
export interface Meta {
  base: number | undefined;
  floor: Floor | undefined;
  /** The last record that was written. */
  end: number | undefined;
  stage: Stage | undefined;
  checkpoint: Checkpoint | undefined;
  /** Of what is there and can't be read: it counts as not there, and what is written next takes its place. */
  damage: SyncError | undefined;
}

export async function readMeta(tx: StorageTransaction<ClientStore>): Promise<Meta> {
  const stored = new Map<unknown, unknown>(await tx.entries('meta'));
  const damaged: string[] = [];
  const read = <T>(key: string, isOf: (value: unknown) => value is T): T | undefined => {
    const value = stored.get(key);
    if (value === undefined || isOf(value)) return value;
    damaged.push(key);
    return undefined;
  };
  const base = read('base', isCount);
  const floor = read('floor', isFloor);
  const end = read('end', isCount) ?? 0;
  const [stage, behindStage] = withoutEnd(read('stage', isStage));
  const [checkpoint, behindCheckpoint] = withoutEnd(read('checkpoint', isCheckpoint));
  const damage = damaged.length > 0 ? corrupt(`${damaged.join(', ')} can't be read`) : undefined;
  return {base, floor, end: Math.max(end, behindStage, behindCheckpoint), stage, checkpoint, damage};
}

/** With a position it is told how far the journal reached as it was written. */
function withoutEnd<T extends object>(
  position: (T & {end?: unknown}) | undefined,
): [position: T | undefined, end: number] {
  if (!position) return [undefined, 0];
  const {end, ...rest} = position;
  return [rest as unknown as T, isCount(end) ? end : 0];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFloor(value: unknown): value is Floor {
  return isObject(value) && isCount(value['sequence']) && isCount(value['dropped']);
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (!isObject(value) || normaliseLsn(value['lsn']) === undefined) return false;
  const {generation, subject, subscription, mark = '', wants = []} = value;
  return [generation, subject, subscription, mark].every(text => typeof text === 'string') && Array.isArray(wants);
}

function isStage(value: unknown): value is Stage {
  if (!isCheckpoint(value)) return false;
  const {from, received, bytes, total, cursor, keep = []} = value as Partial<Stage>;
  if (![from, received, bytes, total ?? 0].every(isCount) || !Array.isArray(keep)) return false;
  return cursor === null || typeof cursor === 'string';
}

export function corrupt(what: string): SyncError {
  return new SyncError('corrupt-data', `The rows on this device are damaged: ${what}`, {retryable: true});
}
