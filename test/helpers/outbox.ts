/** Operations, outboxes and queues with little ceremony. */
import type {Clock} from '../../src/platform/platform.js';
import type {StorageDatabase} from '../../src/platform/storage.js';
import type {Limits, Operation, ServerLimits, Settlement, SyncError} from '../../src/protocol/protocol.js';
import {OperationQueue} from '../../src/queue/operation-queue.js';
import {Outbox, type OutboxListener} from '../../src/queue/outbox.js';
import type {OutboxRecord} from '../../src/queue/queue.js';
import {Settlements} from '../../src/queue/settlements.js';

export const LIMITS: Limits = {
  queueCount: 100,
  queueBytes: 100_000,
  operationBytes: 10_000,
  frameChars: 100_000,
  windowBytes: 100_000,
  rowCacheBytes: 100_000,
  journalSlack: 1000,
};

export const SERVER: ServerLimits = {operation: 10_000, frame: 100_000, operations: 50};

export const record = (id: string, more: Partial<OutboxRecord> = {}): OutboxRecord => ({
  id,
  type: 'upsert',
  entityType: 'task',
  entityId: '1',
  payload: {title: id},
  key: 'task/1',
  priority: 0,
  stage: 'queued',
  createdAt: 1,
  attempts: 0,
  bytes: 10,
  ...more,
});

export const upsert = (id: string, entityId = '1', more: Partial<Operation> = {}): Operation & {id: string} => ({
  id,
  type: 'upsert',
  entityType: 'task',
  entityId,
  payload: {title: id},
  ...more,
});

/** One tab's queue, with all that it told. */
export interface Tab {
  outbox: Outbox;
  queue: OperationQueue;
  /** What it told the other tabs. */
  hints: number[][];
  applied: Settlement[];
  failed: [id: string, error: SyncError][];
}

export async function openTab(
  database: StorageDatabase<'outbox'>,
  clock: Clock,
  limits: Partial<Limits> = {},
  listener: OutboxListener = () => {},
): Promise<Tab> {
  const applied: Tab['applied'] = [];
  const failed: Tab['failed'] = [];
  const hints: number[][] = [];
  const settlements = new Settlements({
    applied: settlement => applied.push(settlement),
    failed: (id, error) => failed.push([id, error]),
  });
  const outbox = new Outbox(database, (...change) => {
    settlements.observe(...change);
    listener(...change);
  });
  const queue = new OperationQueue(
    outbox,
    settlements,
    clock,
    {...LIMITS, ...limits},
    {
      changed: seqs => hints.push([...seqs]),
    },
  );
  await outbox.load();
  return {outbox, queue, hints, applied, failed};
}
