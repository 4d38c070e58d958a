/** IndexedDB by hand, with idb for its promises: a record a row, nobody waits for a single `put`. */
import {openDB} from 'idb';

export async function open() {
  const database = await openDB('idb', 1, {
    upgrade(upgraded) {
      upgraded.createObjectStore('item', {keyPath: 'id'});
      upgraded.createObjectStore('meta');
    },
  });
  return {
    async keep(changes, lsn) {
      const transaction = database.transaction(['item', 'meta'], 'readwrite', {durability: 'relaxed'});
      const rows = transaction.objectStore('item');
      for (const {data} of changes) rows.put(data);
      transaction.objectStore('meta').put(lsn, 'position');
      await transaction.done;
    },
    stored: async () => ({rows: await database.count('item'), position: await database.get('meta', 'position')}),
  };
}
