/**
 * Where each row lies: type → id → place in the journal. A place is a record's sequence number and an ordinal within it,
 * packed into one number; a row that partial updates touched has several, the whole row first.
 */
import type {Change} from '../protocol/protocol.js';

/** Places of one record: more changes than a frame within its limit can hold. */
export const ORDINALS = 2 ** 20;

export type Place = number | readonly number[];

export function unpack(place: number): {sequence: number; ordinal: number} {
  return {sequence: Math.floor(place / ORDINALS), ordinal: place % ORDINALS};
}

export class RowIndex {
  readonly #types = new Map<string, Map<string, Place>>();

  /** Takes in the changes of one record. Deletes leave nothing behind; a partial update of a missing row makes it. */
  add(sequence: number, changes: readonly Change[]): void {
    changes.forEach((change, ordinal) => {
      const rows = this.#types.get(change.entityType) ?? new Map<string, Place>();
      this.#types.set(change.entityType, rows);
      if (change.type === 'delete') {
        rows.delete(change.entityId);
        return;
      }
      const place = sequence * ORDINALS + ordinal;
      const before = change.partial ? rows.get(change.entityId) : undefined;
      rows.set(change.entityId, before === undefined ? place : [before, place].flat());
    });
  }

  place(type: string, id: string): Place | undefined {
    return this.#types.get(type)?.get(id);
  }

  rows(type: string): ReadonlyMap<string, Place> {
    return this.#types.get(type) ?? new Map();
  }

  types(): string[] {
    return [...this.#types].filter(([, rows]) => rows.size > 0).map(([type]) => type);
  }

  clear(): void {
    this.#types.clear();
  }
}
