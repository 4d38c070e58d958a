import {type IDBPDatabase, openDB} from 'idb';
import type {Change, Database, DatabaseTransaction} from 'sync-elements';

const TYPES = ['task', 'note'];
const STORES = [...TYPES, 'sync'];

/** One object store a type, keyed by the entity's id, and one for the checkpoint. */
export async function idbDatabase(name: string): Promise<Database & {db: IDBPDatabase}> {
  const db = await openDB(name, 1, {
    upgrade: fresh => {
      for (const store of STORES) fresh.createObjectStore(store);
    },
  });
  return {
    db,
    name,
    async transaction(run) {
      const tx = db.transaction(STORES, 'readwrite');
      // Rejects where the transaction fails: it is awaited below, or, after an abort, of no interest any more.
      tx.done.catch(() => {});
      const put = async ({type, entityType, entityId, data, partial}: Change) => {
        const store = tx.objectStore(entityType);
        if (type === 'delete') return store.delete(entityId);
        return store.put(partial ? {...(await store.get(entityId)), ...data} : data, entityId);
      };
      const ours: DatabaseTransaction = {
        async upsertEntity(entityType, entityId, data, _timestamp, partial = false) {
          await put({type: 'update', entityType, entityId, data: data as Change['data'] & object, partial});
        },
        async deleteEntity(entityType, entityId) {
          await put({type: 'delete', entityType, entityId});
        },
        async applyChanges(changes) {
          // A store does its requests in order, so only a partial update, which reads first, must be waited for.
          let last: Promise<unknown> | undefined;
          for (const change of changes) {
            if (change.partial) await last;
            last = put(change);
            if (change.partial) await last;
          }
          await last;
        },
        readCheckpoint: () => tx.objectStore('sync').get('checkpoint'),
        async writeCheckpoint(checkpoint) {
          await tx.objectStore('sync').put(checkpoint, 'checkpoint');
        },
      };
      try {
        const result = await run(ours);
        await tx.done;
        return result;
      } catch (error) {
        if (!tx.error) abort(tx);
        throw error;
      }
    },
    async clear() {
      const tx = db.transaction(STORES, 'readwrite');
      await Promise.all([...STORES.map(store => tx.objectStore(store).clear()), tx.done]);
    },
    get: (type, id) => db.get(type, id),
    async list(type) {
      const tx = db.transaction(type);
      const [ids, rows] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
      return ids.map((id, index) => ({id: String(id), data: rows[index]}));
    },
  };
}

/** A transaction that is over already can't be, and need not be. */
function abort(tx: {abort(): void}): void {
  try {
    tx.abort();
  } catch {}
}
