/**
 * The queue room: operations from `enqueue` until the server's answer has come back with the rows. The outbox keeps them
 * (outbox.ts), any tab writes; the leader sends (sending.ts decides what), settles (answers.ts) and sets aside
 * (dead-letters.ts). It never touches rows: what a person sees of their own writes is an overlay (overlay.ts) on what the
 * replica reads. All look-ups are in one index (outbox-index.ts), kept up record by record.
 *
 *            ┌──────────── retryable refusal, lost connection: same id again ─────────────┐
 *            ▼                                                                            │
 *   enqueue ─► queued ─► sent ─► applied ─► done (remembered for a while, then forgotten) │
 *                │         │  ack       rows seen                                         │
 *                │         ├──────────────────────────────────────────────────────────────┘
 *                │         └─► failed ─► retry: queued, at the end │ discard: gone │ replace: gone, another queued
 *                └── behind a failed one of its key: failed (`blocked`)
 */
import type {Json, JsonObject, Lsn, Operation, Settlement} from '../protocol/protocol.js';

/** One record of the outbox, under the number its counter gave. */
export interface OutboxRecord extends Omit<Operation, 'id' | 'key' | 'priority' | 'payload'> {
  id: string;
  key: string;
  priority: number;
  payload?: Json;
  stage: 'queued' | 'sent' | 'applied' | 'failed' | 'done';
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Refusals so far; disconnects are none. */
  attempts: number;
  /** Of the operation as JSON. */
  bytes: number;
  /** With `applied` and `done`: the server's answer. */
  status?: 'applied' | 'duplicate' | 'sent';
  generation?: string;
  lsn?: Lsn;
  /** With `failed`: why. */
  error?: {code: string; message: string};
  row?: JsonObject;
  /** With `done` and `failed`: when. */
  endedAt?: number;
}

/** What becomes of a record. */
export type Change = (record: OutboxRecord) => OutboxRecord;

/** Still without the server's answer. */
export function isUnanswered(record: OutboxRecord): boolean {
  return record.stage === 'queued' || record.stage === 'sent';
}

export function toSettlement(record: OutboxRecord): Settlement {
  const {id, stage, status, lsn} = record;
  if (status === 'sent') return {id, status, lsn: undefined};
  if (stage === 'done') return {id, status: 'echoed', lsn};
  return {id, status: stage === 'applied' ? (status ?? 'applied') : 'sent', lsn};
}

/** What order is kept within by default. An operation that names no entity is ordered with nothing. */
export function entityKey({id, entityType, entityId}: Pick<OutboxRecord, 'id' | 'entityType' | 'entityId'>): string {
  return entityType === undefined ? id : `${entityType}/${entityId ?? ''}`;
}
