/** What is said of rows and stage, what a stage becomes, and which rows may stay while others come into it. Pure. */
import type {Checkpoint, Stage} from '../database/database.js';
import {compact} from '../protocol/check.js';
import {
  type SyncFrame,
  type SyncStartFrame,
  type SyncState,
  subscriptionHash,
  typeOf,
  type Want,
} from '../protocol/protocol.js';

/** The parts of a greeting that say what is wanted and where the rows are. */
export type Greeting = Pick<
  SyncFrame,
  'stream' | 'generation' | 'lastLSN' | 'mark' | 'have' | 'had' | 'want' | 'snapshot'
>;

/** @param keeps whether rows may stay while those of another subscription come */
export function greetingOf(
  stream: number,
  want: Want[] | undefined,
  keeps: boolean,
  from: Checkpoint | Stage | undefined,
): Greeting {
  if (!from) return compact({stream, want});
  const {generation, lsn, mark, subscription: have, wants = 'all'} = from;
  const had = keeps && have !== subscriptionHash(want) ? wants : undefined;
  const snapshot = 'cursor' in from && from.cursor !== null ? {lsn, cursor: from.cursor} : undefined;
  return compact({stream, want, generation, lastLSN: lsn, mark, have, had, snapshot});
}

export function newStage(
  {generation, lsn, mark, keep, total}: SyncStartFrame,
  subject: string,
  wants: Want[] | undefined,
): Omit<Stage, 'from'> {
  const fresh = {cursor: null, received: 0, bytes: 0, total: total ?? null};
  return compact({generation, lsn, mark, subject, subscription: subscriptionHash(wants), wants, keep, ...fresh});
}

/** Where the rows reach once the stage is whole. */
export function checkpointOf({generation, lsn, mark, subject, subscription, wants}: Stage): Checkpoint {
  return compact({generation, lsn, mark, subject, subscription, wants});
}

export function progressOf({received, total, bytes}: Stage): NonNullable<SyncState['progress']> {
  return {received, total: total === null ? null : Math.max(total, received), bytes};
}

/** Whether a stage is what the server goes on from. */
export function isOf({generation, lsn, keep}: Stage, frame: SyncStartFrame): boolean {
  return generation === frame.generation && lsn === frame.lsn && JSON.stringify(keep) === JSON.stringify(frame.keep);
}

/** Whether the rows of each type that the server says is here are, as of where it begins, and are wanted. */
export function mayKeep(
  {keep = [], generation, lsn}: SyncStartFrame,
  had: Checkpoint | undefined,
  wants: readonly Want[] | undefined,
): boolean {
  if (had?.generation !== generation || had.lsn !== lsn) return false;
  return keep.every(type => names(had.wants, type) && names(wants, type));
}

function names(wants: readonly Want[] | undefined, type: string): boolean {
  return wants?.some(want => typeOf(want) === type) ?? true;
}
