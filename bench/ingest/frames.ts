/** The same frames for everyone, serialised before any clock runs. Deterministic: two runs send the same bytes. */
import {formatLsn, type Lsn} from '../../src/protocol/lsn.js';
import type {JsonObject} from '../../src/protocol/protocol.js';

export const TYPE = 'item';
export const FRAME_ROWS = 500;
/** Rows of one owner, spread over all frames. */
const OWNED = 50;

export interface Feed {
  /** Changes. */
  rows: number;
  /** Rows that there are in the end: fewer than changes, where some are changed again. */
  distinct: number;
  /** UTF-8 of the frames, so that the server has nothing to do but to send. */
  frames: Buffer[];
  /** Bytes of all frames. */
  bytes: number;
  /** Of the first frame: the position that a client must have reached before. */
  start: Lsn;
  end: Lsn;
}

const WORDS =
  'answer bridge candle desert engine figure garden harbour island journey kettle ladder market needle office planet river silver timber valley window yellow'.split(
    ' ',
  );

/** Any row by its number: an item as applications have them, about 490 bytes with the change around it. */
export function makeRow(at: number, rows: number): JsonObject {
  // Numbers that look scattered, and are the same in each run (a multiplicative hash, Knuth).
  const hash = Math.imul(at + 1, 2_654_435_761) >>> 0;
  const word = (place: number) => WORDS[(hash >>> (place % 24)) % WORDS.length];
  const sentence = (length: number, from: number) => Array.from({length}, (_, place) => word(from + place)).join(' ');
  return {
    id: rowId(at),
    owner: `owner-${hash % Math.max(1, Math.round(rows / OWNED))}`,
    title: sentence(6, at),
    body: sentence(28, at + 7),
    state: ['open', 'doing', 'done', 'dropped'][hash % 4] ?? 'open',
    priority: hash % 10,
    amount: (hash % 1_000_000) / 100,
    isPrivate: hash % 3 === 0,
    updatedAt: 1_760_000_000_000 + at * 1000,
  };
}

export const rowId = (at: number): string => `item-${String(at).padStart(8, '0')}`;

/**
 * @param rows changes, a multiple of 500
 * @param distinct rows that they are of, again and again, each time with other values
 */
export function makeFeed(rows: number, distinct = rows): Feed {
  const position = (frame: number) => formatLsn(BigInt(0x1000 + frame));
  const count = rows / FRAME_ROWS;
  const frames = Array.from({length: count}, (_, frame) => {
    const changes = Array.from({length: FRAME_ROWS}, (_, place) => {
      const at = frame * FRAME_ROWS + place;
      return {
        type: 'update',
        entityType: TYPE,
        entityId: rowId(at % distinct),
        data: {...makeRow(at, rows), id: rowId(at % distinct)},
        timestamp: 1_760_000_000_000,
      };
    });
    return Buffer.from(
      JSON.stringify({
        type: 'changes',
        stream: 1,
        // Number 1 is the empty snapshot before them.
        n: frame + 2,
        prevLSN: position(frame),
        lsn: position(frame + 1),
        mark: `mark-${frame + 1}`,
        // For those who are durable only at the end; unknown fields are ignored.
        ...(frame === count - 1 ? {last: true} : {}),
        changes,
      }),
    );
  });
  return {
    rows,
    distinct,
    frames,
    bytes: frames.reduce((sum, frame) => sum + frame.length, 0),
    start: position(0),
    end: position(count),
  };
}
