/** The frames of the plan that carry rows, in all their spellings. */
import {
  type Change,
  isObject,
  LSN_ZERO,
  type Lsn,
  normaliseLsn,
  parseServerFrame,
  SyncError,
} from '../protocol/protocol.js';

export interface PlanRows {
  /** A list of changes, if the server keeps to the plan. */
  changes: unknown;
  /** Where the server's history stands with these changes; undefined where the frame does not say. */
  lsn: Lsn | undefined;
}

/**
 * Where a frame of the plan has its rows, which nobody has looked at yet; undefined where it is of a kind that carries no
 * rows and no LSN.
 * @throws SyncError `bad-frame`: its LSN is none
 */
export function planRows(frame: Record<string, unknown>): PlanRows | undefined {
  const body = isObject(frame['data']) ? {...frame, ...frame['data']} : frame;
  switch (frame['type']) {
    case 'changes':
      return {changes: body['changes'], lsn: lsnOf(body)};
    case 'sync_data':
    case 'batch_update':
      return {changes: frame['changes'] ?? frame['data'], lsn: lsnOf(frame)};
    case 'entity_update':
      return {changes: [changeOf('update', frame)], lsn: lsnOf(frame)};
    case 'entity_delete':
      return {changes: [changeOf('delete', frame)], lsn: lsnOf(frame)};
    case 'sync_complete':
      return {changes: [], lsn: lsnOf(body)};
    default:
      return undefined;
  }
}

export interface PlanChanges extends PlanRows {
  changes: Change[];
}

/**
 * The same for those who apply the changes themselves: they have been looked at, by the checks of the package's own frames.
 * @throws SyncError `bad-frame`: nothing of such a frame counts
 */
export function readPlanFrame(frame: Record<string, unknown>): PlanChanges | undefined {
  const rows = planRows(frame);
  if (!rows) return undefined;
  const own = {type: 'changes', stream: 0, n: 0, prevLSN: LSN_ZERO, lsn: LSN_ZERO, changes: rows.changes};
  const checked = parseServerFrame(JSON.stringify(own), Number.POSITIVE_INFINITY);
  return {...rows, changes: 'changes' in checked ? (checked.changes as Change[]) : []};
}

/** Without the frame's own fields: they are not the row's. */
function changeOf(type: Change['type'], {entityType, entityId, data, timestamp, partial}: Record<string, unknown>) {
  return {type, entityType, entityId, data, timestamp, partial};
}

function lsnOf({lsn}: Record<string, unknown>): Lsn | undefined {
  if (lsn === undefined || lsn === null) return undefined;
  const normal = normaliseLsn(lsn);
  if (normal === undefined) throw new SyncError('bad-frame', "Malformed frame: 'lsn'");
  return normal;
}
