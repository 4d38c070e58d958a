/** Reading the memory source's log in the pieces that a `ChangeSource` gives. */
import {formatLsn, parseLsn, SyncError} from '../../../src/protocol/protocol.js';
import {type LogChange, type LogChunk, type LogPosition, WHOLE} from '../change-source.js';
import {changeText} from '../encode.js';
import type {MemoryChange, MemoryState} from './memory-state.js';
import {type MemoryTable, rowText} from './memory-table.js';

export function readChunks(
  state: MemoryState,
  tables: ReadonlyMap<string, MemoryTable>,
  after: LogPosition,
  maxBytes: number,
): LogChunk[] {
  const from = parseLsn(after.lsn) ?? 0n;
  const inside = after.seq !== WHOLE;
  if (from < state.floor.lsn || (inside && from === state.floor.lsn)) {
    throw new SyncError('log-trimmed', 'The log no longer reaches back this far');
  }
  const chunks: LogChunk[] = [];
  let bytes = 0;
  const start = Number(from - state.floor.lsn) - (inside ? 1 : 0);
  for (const entry of state.log.slice(start)) {
    const lsn = formatLsn(entry.lsn);
    const changes: LogChange[] = [];
    let seq = entry.lsn === from ? after.seq : 0;
    for (; seq < entry.changes.length && (bytes < maxBytes || bytes === 0); seq++) {
      const raw = entry.changes[seq];
      const change = raw && encode(raw, seq + 1, tables);
      if (!change) continue;
      bytes += change.text.length;
      changes.push(change);
    }
    const complete = seq >= entry.changes.length;
    chunks.push({lsn, mark: entry.mark, changes, complete, end: {lsn, seq: complete ? WHOLE : seq}});
    if (!complete || bytes >= maxBytes) break;
  }
  return chunks;
}

function encode(change: MemoryChange, seq: number, tables: ReadonlyMap<string, MemoryTable>): LogChange | undefined {
  const table = tables.get(change.table);
  if (!table) return undefined;
  const row = change.row && rowText(table, change.row);
  const old = change.old && rowText(table, change.old);
  return {table: change.table, id: change.id, seq, old, row, text: changeText(change.table, change.id, row)};
}
