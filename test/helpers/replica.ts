/** Journals and replicas with little ceremony. */
import type {Checkpoint, JournalRecord, Stage} from '../../src/database/database.js';
import type {Journal} from '../../src/database/journal.js';
import type {Change, JsonObject} from '../../src/protocol/protocol.js';

export const update = (entityId: string, data: JsonObject, entityType = 'task'): Change => ({
  type: 'update',
  entityType,
  entityId,
  data,
});
export const partial = (entityId: string, data: JsonObject): Change => ({
  ...update(entityId, data),
  partial: true,
});
export const remove = (entityId: string, entityType = 'task'): Change => ({
  type: 'delete',
  entityType,
  entityId,
});

export const rows = (...changes: Change[]): JournalRecord => ({
  kind: 'rows',
  text: JSON.stringify({type: 'sync_data', changes}),
});
export const changes = (...list: Change[]): JournalRecord => ({
  kind: 'changes',
  text: JSON.stringify({type: 'changes', changes: list}),
});
export const part = (number: number, final: boolean, ...list: Change[]): JournalRecord => ({
  kind: 'changes',
  text: JSON.stringify({type: 'changes', changes: list}),
  part: number,
  final,
});

export const checkpoint = (lsn: string, more: Partial<Checkpoint> = {}): Checkpoint => ({
  generation: 'g',
  lsn,
  subject: 'ana',
  subscription: 'all',
  ...more,
});

export const newStage = (lsn: string, more: Partial<Stage> = {}): Omit<Stage, 'from'> => ({
  ...checkpoint(lsn),
  cursor: null,
  received: 0,
  bytes: 0,
  total: null,
  ...more,
});

/** A whole snapshot, from the first row to the swap. */
export async function snapshot(journal: Journal, lsn: string, ...list: Change[]): Promise<void> {
  const stage = await journal.beginStage(newStage(lsn), undefined);
  if (list.length > 0) await journal.append([rows(...list)], {stage: {...stage, cursor: 'end'}});
  await journal.swap(stage, checkpoint(lsn));
}
