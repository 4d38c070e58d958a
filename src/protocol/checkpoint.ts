/** Up to where rows reach: what is kept beside them, in the embedded replica or in a database of the user's own. */
import type {Want} from './frames.js';
import type {JsonObject} from './json.js';
import type {Lsn} from './lsn.js';

/** Up to where the rows reach, and whose and which rows they are. Commits in the transaction of the rows, always. */
export interface Checkpoint {
  generation: string;
  lsn: Lsn;
  mark?: string;
  subject: string;
  /** Hash of the subscription. */
  subscription: string;
  /** The subscription itself; absent: everything. */
  wants?: Want[];
}

/** A snapshot on its way in: journal records from `from` on, which readers do not look at yet. */
export interface Stage extends Checkpoint {
  from: number;
  /** Types whose rows were copied from those in use, which the server does not send. */
  keep?: string[];
  /** The server's word for where it got to; null before the first rows. */
  cursor: string | null;
  received: number;
  bytes: number;
  total: number | null;
}

/** Up to where a database's rows reach: whole, or those of a snapshot that is on its way; neither of an empty one. */
export type Reach = {at?: Checkpoint; stage?: never} | {stage: Stage; at?: never};

/**
 * What a database of the user's own keeps in the transaction of its rows: plain JSON, stored and given back as it is. Who
 * writes next compares `instance` and `epoch` with its own: they say who may.
 */
export type DatabaseCheckpoint = Reach & {
  /** The client whose rows these are. */
  instance: string;
  /** The leader that wrote last: only one with the same, or a higher one that takes over, may write. */
  epoch: number;
};

/** A batch for a database of the user's own: frames as they came. */
export interface DatabaseRecord {
  text: string;
  /** 1, 2, 3 … of a transaction in parts; nothing of it is written before the final one. */
  part?: number;
  final?: boolean;
}

/** What the engine asks of the page, where the database lives that it can't reach. */
export type DatabaseRequest =
  /**
   * This leader writes from now on, and no former one. Answered by what the database holds.
   * @param place whatever client it is, the same for the same database
   */
  | {do: 'take'; instance: string; epoch: number; place: string}
  /**
   * All of it in one transaction, with the new reach.
   * @param clear the rows that are there go first: `must` where there are any
   */
  | {do: 'apply'; records: DatabaseRecord[]; reach: Reach | undefined; clear: 'must' | 'may' | undefined}
  | {do: 'reach'; instance: string}
  | {do: 'get'; type: string; id: string}
  /** @param also ids whose rows are wanted whether the query selects them or not */
  | {do: 'list'; type: string; query: object; after: RowEntry | undefined; also: string[]}
  | {do: 'clear'}
  /** This tab leads no more. */
  | {do: 'leave'};

export interface RowEntry {
  id: string;
  row: JsonObject;
}

/** The answer to `take` and `reach`. `keeps`: the database keeps the checkpoint itself; else it is ours to keep. */
export interface DatabaseHold {
  keeps: boolean;
  reach: Reach;
}

/** The answer to `list`. */
export interface DatabaseRows {
  selected: RowEntry[];
  also: RowEntry[];
}
