/**
 * Where each row lies: type → id → place in the journal. A place is a record's sequence number and an ordinal within it,
 * packed into one number; a row that partial updates touched has several, the whole row first. Declared columns are kept in
 * order beside it, and what changed of late is remembered.
 */
import type {Change, JsonObject} from '../protocol/protocol.js';
import {ColumnIndex} from './column-index.js';
import {column, keyOf} from './query.js';
import {RecentChanges} from './recent-changes.js';

/** Places of one record: more changes than a frame within its limit can hold. */
export const ORDINALS = 2 ** 20;

export type Place = number | number[];

/** Columns to index, by type. */
export type Indexes = Readonly<Record<string, readonly string[]>>;

export function unpack(place: number): {sequence: number; ordinal: number} {
  return {sequence: Math.floor(place / ORDINALS), ordinal: place % ORDINALS};
}

interface Table {
  rows: Map<string, Place>;
  /** Rows that began with a partial update. */
  torsos: Set<string>;
  columns: ReadonlyMap<string, ColumnIndex> | undefined;
}

export class RowIndex {
  readonly recent = new RecentChanges();
  readonly #indexes: ReadonlyMap<string, readonly string[]>;
  #tables = new Map<string, Table>();

  constructor(indexes: Indexes = {}) {
    this.#indexes = new Map(Object.entries(indexes));
  }

  /** Rows of all types. */
  get size(): number {
    let size = 0;
    for (const {rows} of this.#tables.values()) size += rows.size;
    return size;
  }

  /**
   * Takes in the changes of one record. Deletes leave nothing behind; a partial update of a missing row makes it.
   * @param moved the same rows as before, at another place
   */
  add(sequence: number, changes: readonly Change[], moved = false): void {
    if (!moved) this.recent.add(changes);
    changes.forEach((change, ordinal) => {
      const {rows, torsos, columns} = this.#table(change.entityType);
      const {entityId: id, data = {}, partial} = change;
      const before = rows.get(id);
      if (change.type === 'delete') {
        torsos.delete(id);
        if (!rows.delete(id)) return;
        for (const index of columns?.values() ?? []) index.change(id, undefined);
        return;
      }
      const place = sequence * ORDINALS + ordinal;
      // Compaction may have put the whole row behind it: then this one is a part of what comes.
      if (partial && before === undefined) torsos.add(id);
      if (!partial || before === undefined) rows.set(id, place);
      else if (typeof before === 'number') rows.set(id, [before, place]);
      else before.push(place);
      const isKnown = before !== undefined;
      if (columns && !(moved && isKnown && !torsos.has(id))) keep(columns, id, data, isKnown, partial);
      if (!partial) torsos.delete(id);
    });
  }

  place(type: string, id: string): Place | undefined {
    return this.#tables.get(type)?.rows.get(id);
  }

  rows(type: string): ReadonlyMap<string, Place> {
    return this.#tables.get(type)?.rows ?? new Map();
  }

  /** The declared columns of a type. */
  columns(type: string): ReadonlyMap<string, ColumnIndex> | undefined {
    return this.#tables.get(type)?.columns;
  }

  /** Lets go of all that it holds, for what another one does, which is of no more use then. */
  become(other: RowIndex): void {
    this.#tables = other.#tables;
    this.recent.clear();
  }

  #table(type: string): Table {
    const known = this.#tables.get(type);
    if (known) return known;
    const columns = this.#indexes.get(type)?.map(name => [name, new ColumnIndex()] as const);
    const table = {rows: new Map(), torsos: new Set<string>(), columns: columns && new Map(columns)};
    this.#tables.set(type, table);
    return table;
  }
}

function keep(
  columns: ReadonlyMap<string, ColumnIndex>,
  id: string,
  data: JsonObject,
  existed: boolean,
  partial: boolean | undefined,
): void {
  for (const [name, index] of columns) {
    if (!existed) index.insert(id, keyOf(column(data, name)));
    else if (!partial || Object.hasOwn(data, name)) index.change(id, keyOf(column(data, name)));
  }
}
