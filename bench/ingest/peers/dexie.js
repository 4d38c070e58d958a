/** Dexie: `bulkPut`, and the position in the same transaction. */
import {Dexie} from 'dexie';

export async function open() {
  const database = new Dexie('dexie');
  database.version(1).stores({item: 'id', meta: ''});
  await database.open();
  return {
    keep: (changes, lsn) =>
      database.transaction('rw', database.item, database.meta, async () => {
        await database.item.bulkPut(changes.map(({data}) => data));
        await database.meta.put(lsn, 'position');
      }),
    stored: async () => ({rows: await database.item.count(), position: await database.meta.get('position')}),
  };
}
