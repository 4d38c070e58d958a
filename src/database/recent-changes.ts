/** Which rows changed since a moment: what a live query looks at again. It goes back a little way only. */
import type {Change} from '../protocol/protocol.js';

/** More changes than this are not worth telling apart. */
const KEPT = 1000;

export class RecentChanges {
  /** Rises with each change. */
  moment = 0;
  #rows: {type: string; id: string}[] = [];

  add(changes: readonly Change[]): void {
    this.moment += changes.length;
    if (changes.length > KEPT) return this.clear();
    for (const {entityType, entityId} of changes) this.#rows.push({type: entityType, id: entityId});
    if (this.#rows.length > KEPT * 2) this.#rows = this.#rows.slice(-KEPT);
  }

  /** Any row may have changed. */
  clear(): void {
    this.moment++;
    this.#rows = [];
  }

  /** Ids of a type that changed since; undefined where that is too long ago, or too many did. */
  since(moment: number, type: string): Set<string> | undefined {
    const count = this.moment - moment;
    if (count > Math.min(KEPT, this.#rows.length)) return undefined;
    return new Set(this.#rows.slice(this.#rows.length - count).flatMap(row => (row.type === type ? [row.id] : [])));
  }
}
