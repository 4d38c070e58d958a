/** Outbox records: from operations, from the store, through their stages, and as they travel. Pure functions. */
import {compact} from '../protocol/check.js';
import {
  isId,
  isObject,
  isTypeName,
  type Json,
  type Operation,
  type OperationAckFrame,
  utf8Length,
  type WireOperation,
} from '../protocol/protocol.js';
import {entityKey, isUnanswered, type OutboxRecord} from './queue.js';

export function newRecord(operation: Operation & {id: string}, createdAt: number): OutboxRecord {
  return {
    ...operation,
    key: operation.key ?? entityKey(operation),
    priority: operation.priority ?? 0,
    stage: 'queued',
    createdAt,
    attempts: 0,
    bytes: utf8Length(JSON.stringify(operation)),
  };
}

const STAGES = new Set<unknown>(['queued', 'sent', 'applied', 'failed', 'done']);
const UNREADABLE = 'unreadable-operation';

/**
 * A record as any version may have stored it, as this one has it. What can't be read (a newer version's, which carries a
 * `format`, or a damaged one) is a failed operation that shows what is stored: it is never sent, and stays as it is until
 * somebody discards or replaces it.
 */
export function readRecord(seq: number, stored: unknown): OutboxRecord {
  const own = isObject(stored) ? stored : {};
  const record = {priority: 0, createdAt: 0, attempts: 0, bytes: 0, ...own} as unknown as OutboxRecord;
  const {id, type, entityType, stage, key} = record;
  const isWhole = isId(id) && isTypeName(type) && STAGES.has(stage) && !('format' in own);
  if (isWhole && (entityType === undefined || isTypeName(entityType)))
    return {...record, key: key ?? entityKey(record)};
  const name = isId(id) ? id : `unreadable/${seq}`;
  return {
    id: name,
    type: 'unreadable',
    key: name,
    priority: 0,
    payload: (stored ?? null) as Json,
    stage: 'failed',
    createdAt: 0,
    attempts: 0,
    bytes: 0,
    error: {code: UNREADABLE, message: 'Another version saved this operation; this one can not read it'},
  };
}

/** Whether sending it again makes sense. */
export function isRetriable(record: OutboxRecord): boolean {
  return record.stage === 'failed' && record.error?.code !== UNREADABLE;
}

/** Whether two records under one number say the same: what an operation is never changes there, only what became of it. */
export function isSame(a: OutboxRecord, b: OutboxRecord): boolean {
  return a.stage === b.stage && a.attempts === b.attempts && a.generation === b.generation && a.lsn === b.lsn;
}

export function markSent(record: OutboxRecord): OutboxRecord {
  return record.stage === 'queued' ? {...record, stage: 'sent'} : record;
}

/** An answer is the truth, also of one that was set aside behind another. */
export function applied(record: OutboxRecord, {status, generation, lsn}: OperationAckFrame): OutboxRecord {
  if (!isUnanswered(record) && record.error?.code !== 'blocked') return record;
  const {error: _error, endedAt: _endedAt, ...sent} = record;
  return {...sent, stage: 'applied', status, generation, lsn};
}

/** Taken by a history of the server's that may be gone. That it was taken once is not forgotten, and not told again. */
export function sentAgain(record: OutboxRecord): OutboxRecord {
  if (record.stage !== 'applied') return record;
  const {generation: _generation, lsn: _lsn, ...sent} = record;
  return {...sent, stage: 'sent'};
}

export function refused(record: OutboxRecord): OutboxRecord {
  return isUnanswered(record) ? {...record, attempts: record.attempts + 1} : record;
}

/** What is remembered of a settled operation: the outcome, not the payload. */
export function done(record: OutboxRecord, endedAt: number): OutboxRecord {
  if (record.stage !== 'applied') return record;
  const {payload: _payload, base: _base, ...outcome} = record;
  return {...outcome, stage: 'done', bytes: 0, endedAt};
}

export function toWire(seq: number, record: OutboxRecord): WireOperation {
  const {id, type, entityType, entityId, payload, partial, base, createdAt: timestamp} = record;
  return compact<WireOperation>({id, seq, type, timestamp, entityType, entityId, payload, partial, base});
}
