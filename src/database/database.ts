/**
 * The database room: the embedded replica and where it lies. A journal of the server's own frames (journal.ts writes it,
 * only ever at its end; compaction.ts has its old end dropped), an index and a cache of rows in memory (journal-reader.ts
 * keeps them up, replica.ts answers from them), and the directory that knows which local database belongs to whom. It never
 * talks to the server and never decides what to apply.
 *
 *   journal  1 fence · 2 changes · 3 fence · 4 stage │ 5 rows · 6 rows · 7 changes · 8 base │ 9 changes …
 *            └─ dropped by the swap at 8 ───────────┘ └─ meta.base = 5: what readers see ─────────────
 *
 *   later    5 rows · 6 rows · 7 changes │ 8 base · 9 changes · … · 40 changes · 41 rows (those of 5 to 7 in use)
 *            └─ dropped by compaction ───┘ └─ meta.floor = 8: what is left of what readers see
 *
 * Journal, outbox and meta are stores of one database, so that one transaction can span them, and separate, so that a
 * worker stuck while writing one does not hold up writers of the other.
 */
import type {Change, Lsn} from '../protocol/protocol.js';

/** Part of every name: what a newer major version stores lies elsewhere. */
export const STORAGE_FORMAT = 1;

export type ClientStore = 'journal' | 'outbox' | 'meta';

export const CLIENT_STORES: Readonly<Record<ClientStore, {counted?: boolean}>> = {
  journal: {},
  outbox: {counted: true},
  meta: {},
};

/** The name of an instance's database, lock and channel. */
export function instanceName(instance: string): string {
  return `sync-elements/${STORAGE_FORMAT}/${instance}`;
}

/** Up to where the rows reach, and whose and which rows they are. Commits in the transaction of the rows, always. */
export interface Checkpoint {
  generation: string;
  lsn: Lsn;
  mark?: string;
  subject: string;
  /** Hash of the subscription. */
  subscription: string;
}

/** A snapshot on its way in: journal records from `from` on, which readers do not look at yet. */
export interface Stage extends Checkpoint {
  from: number;
  /** The server's word for where it got to; null before the first rows. */
  cursor: string | null;
  received: number;
  bytes: number;
  total: number | null;
}

/** Where compaction has got to: what lies before was dropped, its rows in use were put at the end. */
export interface Floor {
  /** The first record that was kept. */
  sequence: number;
  /** Changes and records that were dropped so far, of all time. */
  dropped: number;
}

/** What compaction has to write, and what it may drop then. */
export interface Salvage {
  /** The last record of the journal when this was gathered. */
  behind: number;
  floor: Floor;
  kept: Change[];
}

/** One record of the journal. `text` is a frame as it came, or what compaction made of several. */
export type JournalRecord =
  /** A promotion: its sequence number is the leader's epoch. */
  | {kind: 'fence'}
  /** A stage begins behind it; one that was given up before it is gone. */
  | {kind: 'stage'}
  /** The stage before it became current. */
  | {kind: 'base'}
  | {kind: 'rows'; text: string; moved?: true}
  | {kind: 'changes'; text: string; part?: number; final?: boolean};
