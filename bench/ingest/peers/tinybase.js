/**
 * TinyBase: rows and position in memory, saved by its IndexedDB persister once at the end. A save writes every table
 * whole, so that one a frame would write 5 GB for 50 MB of rows: of all contenders this one alone is durable only then.
 */
import {createStore} from 'tinybase';
import {createIndexedDbPersister} from 'tinybase/persisters/persister-indexed-db';

export async function open() {
  const store = createStore();
  const persister = createIndexedDbPersister(store, 'tinybase', undefined, error => {
    throw error;
  });
  return {
    async keep(changes, lsn) {
      store.transaction(() => {
        for (const {entityType, entityId, data} of changes) store.setRow(entityType, entityId, data);
        store.setValue('position', lsn);
      });
    },
    finish: () => persister.save(),
    async stored() {
      const other = createStore();
      await createIndexedDbPersister(other, 'tinybase').load();
      return {rows: other.getRowCount('item'), position: other.getValue('position')};
    },
  };
}
