/** What a tab has of one local database: the operations, the rows, and the mirror that says when to read them again. */
import type {ClientStore} from '../database/database.js';
import {Replica} from '../database/replica.js';
import type {StorageDatabase} from '../platform/storage.js';
import type {ErrorRecord, SyncError} from '../protocol/protocol.js';
import {OperationQueue} from '../queue/operation-queue.js';
import {Outbox} from '../queue/outbox.js';
import {Settlements} from '../queue/settlements.js';
import {Mirror} from './mirror.js';
import type {ClientContext} from './worker.js';

export interface LocalData {
  outbox: Outbox;
  queue: OperationQueue;
  replica: Replica;
  mirror: Mirror;
}

export interface DataHooks {
  /** This tab wrote these records of the outbox. */
  queued(seqs: readonly number[]): void;
  /** Rows were found damaged. */
  damaged(error: SyncError): void;
  failed(error: ErrorRecord): void;
}

export function localData(context: ClientContext, database: StorageDatabase<ClientStore>, own: DataHooks): LocalData {
  const {platform, config, hooks} = context;
  const settlements = new Settlements({
    applied: detail => hooks.event({name: 'operation_complete', detail}),
    failed: (id, error) => hooks.event({name: 'operation_error', detail: {id, error: error.toRecord()}}),
  });
  const outbox = new Outbox(database, (seq, after, before) => {
    settlements.observe(seq, after, before);
    const type = after?.entityType ?? before?.entityType;
    if (type !== undefined) hooks.touched([type]);
    hooks.changed();
  });
  const replica = new Replica(database, {
    cacheBytes: config.limits.rowCacheBytes,
    indexes: config.indexes,
    damaged: own.damaged,
  });
  return {
    outbox,
    queue: new OperationQueue(outbox, settlements, platform.clock, config.limits, {changed: own.queued}),
    replica,
    mirror: new Mirror(outbox, replica, platform.clock, {
      changed: hooks.changed,
      touched: () => hooks.touched(null),
      failed: own.failed,
    }),
  };
}
