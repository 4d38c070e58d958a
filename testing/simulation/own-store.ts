/**
 * A database of the user's own, as the pages of one profile share it: rows as JSON, and, if it keeps one, the checkpoint beside
 * them. It keeps the contract of src/database/own.ts in one of two ways: whoever begins a transaction locks all others out, or
 * whoever commits second fails. Faults are armed here and strike at transactions.
 */
import type {Change, DatabaseCheckpoint} from '../../src/protocol/protocol.js';
import {dice} from './dice.js';
import type {Process} from './virtual-time.js';

/** How a run's databases are made. */
export interface OwnKind {
  /** Whether it keeps the checkpoint. */
  keeps: boolean;
  /** Whether a transaction locks others out; else the second of two fails. */
  locks: boolean;
}

/** Of one run in four, from a stream of its own: other plans stay what they were. Two in three keep the checkpoint. */
export function drawOwn(seed: number): OwnKind | undefined {
  const random = dice(seed ^ 0x0d15);
  if (!random.chance(0.25)) return undefined;
  return {keeps: random.chance(0.67), locks: random.chance(0.5)};
}

export interface OwnState {
  /** 'type/id' → row as JSON. */
  rows: ReadonlyMap<string, string>;
  checkpoint: DatabaseCheckpoint | undefined;
}

export interface OwnCommit {
  /** The page that wrote. */
  by: string;
  before: OwnState;
  after: OwnState;
}

/** Strikes at the n-th transaction from when it was armed: as it begins, or as it commits. */
export interface OwnFault {
  n: number;
  kind: 'late' | 'reject' | 'quota' | 'hang' | 'kill-before' | 'kill-after' | 'freeze';
  /** How long it hangs or stands still. */
  ms: number;
}

const EMPTY: OwnState = {rows: new Map(), checkpoint: undefined};

export class OwnStore {
  readonly kind: OwnKind;
  state: OwnState;
  /** Counts commits, and all that takes rows away. */
  version = 0;
  /** The last version whose rows were not those of one moment: a snapshot was on its way into them. */
  lastUnwhole = 0;
  full = false;
  /** Faults that found their transaction. */
  struck = 0;
  /** Pages that are committing, which nobody can stop any more. */
  readonly landing = new Set<Process>();
  fault: OwnFault | undefined;
  readonly #observer: (commit: OwnCommit) => void;
  #holder: Process | undefined;
  readonly #queue: {page: Process; begin: () => void}[] = [];

  /** @param copied the one of which this is a copy */
  constructor(kind: OwnKind, observer: (commit: OwnCommit) => void, copied?: OwnStore) {
    this.kind = kind;
    this.#observer = observer;
    this.state = copied?.state ?? EMPTY;
  }

  /** Whether its rows are those of one moment, as far as it can say. */
  get isWhole(): boolean {
    return this.state.checkpoint?.at !== undefined;
  }

  /** Resolves when a transaction may begin. */
  enter(page: Process): Promise<void> {
    if (!this.kind.locks) return Promise.resolve();
    return new Promise(begin => {
      this.#queue.push({page, begin});
      this.#next();
    });
  }

  leave(page: Process): void {
    if (this.#holder === page) this.#holder = undefined;
    this.#next();
  }

  /** The page is gone, and with it what it was at. */
  release(page: Process): void {
    for (const waiting of this.#queue.filter(each => each.page === page)) {
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
    }
    this.leave(page);
  }

  /** Counts a transaction that is about to begin, or to commit. Returns the fault that strikes it. */
  strike(moment: 'begin' | 'commit'): OwnFault | undefined {
    const {fault} = this;
    if (!fault || (fault.kind === 'late') !== (moment === 'begin') || --fault.n > 0) return undefined;
    this.fault = undefined;
    this.struck++;
    return fault;
  }

  commit(by: string, after: OwnState): void {
    const {state: before} = this;
    this.state = after;
    this.version++;
    if (!this.isWhole) this.lastUnwhole = this.version;
    this.#observer({by, before, after});
  }

  /** The browser threw it away. */
  evict(): void {
    this.state = EMPTY;
    this.lastUnwhole = ++this.version;
  }

  #next(): void {
    if (this.#holder) return;
    const first = this.#queue.shift();
    if (!first) return;
    this.#holder = first.page;
    first.begin();
  }
}

/** What changes make of rows. */
export function changed(rows: ReadonlyMap<string, string>, changes: readonly Change[]): ReadonlyMap<string, string> {
  const after = new Map(rows);
  for (const {type, entityType, entityId, data, partial} of changes) {
    const place = `${entityType}/${entityId}`;
    if (type === 'delete') after.delete(place);
    else after.set(place, JSON.stringify(partial ? {...JSON.parse(after.get(place) ?? '{}'), ...data} : data));
  }
  return after;
}
