/** What both clients are given, serialised before any clock runs: the very same bytes, which each reads by its own words. */
import {formatLsn, type Lsn} from '../../src/protocol/lsn.js';
import {FRAME_ROWS, makeRow, rowId, TYPE} from '../ingest/frames.js';

/** Transactions a second of the live traffic, and changes in each. */
export const PACE = {frames: 100, changes: 5};
/** The app shows one owner's rows, and one change in so many is of them. */
const SHOWN_EVERY = 50;

export interface SyncFeed {
  rows: number;
  /** `sync_data`, numbered from 1. */
  frames: string[];
  /** Whose rows the app shows, and how many those are. */
  owner: string;
  owned: number;
  /** Of all rows. */
  lsn: Lsn;
}

const START = 0x1000;
const position = (count: number) => formatLsn(BigInt(START + count));
const change = (at: number, data: object) => ({
  ...{type: 'update', entityType: TYPE, entityId: rowId(at), data},
  timestamp: 1_760_000_000_000,
});

/** @param rows a multiple of 500 */
export function makeFeed(rows: number): SyncFeed {
  const all = Array.from({length: rows}, (_, at) => makeRow(at, rows));
  const owner = String(all[0]?.['owner']);
  const frames = Array.from({length: rows / FRAME_ROWS}, (_, frame) => {
    const from = frame * FRAME_ROWS;
    const changes = all.slice(from, from + FRAME_ROWS).map((row, place) => change(from + place, row));
    return JSON.stringify({type: 'sync_data', stream: 1, n: frame + 1, cursor: rowId(from), changes});
  });
  return {rows, frames, owner, owned: all.filter(row => row['owner'] === owner).length, lsn: position(0)};
}

/** Transactions that follow it, each of a few rows that are there already. */
export function makeLive({rows, frames: {length: sent}, owner}: SyncFeed, count: number): string[] {
  const shown = Array.from({length: rows}, (_, at) => at).filter(at => makeRow(at, rows)['owner'] === owner);
  let made = 0;
  return Array.from({length: count}, (_, frame) => {
    const changes = Array.from({length: PACE.changes}, () => {
      const turn = made++;
      // By steps that share no divisor with their number, so that rows come scattered and each as often as any other.
      const any = (turn * 7919) % rows;
      const at = turn % SHOWN_EVERY === 0 ? (shown[(turn / SHOWN_EVERY) % shown.length] ?? any) : any;
      return change(at, {...makeRow(at, rows), title: `Change ${turn + 1}`});
    });
    const chain = {prevLSN: position(frame), lsn: position(frame + 1), mark: `mark-${frame + 1}`};
    return JSON.stringify({type: 'changes', stream: 1, n: sent + frame + 1, ...chain, changes});
  });
}
