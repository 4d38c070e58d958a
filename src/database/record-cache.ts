/** Parsed journal records, the most recently used ones within a budget of bytes of their text. */
import type {Change} from '../protocol/protocol.js';

export class RecordCache {
  readonly #budget: number;
  readonly #records = new Map<number, {changes: Change[]; bytes: number}>();
  #bytes = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  get(sequence: number): Change[] | undefined {
    return this.#records.get(sequence)?.changes;
  }

  /** Drops the oldest taken in: scans run from old to new, where dropping the least recently used would drop all in turn. */
  set(sequence: number, changes: Change[], bytes: number): void {
    if (this.#records.has(sequence)) return;
    this.#records.set(sequence, {changes, bytes});
    this.#bytes += bytes;
    for (const [oldest, record] of this.#records) {
      if (this.#bytes <= this.#budget || this.#records.size === 1) return;
      this.#records.delete(oldest);
      this.#bytes -= record.bytes;
    }
  }

  clear(): void {
    this.#records.clear();
    this.#bytes = 0;
  }
}
