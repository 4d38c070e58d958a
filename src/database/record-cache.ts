/** Parsed journal records, those taken in last, within a budget of the bytes that they take. */
import type {Change} from '../protocol/protocol.js';

/** Changes of a record that are weighed: those of one record are much alike. */
const SAMPLES = 16;
/** Parts of a row that lie deeper count as nothing. */
const DEPTH = 32;

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
  set(sequence: number, changes: Change[]): void {
    if (this.#records.has(sequence)) return;
    const bytes = bytesOf(changes);
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

/**
 * What parsed changes take in memory, by a few of them. Within a fifth of what Chromium takes, for rows of many kinds, of which
 * the text would be 0.6 to 2 times as long: bench/ingest/heap.ts measures it.
 */
export function bytesOf(changes: readonly Change[]): number {
  const step = Math.max(1, Math.floor(changes.length / SAMPLES));
  const some = changes.filter((_, index) => index % step === 0);
  return Math.ceil((some.reduce((sum, change) => sum + 4 + weigh(change, 0), 0) / some.length || 0) * changes.length);
}

/** Besides the four bytes of its place: short texts are shared, whole numbers lie in their place. */
function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length > 10 ? 14 + value.length * (isWide(value) ? 2 : 1) : 6;
  if (typeof value === 'number') return (value | 0) === value ? 0 : 12;
  if (typeof value !== 'object' || value === null || depth === DEPTH) return 0;
  const inner = Object.values(value).reduce((sum: number, one) => sum + 4 + weigh(one, depth + 1), 0);
  return inner + (Array.isArray(value) ? 28 : 16);
}

function isWide(text: string): boolean {
  return /[^\0-\xff]/.test(text);
}
