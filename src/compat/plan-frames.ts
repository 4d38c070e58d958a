/** The frames of the plan that carry rows, in all their spellings, as changes that have been looked at. */
import {type Change, isObject, type Lsn, normaliseLsn, parseServerFrame, SyncError} from '../protocol/protocol.js';

export interface PlanChanges {
  changes: Change[];
  /** Where the server's history stands with these changes; undefined where the frame does not say. */
  lsn: Lsn | undefined;
}

/**
 * What a frame of the plan changes; undefined where it is of a kind that carries no rows and no LSN.
 * @throws SyncError `bad-frame`: nothing of such a frame counts
 */
export function readPlanFrame(frame: Record<string, unknown>): PlanChanges | undefined {
  switch (frame['type']) {
    case 'changes': {
      const body = isObject(frame['data']) ? {...frame, ...frame['data']} : frame;
      return {changes: check(body['changes']), lsn: lsnOf(body)};
    }
    case 'sync_data':
    case 'batch_update':
      return {changes: check(frame['changes'] ?? frame['data']), lsn: lsnOf(frame)};
    case 'entity_update':
      return {changes: check([{...frame, type: 'update'}]), lsn: lsnOf(frame)};
    case 'entity_delete':
      return {changes: check([{...frame, type: 'delete'}]), lsn: lsnOf(frame)};
    case 'sync_complete':
      return {changes: [], lsn: lsnOf(isObject(frame['data']) ? {...frame, ...frame['data']} : frame)};
    default:
      return undefined;
  }
}

/** By the same checks as the package's own frames: they are written as one, and read again. */
function check(changes: unknown): Change[] {
  const own = {type: 'changes', stream: 0, n: 0, prevLSN: '0/0', lsn: '0/0', changes};
  const frame = parseServerFrame(JSON.stringify(own), Number.POSITIVE_INFINITY);
  return 'changes' in frame ? (frame.changes as Change[]) : [];
}

function lsnOf({lsn}: Record<string, unknown>): Lsn | undefined {
  if (lsn === undefined || lsn === null) return undefined;
  const normal = normaliseLsn(lsn);
  if (normal === undefined) throw new SyncError('bad-frame', "Malformed frame: 'lsn'");
  return normal;
}
