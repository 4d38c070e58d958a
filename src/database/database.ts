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
 * Rows may lie in a database of the user's own instead: own.ts says how, and what is the same then (Commits, Rows, below).
 *
 * Journal, outbox and meta are stores of one database, so that one transaction can span them, and separate, so that a
 * worker stuck while writing one does not hold up writers of the other.
 */
import type {Change, Checkpoint, JsonObject, Stage} from '../protocol/protocol.js';
import type {RowQuery} from './query.js';

export type {Checkpoint, Stage} from '../protocol/protocol.js';

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

/**
 * One record of the journal. Their numbers follow one another, but for what was dropped at the old end, and with a stage that
 * was given up: that is said by the record behind it (`from`). `text` is a frame as it came, or what compaction made of several.
 */
export type JournalRecord =
  /** A promotion: its sequence number is the leader's epoch. Or an end of what went before. */
  | {kind: 'fence'; from?: number}
  /** A stage begins behind it; one that was given up before it is gone. */
  | {kind: 'stage'; from?: number}
  /** The stage before it became current. */
  | {kind: 'base'}
  | {kind: 'rows'; text: string; moved?: true}
  | {kind: 'changes'; text: string; part?: number; final?: boolean};

export interface Promotion {
  /** The fencing token: the sequence number of the fence. */
  epoch: number;
  checkpoint: Checkpoint | undefined;
  stage: Stage | undefined;
  /** The name the server knows this database by, where that is no longer the instance's: see `rename`. */
  alias: string | undefined;
}

/** Where the rows reach now: those in use, or those of a snapshot that is on its way. */
export type Moved = {checkpoint: Checkpoint} | {stage: Stage};

/** Where the leader commits to: the journal, or a database of the user's own. */
export interface Commits {
  /** Called when a write that is under way has got something done. */
  progressed: () => void;
  /** Takes it over: from here on every former leader fails to write. @param over aborts */
  promote(over?: AbortSignal): Promise<Promotion>;
  /** Rows and where they reach, in one transaction. Returns the number of the first record, where they are numbered. */
  append(records: readonly JournalRecord[], position: Moved | undefined): Promise<number>;
  /** Begins a snapshot; drops one that was given up. */
  beginStage(stage: Omit<Stage, 'from'>, givenUp: Stage | undefined): Promise<Stage>;
  /** Gives a snapshot up for good: the checkpoint still holds. */
  abandonStage(stage: Stage): Promise<void>;
  /** The snapshot is whole, and takes the place of the rows before it. */
  swap(stage: Stage, checkpoint: Checkpoint): Promise<void>;
  /** The rows stay, and are good for nothing but to be looked at until a snapshot replaces them. */
  forgetCheckpoint(): Promise<void>;
  /** Whether another tab of this database has taken over. */
  isOvertaken(): Promise<boolean>;
  /** From now on the server knows this client by another name. */
  rename(alias: string): Promise<void>;
  /** This tab leads no more: nothing follows. */
  leave(): void;
}

/** A row as a person should see it, given the row as the server has it: the pending operations on top. */
export type Overlay = ReadonlyMap<string, (row: JsonObject | undefined) => JsonObject | undefined>;
/** Asked for once the rows are up to date: which operations still lie on top depends on how far they reach. */
export type OverlaySource = () => Overlay | undefined;

/** An answer to a live query, by which the next one may be found more cheaply. */
export interface Look {
  /** Undefined where the rows are those of the look before. */
  rows: JsonObject[] | undefined;
}

/** A record of the journal that was just written. */
export interface CommittedRecord {
  sequence: number;
  changes: Change[];
}

/** What answers queries in a tab: the embedded replica, or a database of the user's own. */
export interface Rows {
  /** Up to where what is read here reaches. */
  readonly checkpoint: Checkpoint | undefined;
  /** Looks how far the rows reach now. */
  refresh(): Promise<void>;
  /** More was committed than was looked at: whoever reads from now on looks for it. */
  outdated(): void;
  /** What the leader has just committed. */
  ingest(records: readonly CommittedRecord[], checkpoint: Checkpoint): Promise<void>;
  /** What it has just put into a stage, where readers can make use of it before it is in use. */
  stage?(stage: Stage, records: readonly CommittedRecord[]): Promise<void>;
  get(type: string, id: string, overlay?: OverlaySource): Promise<JsonObject | undefined>;
  list(type: string, query: RowQuery, overlay?: OverlaySource): Promise<JsonObject[]>;
  count(type: string, query: RowQuery, overlay?: OverlaySource): Promise<number>;
  /** The rows of these types as records that can be staged. Absent: rows that lie here can't be kept while others come. */
  copy?(types: readonly string[]): AsyncIterable<JournalRecord>;
  /** Answers a live query. @param before the answer before this one */
  look(type: string, query: RowQuery, overlay?: OverlaySource, before?: Look): Promise<Look>;
}
