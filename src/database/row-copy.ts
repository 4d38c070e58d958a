/** Rows that stay while others come: out of the journal, as records for a stage behind it. */
import type {Change} from '../protocol/protocol.js';
import type {JournalRecord} from './database.js';
import type {JournalReader} from './journal-reader.js';
import {rowsRecord, SEGMENT} from './journal-record.js';

/** Records read in one go. */
const AHEAD = 8;

/** Whole rows of these types, in records of about a frame's size, of which one at a time is in memory. */
export async function* copyRows(
  reader: JournalReader,
  reading: <T>(read: () => Promise<T>) => Promise<T>,
  types: readonly string[],
): AsyncGenerator<JournalRecord, void, void> {
  for (const type of types) {
    const ids = await reading(async () => [...reader.index.rows(type).keys()]);
    let next = 0;
    while (next < ids.length) {
      const start = next;
      yield await reading(async () => {
        const texts: string[] = [];
        // From the start again where it was cut short.
        next = start;
        for (let size = 0; next < ids.length && size < SEGMENT; next++) {
          const entityId = ids[next] ?? '';
          const place = reader.index.place(type, entityId);
          if (place === undefined) continue;
          const data = reader.cached(place) ?? (await reader.row(place, AHEAD));
          const text = JSON.stringify({type: 'update', entityType: type, entityId, data} satisfies Change);
          size += text.length;
          texts.push(text);
        }
        return rowsRecord(texts);
      });
    }
  }
}
