/**
 * Answers queries from the journal: any tab's. The index is built on the first read and kept up from then on; each read looks
 * at what was appended since, so a missed announcement costs nothing but a moment.
 */
import type {StorageDatabase} from '../platform/storage.js';
import type {Change, JsonObject, Lsn, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore} from './database.js';
import {corrupt} from './journal-record.js';
import {JournalReader, RowsMoved} from './journal-reader.js';
import {compareKeys, type RowQuery, wrong} from './query.js';
import {planQuery, type QueryPlan} from './query-plan.js';
import type {Indexes, Place} from './row-index.js';
import {Selection} from './selection.js';

/** A row as a person should see it, given the row as the server has it: the pending operations on top. */
export type Overlay = ReadonlyMap<string, (row: JsonObject | undefined) => JsonObject | undefined>;
/** Asked for once the rows are up to date: which operations still lie on top depends on how far they reach. */
export type OverlaySource = () => Overlay | undefined;

/** Changed rows that a live query looks at one by one; beyond, it is asked anew. */
const FEW = 1000;
/** Records that a scan reads in one go. */
const AHEAD = 8;

export interface ReplicaOptions {
  /** Bytes of rows kept parsed. */
  cacheBytes: number;
  indexes?: Indexes | undefined;
  /** Records were found that can't be read. Once, until other rows have taken their place. */
  damaged?: ((error: SyncError) => void) | undefined;
}

/** An answer, and what is needed to look again without asking anew. */
export interface Look {
  /** Undefined where the rows are those of the look before. */
  rows: JsonObject[] | undefined;
  by: Replica;
  moment: number;
  overlaid: ReadonlySet<string>;
  selection: Selection;
}

export class Replica {
  readonly #reader: JournalReader;
  readonly #damaged: (error: SyncError) => void;
  #told = false;
  /** One reader at a time: nobody sees an index half way between two commits. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(database: StorageDatabase<ClientStore>, {cacheBytes, indexes = {}, damaged = () => {}}: ReplicaOptions) {
    this.#reader = new JournalReader(database, cacheBytes, indexes);
    this.#damaged = damaged;
  }

  /** Up to where what is read here reaches. */
  get checkpoint(): Checkpoint | undefined {
    return this.#reader.checkpoint;
  }

  get position(): Lsn | '' {
    return this.checkpoint?.lsn ?? '';
  }
}
