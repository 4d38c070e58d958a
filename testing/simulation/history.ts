/** What lay on the disks, one state behind the other: the rows of each database, and what was queued on top of them. */
import type {JsonObject} from '../../src/protocol/protocol.js';
import {isUnanswered, type OutboxRecord} from '../../src/queue/queue.js';
import type {Stores} from './disk.js';
import {foldJournal} from './replica-fold.js';

const NEVER = Number.POSITIVE_INFINITY;

/** 'type/id' → row as JSON. */
export type Rows = ReadonlyMap<string, string>;

export interface Moment {
  rows: Rows;
  /** Virtual time at which others took their place. */
  until: number;
}

/** A write that is pending, or was. */
export interface Edit {
  seq: number;
  id: string;
  /** 'type/id' */
  key: string;
  type: string;
  payload: JsonObject | undefined;
  partial: boolean;
  /** Without the server's answer: it lies on top wherever it is known. */
  isPending: boolean;
  /** Virtual time since when it lies on top of nothing any more: done, failed or gone. */
  over: number;
}

export class History {
  readonly #now: () => number;
  readonly #rows = new Map<string, {moments: Moment[]; of: unknown[]}>();
  readonly #edits = new Map<string, Map<number, Edit>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param place a profile and its database */
  look(place: string, stores: Stores): Rows {
    return this.#take(place, [stores.get('journal'), stores.get('meta')], () => foldJournal(stores));
  }

  /** The same, of a database of the user's own. */
  lookAtOwn(place: string, rows: Rows): Rows {
    return this.#take(place, [rows], () => rows);
  }

  moments(place: string): readonly Moment[] {
    return this.#rows.get(place)?.moments ?? [];
  }

  edits(place: string): Iterable<Edit> {
    return this.#edits.get(place)?.values() ?? [];
  }

  queued(place: string, records: ReadonlyMap<number, OutboxRecord>): void {
    const edits = this.#edits.get(place) ?? new Map<number, Edit>();
    this.#edits.set(place, edits);
    for (const [seq, edit] of edits) {
      if (records.has(seq)) continue;
      edit.isPending = false;
      edit.over = Math.min(edit.over, this.#now());
    }
    for (const [seq, record] of records) {
      const {id, type, entityType, entityId, payload, partial = false, stage} = record;
      const isPending = isUnanswered(record);
      let edit = edits.get(seq);
      if (edit?.id !== id) {
        const key = `${entityType}/${entityId}`;
        edit = {seq, id, key, type, payload: payload as JsonObject | undefined, partial, isPending, over: NEVER};
        edits.set(seq, edit);
      }
      edit.isPending = isPending;
      edit.over = isPending || stage === 'applied' ? NEVER : Math.min(edit.over, this.#now());
    }
  }

  /** A copy of a profile goes on from what the first one had. */
  copied(from: string, to: string): void {
    for (const [place, edits] of [...this.#edits]) {
      if (!place.startsWith(`${from} `)) continue;
      this.#edits.set(place.replace(from, to), new Map([...edits].map(([seq, edit]) => [seq, {...edit}])));
    }
  }

  #take(place: string, of: unknown[], read: () => Rows): Rows {
    const known = this.#rows.get(place);
    const last = known?.moments.at(-1);
    if (last && of.every((part, index) => part === known?.of[index])) return last.rows;
    const rows = read();
    if (last) last.until = this.#now();
    this.#rows.set(place, {moments: [...(known?.moments ?? []), {rows, until: NEVER}], of});
    return rows;
  }
}
