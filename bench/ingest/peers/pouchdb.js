/** PouchDB: `bulkDocs`. A local document of the same call carries the position, and is written in the same transaction. */
import PouchDB from 'pouchdb-browser';

const POSITION = '_local/position';

export async function open() {
  const database = new PouchDB('pouchdb', {auto_compaction: false});
  await database.info();
  let revision;
  return {
    async keep(changes, lsn) {
      const docs = changes.map(({entityId, data}) => ({...data, _id: entityId}));
      const results = await database.bulkDocs([...docs, {_id: POSITION, lsn, ...(revision && {_rev: revision})}]);
      const refused = results.find(({ok}) => !ok);
      if (refused) throw new Error(`PouchDB refused a document: ${JSON.stringify(refused)}`);
      revision = results.at(-1).rev;
    },
    stored: async () => ({rows: (await database.info()).doc_count, position: (await database.get(POSITION)).lsn}),
  };
}
