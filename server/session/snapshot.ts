/** The rows of a snapshot as frames: table by table in key order, by many short queries, each frame with its cursor. */
import type {ChangeSource} from '../source/change-source.js';
import {canTravel, changeText} from '../source/encode.js';
import {type Cursor, encodeCursor} from './cursor.js';
import {FRAME_BYTES, FrameBuffer} from './frame-text.js';
import type {Subscription} from './subscription.js';

/** Rows of the first query, before their size is known, and at the most. */
const FIRST = 500;
const MOST = 2000;

export interface SnapshotFrame {
  changes: string[];
  cursor: string;
}

/** Rows from `at` on, or all, but for types that are kept. The last frame's cursor says that it was the last, even if the frame is empty. */
export async function* snapshotFrames(
  source: ChangeSource,
  subscription: Subscription,
  origin: Omit<Cursor, 'at' | 'read'>,
  at: {table: string; id: string | undefined} | undefined,
): AsyncGenerator<SnapshotFrame, void, void> {
  const buffer = new FrameBuffer();
  const names = [...subscription.tables.keys()].filter(name => !origin.keep.includes(name));
  const start = at ? names.indexOf(at.table) : 0;
  let last = at;
  let limit = FIRST;
  for (const table of names.slice(start)) {
    const filters = subscription.tables.get(table) ?? [];
    let after = at?.table === table ? at.id : undefined;
    for (;;) {
      const page = await source.page({table, after, filters, limit});
      let bytes = 0;
      for (const {id, row} of page.rows) {
        after = id;
        if (!canTravel(id, row)) continue;
        const text = changeText(table, id, row);
        const size = Buffer.byteLength(text);
        if (buffer.isFull(size)) {
          yield {
            changes: buffer.take(),
            cursor: encodeCursor({...origin, read: source.head, at: last ?? {table, id: undefined}}),
          };
        }
        buffer.add(text, size);
        bytes += size;
        last = {table, id};
      }
      if (page.done) break;
      // The next query asks for about one frame's worth.
      const average = bytes / Math.max(1, page.rows.length);
      limit = Math.min(MOST, 2 * limit, Math.max(1, Math.ceil(FRAME_BYTES / Math.max(1, average))));
    }
  }
  yield {changes: buffer.take(), cursor: encodeCursor({...origin, read: source.head, at: null})};
}
