/** What the database checks write: rows of two types, and checkpoints. */
import type {Change, DatabaseCheckpoint, DatabaseTransaction, JsonObject} from '../src/index.js';

/** A way to write changes that every database has, and, where it is there, the bulk path. */
export interface Way {
  name: string;
  write(tx: DatabaseTransaction, changes: readonly Change[]): Promise<void>;
}

export const ROW = {title: 'Water the plants', rank: 2, done: false};

export const update = (entityId: string, data: JsonObject, entityType = 'task'): Change => ({
  type: 'update',
  entityType,
  entityId,
  data: {id: entityId, ...data},
});
export const patch = (entityId: string, data: JsonObject): Change => ({
  type: 'update',
  entityType: 'task',
  entityId,
  data,
  partial: true,
});
export const remove = (entityId: string): Change => ({type: 'delete', entityType: 'task', entityId});
export const row = (id: string, more: JsonObject = {}): JsonObject => ({id, ...ROW, ...more});

export const mark = (epoch: number): DatabaseCheckpoint => ({
  instance: 'a',
  epoch,
  at: {generation: 'g', lsn: '0/A', mark: 'm', subject: 'ana', subscription: 'all'},
});
export const staged: DatabaseCheckpoint = {
  instance: 'a',
  epoch: 1,
  stage: {
    generation: 'g',
    lsn: '0/A',
    subject: 'ana',
    subscription: 'all',
    from: 0,
    cursor: 'c',
    received: 1,
    bytes: 2,
    total: null,
  },
};

export const ONE_BY_ONE: Way = {
  name: 'one by one',
  async write(tx, changes) {
    for (const {type, entityType, entityId, data = {}, timestamp, partial} of changes) {
      if (type === 'delete') await tx.deleteEntity(entityType, entityId, timestamp);
      else await tx.upsertEntity(entityType, entityId, data, timestamp, partial);
    }
  },
};
export const IN_BULK: Way = {
  name: 'in bulk',
  write: async (tx, changes) => (tx.applyChanges ? tx.applyChanges(changes) : ONE_BY_ONE.write(tx, changes)),
};
