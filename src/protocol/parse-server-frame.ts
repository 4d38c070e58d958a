/** What the client takes from a server: the server is hostile until each field has been looked at. */
import {
  badFrame,
  compact,
  count,
  fitting,
  flag,
  id,
  lsn,
  oneOf,
  optional,
  own,
  parseObject,
  text,
  time,
  typeName,
  wait,
} from './check.js';
import type {BatchUpdateFrame, Change, ServerFrame, ServerLimits} from './frames.js';
import {isId, isObject, isTypeName, type JsonObject} from './json.js';
import {findFlaw, hasUnsafeInteger} from './json-flaws.js';

/** A frame that none of ours is: the application's own, handed on as a `message` event. */
export interface ForeignFrame {
  foreign: true;
  type: string;
  body: Record<string, unknown>;
}

/**
 * Parses and validates one text frame.
 * @param limit characters, default 8 MiB
 * @throws SyncError `bad-frame`, `frame-too-large`
 */
export function parseServerFrame(source: string, limit = 8 * 1024 * 1024): ServerFrame | ForeignFrame {
  const frame = parseObject(source, limit);
  const type = text(frame, 'type', 255);
  switch (type) {
    case 'welcome':
      return compact({
        type,
        protocol: count(frame, 'protocol'),
        subject: id(frame, 'subject'),
        generation: id(frame, 'generation'),
        headLSN: lsn(frame, 'headLSN'),
        serverTime: time(frame, 'serverTime'),
        heartbeat: count(frame, 'heartbeat'),
        limits: limits(own(frame, 'limits')),
        tokenExpires: optional(frame, 'tokenExpires', time),
        confirms: optional(frame, 'confirms', flag),
      });
    case 'sync_request':
      return {type};
    case 'sync_start':
      return compact({
        type,
        stream: count(frame, 'stream'),
        mode: oneOf(frame, 'mode', ['snapshot', 'backfill', 'catchup', 'live']),
        generation: id(frame, 'generation'),
        lsn: lsn(frame, 'lsn'),
        mark: optional(frame, 'mark', text),
        keep: optional(frame, 'keep', typeNames),
        total: optional(frame, 'total', count),
      });
    case 'sync_data':
      return {
        type,
        stream: count(frame, 'stream'),
        n: count(frame, 'n'),
        changes: changes(own(frame, 'changes'), source),
        cursor: text(frame, 'cursor', 8192),
      };
    case 'changes':
      return compact({
        type,
        stream: count(frame, 'stream'),
        n: count(frame, 'n'),
        prevLSN: lsn(frame, 'prevLSN'),
        lsn: lsn(frame, 'lsn'),
        mark: optional(frame, 'mark', text),
        changes: changes(own(frame, 'changes'), source),
        part: optional(frame, 'part', count),
        final: optional(frame, 'final', flag),
      });
    case 'head':
      return compact({
        type,
        stream: count(frame, 'stream'),
        n: count(frame, 'n'),
        prevLSN: lsn(frame, 'prevLSN'),
        lsn: lsn(frame, 'lsn'),
        mark: optional(frame, 'mark', text),
        serverTime: time(frame, 'serverTime'),
      });
    case 'batch_update':
      return loose(frame, own(frame, 'data'), source);
    case 'entity_update':
    case 'entity_delete': {
      const kind = type === 'entity_update' ? 'update' : 'delete';
      const {entityType, entityId, data, timestamp} = frame;
      return loose(frame, [compact({type: kind, entityType, entityId, data, timestamp})], source);
    }
    case 'sync_complete':
      return compact({
        type,
        stream: count(frame, 'stream'),
        generation: id(frame, 'generation'),
        lsn: lsn(frame, 'lsn'),
        last: optional(frame, 'last', count),
      });
    case 'sync_error':
      return compact({
        type,
        code: text(frame, 'code', 255),
        message: text(frame, 'message'),
        retryAfter: optional(frame, 'retryAfter', wait),
        subject: optional(frame, 'subject', id),
      });
    case 'reset':
      return {type, generation: id(frame, 'generation'), reason: text(frame, 'reason')};
    case 'operation_ack':
      return {
        type,
        id: id(frame, 'id'),
        status: oneOf(frame, 'status', ['applied', 'duplicate', 'sent']),
        generation: id(frame, 'generation'),
        lsn: lsn(frame, 'lsn'),
      };
    case 'operation_nack':
      return compact({
        type,
        id: id(frame, 'id'),
        code: text(frame, 'code', 255),
        message: text(frame, 'message'),
        retryable: flag(frame, 'retryable'),
        retryAfter: optional(frame, 'retryAfter', wait),
        row: optional(frame, 'row', row),
      });
    case 'large_frame':
      return {type, bytes: count(frame, 'bytes')};
    case 'ping':
    case 'pong':
      return {type, t: time(frame, 't')};
    default:
      return foreign(frame);
  }
}

