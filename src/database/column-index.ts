/**
 * One column of one type in order, for queries that select or sort by it. Entries lie in chunks that follow one another; a
 * chunk is cut and sorted when a query comes to it, so that the first page of many rows costs little more than looking at
 * each once. What changed later lies apart, by id, and hides the entries it replaces, until it is worth working in.
 */
import type {Json} from '../protocol/protocol.js';
import {compareKeys, compareSame} from './query.js';

/** Keys from `low` to `high`, both included; without one of them there is no end. */
export interface KeyRange {
  low?: Json | undefined;
  high?: Json | undefined;
}

export interface Entry {
  key: Json;
  id: string;
}

interface Chunk {
  /** No entry of it comes before this one; the first chunk has none. */
  low: Entry | undefined;
  entries: Entry[];
  sorted: boolean;
}

/** Entries of a chunk, at the most, once a query has come to it. */
const CHUNK = 1024;
/** The entries looked at to find where to cut; every fourth one becomes the first of a piece. */
const SAMPLES = 64;

export class ColumnIndex {
  readonly #chunks: Chunk[] = [{low: undefined, entries: [], sorted: true}];
  #size = 0;
  /** id → key, undefined where the row is gone. */
  readonly #changed = new Map<string, Json | undefined>();

  /** @param key undefined where the row is gone */
  change(id: string, key: Json | undefined): void {
    this.#changed.set(id, key);
    if (this.#changed.size > 256 + this.#size / 64) this.#workIn();
  }

  /** There was no row of that id. */
  insert(id: string, key: Json): void {
    if (this.#changed.has(id)) return this.change(id, key);
    const chunk = this.#chunks[this.#chunkOf(key, id)] as Chunk;
    chunk.entries.push({key, id});
    chunk.sorted = false;
    this.#size++;
  }

  /** The ids in a range that changed not long ago, in any order. */
  *recent({low, high}: KeyRange): Generator<string, void, void> {
    for (const [id, key] of this.#changed) {
      if (key === undefined) continue;
      if (low !== undefined && compareKeys(key, low) < 0) continue;
      if (high === undefined || compareKeys(key, high) <= 0) yield id;
    }
  }

  /** All others, by key and then id, or the other way round. @param from where to begin within the range */
  *walk({low, high}: KeyRange, descending: boolean, from?: Entry): Generator<Entry, void, void> {
    const [edge, sign] = descending ? [low, -1] : [high, 1];
    const bound = descending ? high : low;
    // Of what is equal to `from` in a descending order all is walked: ids go up in it.
    const start =
      from && (bound === undefined || compareKeys(from.key, bound) * sign >= 0)
        ? from
        : bound !== undefined && {key: bound, id: ''};
    const place = () => (start ? this.#chunkOf(start.key, descending ? undefined : start.id) : -1);
    let at = start ? place() : descending ? this.#chunks.length - 1 : 0;
    for (let first = true; ; at += sign, first = false) {
      for (;;) {
        const chunk = this.#chunks[at];
        if (!chunk) return;
        if (chunk.entries.length <= CHUNK) break;
        const pieces = this.#cut(at, chunk);
        if (first && start) at = place();
        else if (descending) at += pieces - 1;
      }
      const entries = this.#sorted(at);
      const isBefore = (entry: Entry) =>
        start && (descending ? compareKeys(entry.key, start.key) <= 0 : compare(entry, start) < 0);
      // Whole chunks but for the first, where those on the wrong side of the start are passed over.
      const split = first && start ? countWhile(entries, isBefore) : descending ? entries.length : 0;
      for (let index = descending ? split - 1 : split; index >= 0 && index < entries.length; index += sign) {
        const entry = entries[index] as Entry;
        if (edge !== undefined && compareKeys(entry.key, edge) * sign > 0) return;
        if (!this.#changed.has(entry.id)) yield entry;
      }
    }
  }

  /** The last chunk that does not begin behind there; without an id, behind all of that key. */
  #chunkOf(key: Json, id: string | undefined): number {
    let from = 0;
    let to = this.#chunks.length - 1;
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      const {low} = this.#chunks[middle] as Chunk;
      const order = low ? compareKeys(low.key, key) || (id === undefined ? 0 : compareSame(low.id, id)) : -1;
      if (order > 0) to = middle - 1;
      else from = middle;
    }
    return from;
  }

  #sorted(at: number): Entry[] {
    const chunk = this.#chunks[at] as Chunk;
    if (chunk.sorted) return chunk.entries;
    chunk.entries.sort(compare);
    chunk.sorted = true;
    // One text for many rows, instead of one each.
    chunk.entries.forEach((entry, index) => {
      const before = chunk.entries[index - 1];
      if (before?.key === entry.key) entry.key = before.key;
    });
    return chunk.entries;
  }

  /** Puts smaller chunks in the place of a large one. Returns how many. */
  #cut(at: number, {low, entries}: Chunk): number {
    const step = entries.length / SAMPLES;
    const samples = Array.from({length: SAMPLES}, (_, index) => entries[Math.floor(index * step)] as Entry);
    samples.sort(compare);
    const lows = [low, ...samples.filter((_, index) => index > 0 && index % 4 === 0)];
    const pieces = lows.map((low): Chunk => ({low, entries: [], sorted: false}));
    this.#chunks.splice(at, 1, ...pieces);
    for (const entry of entries) this.#chunks[this.#chunkOf(entry.key, entry.id)]?.entries.push(entry);
    return pieces.length;
  }

  #workIn(): void {
    this.#size = 0;
    for (const chunk of this.#chunks) {
      chunk.entries = chunk.entries.filter(({id}) => !this.#changed.has(id));
      this.#size += chunk.entries.length;
    }
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const [id, key] of changed) if (key !== undefined) this.insert(id, key);
  }
}

/** Of what is sorted so that the test holds for the first ones only. */
function countWhile(entries: readonly Entry[], test: (entry: Entry) => unknown): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (test(entries[middle] as Entry)) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compare(a: Entry, b: Entry): number {
  return compareKeys(a.key, b.key) || compareSame(a.id, b.id);
}
