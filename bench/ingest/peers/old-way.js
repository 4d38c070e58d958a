/**
 * What a client on the main thread did before: socket, parsing and a record a row by idb-keyval, all of it in the page. The
 * position goes into the same `setMany`, and so into the same transaction, which the old client did not even do.
 */
import {createStore, get, keys, setMany} from 'idb-keyval';

const POSITION = 'position';

export async function open() {
  const store = createStore('old-way', 'rows');
  return {
    keep: (changes, lsn) =>
      setMany(
        [...changes.map(({entityType, entityId, data}) => [`${entityType}/${entityId}`, data]), [POSITION, lsn]],
        store,
      ),
    stored: async () => ({rows: (await keys(store)).length - 1, position: await get(POSITION, store)}),
  };
}
