/** Outbox records from operations, through their stages, and as they travel. Pure functions. */
import {type Operation, utf8Length, type WireOperation} from '../protocol/protocol.js';
import {entityKey, type OutboxRecord} from './queue.js';

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

export function sameContent(record: OutboxRecord, operation: Operation): boolean {
  const content = ({type, entityType, entityId, payload, partial, base}: Operation) =>
    JSON.stringify([type, entityType, entityId, payload, partial, base]);
  return content(record) === content(operation);
}

export function markSent(record: OutboxRecord): OutboxRecord {
  return record.stage === 'queued' ? {...record, stage: 'sent'} : record;
}

/** What is remembered of a settled operation: the outcome, not the payload. */
export function done(record: OutboxRecord, endedAt: number): OutboxRecord {
  if (record.stage !== 'applied') return record;
  const {payload: _payload, base: _base, ...outcome} = record;
  return {...outcome, stage: 'done', bytes: 0, endedAt};
}

export function toWire(seq: number, record: OutboxRecord): WireOperation {
  const {id, type, entityType, entityId, payload, partial, base, createdAt} = record;
  const wire: WireOperation = {id, seq, type, timestamp: createdAt};
  if (entityType !== undefined) wire.entityType = entityType;
  if (entityId !== undefined) wire.entityId = entityId;
  if (payload !== undefined) wire.payload = payload;
  if (partial !== undefined) wire.partial = partial;
  if (base !== undefined) wire.base = base;
  return wire;
}
