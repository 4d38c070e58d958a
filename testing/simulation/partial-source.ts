/** A source that says of a row that has changed only what has: its log names the columns that are another, where that is all. */
import type {ChangeSource, LogChange} from '../../server/source/change-source.js';
import type {JsonObject} from '../../src/protocol/protocol.js';

/** Tables of which no client wants some rows by what is written in them: there a row may come in that was never sent. */
const TABLES = ['task', 'pair'];

export function partialSource(source: ChangeSource): ChangeSource {
  const read: ChangeSource['read'] = async (after, maxBytes) =>
    (await source.read(after, maxBytes)).map(chunk => ({...chunk, changes: chunk.changes.map(shorter)}));
  return new Proxy(source, {
    get: (_, name) => {
      if (name === 'read') return read;
      const value: unknown = Reflect.get(source, name);
      return typeof value === 'function' ? value.bind(source) : value;
    },
  });
}

function shorter(change: LogChange): LogChange {
  const {table, id, old, row} = change;
  if (!TABLES.includes(table) || !old || row === null) return change;
  const [before, after] = [old, row].map(text => JSON.parse(text) as JsonObject) as [JsonObject, JsonObject];
  const data = Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
  // What is merged has to be the same, to the order of the columns.
  if (JSON.stringify({...before, ...data}) !== row) return change;
  return {...change, text: JSON.stringify({type: 'update', entityType: table, entityId: id, data, partial: true})};
}
