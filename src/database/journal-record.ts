/** What lies in the journal, read back: this format's records, and the place where an older one's would be understood. */
import {type Change, isObject, SyncError} from '../protocol/protocol.js';
import type {JournalRecord} from './database.js';

/** Characters of a record that is made here rather than by the server: about a frame's. */
export const SEGMENT = 128 * 1024;

/** @param changes as JSON, each */
export function rowsRecord(changes: readonly string[]): JournalRecord & {kind: 'rows'} {
  return {kind: 'rows', text: `{"changes":[${changes.join(',')}]}`};
}

/** A record as readers use it: one that holds no rows has no changes. */
export interface ReadRecord {
  changes: Change[];
  /** Characters of its text. */
  bytes: number;
  /** Rows of a snapshot, or moved here by compaction: not part of what a transaction may be sent in. */
  isRows: boolean;
  moved: boolean;
  part: number | undefined;
  final: boolean;
}

/** @throws SyncError `corrupt-data` */
export function readRecord(sequence: number, stored: unknown): ReadRecord {
  const {kind, text, part, final, moved} = isObject(stored) ? stored : {};
  switch (kind) {
    case 'fence':
    case 'stage':
    case 'base':
      return {changes: [], bytes: 0, isRows: true, moved: false, part: undefined, final: false};
    case 'rows':
    case 'changes': {
      const changes = changesOf(text);
      if (!changes) break;
      return {
        changes,
        bytes: String(text).length,
        isRows: kind === 'rows',
        moved: moved === true,
        part: part as number | undefined,
        final: final === true,
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

export function corrupt(what: string): SyncError {
  return new SyncError('corrupt-data', `The rows on this device are damaged: ${what}`, {retryable: true});
}
