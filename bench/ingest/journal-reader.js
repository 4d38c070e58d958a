/**
 * The limit of our reads: a worker that answers a message with what it reads bare from the same journal, by IndexedDB and
 * `JSON.parse` and nothing else.
 */
const opened = (async () => {
  const [{name}] = (await indexedDB.databases()).filter(({name}) => /\/1\/(?!directory)/.test(name));
  return promised(indexedDB.open(name));
})();

function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const records = async () => (await opened).transaction('journal').objectStore('journal');

/** Records read in one go, a few MB: all at once take longer. */
const PART = 16;
let last;
const answers = {
  /** The row of before, from memory: a message there and back. */
  again: () => last,
  /** That, and one look at the database, without which nobody knows what other tabs have written. */
  async look() {
    await promised((await opened).transaction('meta').objectStore('meta').get('epoch'));
    return last;
  },
  /** Reads and parses everything, the next part read while one is parsed, and has every row by its id. */
  async everything() {
    const rows = new Map();
    const store = await records();
    const keys = await promised(store.getAllKeys());
    const read = async at =>
      promised((await records()).getAll(IDBKeyRange.bound(keys[at], keys[Math.min(at + PART, keys.length) - 1])));
    let next = read(0);
    for (let at = 0; at < keys.length; at += PART) {
      const part = await next;
      if (at + PART < keys.length) next = read(at + PART);
      for (const {text} of part) {
        if (text) for (const {entityId, data} of JSON.parse(text).changes) rows.set(entityId, data);
      }
    }
    return rows.size;
  },
  /** The numbers of the records with rows. */
  async places() {
    const store = await records();
    const [keys, values] = await Promise.all([promised(store.getAllKeys()), promised(store.getAll())]);
    return keys.filter((_, at) => values[at].text?.includes('"entityId"'));
  },
  /** Changes and characters that lie there, and records. */
  async weight() {
    const weight = {changes: 0, chars: 0, records: 0};
    const store = await records();
    for (const key of await promised(store.getAllKeys())) {
      const {text = ''} = (await promised((await records()).get(key))) ?? {};
      weight.records++;
      weight.chars += text.length;
      weight.changes += text.split('"entityId"').length - 1;
    }
    return weight;
  },
  /** Reads and parses one record for one row of it. */
  async row({place, ordinal}) {
    const {text} = await promised((await records()).get(place));
    last = JSON.parse(text).changes[ordinal].data;
    return last;
  },
};

addEventListener('message', async ({data: {ask, about}}) => {
  try {
    postMessage({value: await answers[ask](about)});
  } catch (error) {
    postMessage({error: String(error)});
  }
});
