/** What a person's own writes make of the server's rows until those have come back: a pure function of the outbox. */
import {compareLsn, isObject, type JsonObject} from '../protocol/protocol.js';
import type {OutboxRecord} from './queue.js';

type Edit = (row: JsonObject | undefined) => JsonObject | undefined;

/** Where the rows that the overlay lies on reach. */
export interface Reach {
  generation: string;
  lsn: string;
}

/** type → id → edit, the operations of one row in their order. */
export function buildOverlay(
  records: Iterable<OutboxRecord>,
  reach: Reach | undefined,
): Map<string, Map<string, Edit>> {
  const types = new Map<string, Map<string, Edit>>();
  for (const record of records) {
    const edit = covers(record, reach) ? editOf(record) : undefined;
    if (!edit || record.entityType === undefined || record.entityId === undefined) continue;
    const rows = types.get(record.entityType) ?? new Map<string, Edit>();
    types.set(record.entityType, rows);
    const earlier = rows.get(record.entityId);
    rows.set(record.entityId, earlier ? row => edit(earlier(row)) : edit);
  }
  return types;
}

/** Whether the rows may still be without this operation. One the server took counts until the rows have reached it. */
function covers(record: OutboxRecord, reach: Reach | undefined): boolean {
  if (record.stage === 'queued' || record.stage === 'sent') return true;
  if (record.stage === 'failed') return false;
  // What is done was seen by the leader, in a history that may be gone; this tab may be a moment behind.
  if (record.stage === 'done' && record.generation !== reach?.generation) return false;
  return !hasReached(reach, record);
}

/** Whether rows that reach so far hold what the server applied. An answer of another history says nothing of this one. */
export function hasReached(reach: Reach | undefined, {generation, lsn}: {generation?: string; lsn?: string}): boolean {
  if (!reach || lsn === undefined) return false;
  return generation === reach.generation && compareLsn(reach.lsn, lsn) >= 0;
}

/** As the server does it: `upsert` merges columns, `partial` needs a row to merge into. */
function editOf(record: OutboxRecord): Edit | undefined {
  switch (record.type) {
    case 'upsert': {
      const {payload, partial} = record;
      if (!isObject(payload)) return undefined;
      return row => (partial && !row ? undefined : {...row, ...(payload as JsonObject)});
    }
    case 'delete':
      return () => undefined;
    default:
      return undefined;
  }
}