function loose(frame: Record<string, unknown>, list: unknown, source: string): BatchUpdateFrame {
  return compact({type: 'batch_update', changes: changes(list, source), lsn: optional(frame, 'lsn', lsn)});
}

/** It goes on to the page: what structured clone could not carry must not come that far. */
function foreign(frame: Record<string, unknown>): ForeignFrame {
  const type = typeName(frame, 'type');
  const flaw = findFlaw(frame);
  if (flaw && flaw !== 'unsafe-integer') throw badFrame(flaw === 'depth' ? 'too deep' : 'a number out of range');
  return {foreign: true, type, body: frame};
}

function typeNames(frame: Record<string, unknown>, field: string): string[] {
  return fitting(frame, field, list => Array.isArray(list) && list.every(isTypeName));
}

function limits(value: unknown): ServerLimits {
  if (!isObject(value)) throw badFrame("'limits' of 'welcome'");
  return {operation: count(value, 'operation'), frame: count(value, 'frame'), operations: count(value, 'operations')};
}

function row(frame: Record<string, unknown>, field: string): JsonObject {
  return fitting(frame, field, (value): value is JsonObject => {
    const flaw = findFlaw(value);
    return isObject(value) && (!flaw || flaw === 'unsafe-integer');
  });
}

function changes(list: unknown, source: string): Change[] {
  if (!Array.isArray(list)) throw badFrame('its changes are not an array');
  let suspicion = false;
  for (let index = 0; index < list.length; index++) {
    const problem = changeProblem(list[index]);
    if (problem === 'unsafe-integer') suspicion = true;
    else if (problem) throw badFrame(`change ${index}: ${problem}`);
  }
  // Only now, and only then, is the text searched: the numbers were all small in nearly every frame.
  if (suspicion && hasUnsafeInteger(source)) throw badFrame('an integer beyond 2^53; send it as a string');
  return list as Change[];
}

/** What is wrong with a change, in words. `insert` is taken as `update`, in place. */
function changeProblem(change: unknown): string | undefined {
  if (!isObject(change)) return 'not an object';
  if (change['type'] === 'insert') change['type'] = 'update';
  const {type, entityId, data, timestamp, partial} = change;
  if (type !== 'update' && type !== 'delete') return 'unknown type';
  if (!isTypeName(change['entityType'])) return 'entityType';
  if (!isId(entityId)) return 'entityId';
  if (timestamp !== undefined && timestamp !== null && (typeof timestamp !== 'number' || !Number.isFinite(timestamp))) {
    return 'timestamp';
  }
  if (partial !== undefined && partial !== null && typeof partial !== 'boolean') return 'partial';
  if (type === 'delete') return undefined;
  if (!isObject(data)) return 'update without data';
  const flaw = findFlaw(data);
  return flaw === 'depth' ? 'data too deep' : flaw === 'number' ? 'a number out of range' : flaw;
}
