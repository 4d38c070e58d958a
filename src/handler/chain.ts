/** The chain of frames: what a data frame is, given where the stream stands. A pure function. */
import {type ChangesFrame, compareLsn, type HeadFrame, type Lsn} from '../protocol/protocol.js';
import type {OpenParts} from './handler.js';

export type Verdict =
  /** The next one: the position moves to its LSN. */
  | {kind: 'next'}
  /** The next part of a transaction: the position waits for the final one. */
  | {kind: 'part'; open: OpenParts}
  /** Seen before: dropped, acknowledged. */
  | {kind: 'duplicate'}
  /** Something before it is missing: nothing of it is applied. */
  | {kind: 'gap'};

export function judge(frame: ChangesFrame | HeadFrame, position: Lsn, open: OpenParts | undefined): Verdict {
  const part = frame.type === 'changes' ? frame.part : undefined;
  if (compareLsn(frame.lsn, position) <= 0) return {kind: 'duplicate'};
  if (frame.prevLSN !== position) return {kind: 'gap'};
  if (frame.type === 'head' || part === undefined) return open ? {kind: 'gap'} : {kind: 'next'};
  const follows = open ? frame.lsn === open.lsn && part === open.part + 1 : part === 1;
  if (!follows) return {kind: 'gap'};
  return frame.type === 'changes' && frame.final ? {kind: 'next'} : {kind: 'part', open: {lsn: frame.lsn, part}};
}
