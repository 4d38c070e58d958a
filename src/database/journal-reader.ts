/**
 * Follows the journal: takes what was appended since into the index, and reads single records again for their rows. Each
 * look is one transaction with `meta.base` and `meta.floor`, so neither a swap nor a compaction in another tab is missed.
 */
import type {StorageDatabase} from '../platform/storage.js';
import type {Change, JsonObject} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, Floor, Stage} from './database.js';
import {corrupt, type ReadRecord, readRecord} from './journal-record.js';
import {RecordCache} from './record-cache.js';
import {type Indexes, type Place, RowIndex, unpack} from './row-index.js';

/** Records read in one go: about 8 MiB, so that building an index does not hold the whole journal twice. */
const CHUNK = 64;

export class JournalReader {
  readonly index: RowIndex;
  /** Up to where what was taken in reaches. */
  checkpoint: Checkpoint | undefined;
  /** The last record that the index has taken in. */
  seen = 0;
  /** Parts of a transaction whose final part has not come: not shown. */
  #parts: {sequence: number; changes: Change[]}[] = [];
  readonly #database: StorageDatabase<ClientStore>;
  readonly #cache: RecordCache;
  /** The journal's first record that counts, as of what was read; undefined before the first read. */
  #base: number | undefined;
  #floor: Floor = {sequence: 0, dropped: 0};
  /** What was taken in and, as of then, dropped: changes, and one for each record. */
  #taken = 0;
  #droppedBefore = 0;

  constructor(database: StorageDatabase<ClientStore>, cacheBytes: number, indexes: Indexes) {
    this.#database = database;
    this.#cache = new RecordCache(cacheBytes);
    this.index = new RowIndex(indexes);
  }

  /** Undefined before the first read: nothing is kept up then. */
  get base(): number | undefined {
    return this.#base;
  }

  /** Changes and records in the journal, superseded ones too. */
  get weight(): number {
    return this.#taken - this.#floor.dropped + this.#droppedBefore;
  }

  async readCheckpoint(): Promise<void> {
    this.checkpoint = await this.#database.transaction(
      ['meta'],
      'readonly',
      async tx => (await tx.get('meta', 'checkpoint')) as Checkpoint | undefined,
    );
  }

  async catchUp(): Promise<void> {
    for (;;) {
      const {base, floor, isStale, stage, checkpoint, entries} = await this.#database.transaction(
        ['journal', 'meta'],
        'readonly',
        async tx => {
          const [base = 0, floor, stage, checkpoint] = (await Promise.all([
            tx.get('meta', 'base'),
            tx.get('meta', 'floor'),
            tx.get('meta', 'stage'),
            tx.get('meta', 'checkpoint'),
          ])) as [number?, Floor?, Stage?, Checkpoint?];
          // What compaction dropped unread may have held deletes of what was read.
          const isStale = base !== this.#base || (floor?.sequence ?? 0) > this.seen + 1;
          const from = isStale ? base : this.seen + 1;
          return {
            base,
            floor,
            isStale,
            stage,
            checkpoint,
            entries: await tx.entries('journal', {from, limit: CHUNK, ...(stage ? {to: stage.from} : {})}),
          };
        },
      );
      if (isStale) this.#startOver(base, floor);
      if (floor) this.#floor = floor;
      for (const [key, record] of entries) this.#take(key as number, record);
      if (entries.length < CHUNK) {
        this.checkpoint = checkpoint;
        // Behind a stage nothing counts until the swap, which changes the base.
        if (stage) this.seen = Math.max(this.seen, stage.from - 1);
        return;
      }
    }
  }

  /** A record that this tab has just written, whole: spared from being read and parsed again. False where it is not the next. */
  takeNext(sequence: number, changes: Change[], bytes: number): boolean {
    if (this.#base === undefined || sequence !== this.seen + 1) return false;
    this.#cache.set(sequence, changes, bytes);
    this.#add(sequence, changes);
    return true;
  }

  /** What a row is, if it is at hand without reading. */
  cached(place: Place): JsonObject | undefined {
    if (typeof place !== 'number') return undefined;
    const {sequence, ordinal} = unpack(place);
    return this.#cache.get(sequence)?.[ordinal]?.data;
  }

  /** @param ahead records to read in one go: a scan asks for those behind next */
  async row(place: Place, ahead: number): Promise<JsonObject> {
    const places = typeof place === 'number' ? [place] : place;
    let row: JsonObject = {};
    for (const one of places) {
      const {sequence, ordinal} = unpack(one);
      const changes = this.#cache.get(sequence) ?? (await this.#load(sequence, ahead));
      const data = changes[ordinal]?.data ?? {};
      row = places.length === 1 ? data : {...row, ...data};
    }
    return row;
  }

  /** The oldest records, and nothing where a transaction in parts has begun: its parts must stay. */
  async oldest(limit: number): Promise<{records: [sequence: number, changes: Change[]][]; floor: Floor}> {
    // Never the last one: the next epoch is counted from it.
    const entries = await this.#database.transaction(['journal'], 'readonly', tx =>
      tx.entries('journal', {to: this.seen, limit}),
    );
    if (this.#parts.length > 0) entries.length = 0;
    const records = entries.map(([key, stored]): [number, Change[]] => {
      const sequence = key as number;
      return [sequence, this.#cache.get(sequence) ?? readRecord(sequence, stored).changes];
    });
    return {records, floor: this.#floor};
  }

  async #load(sequence: number, ahead: number): Promise<Change[]> {
    const {base, floor, entries} = await this.#database.transaction(['journal', 'meta'], 'readonly', async tx => ({
      base: (await tx.get('meta', 'base')) ?? 0,
      floor: (await tx.get('meta', 'floor')) as Floor | undefined,
      entries: await tx.entries('journal', {from: sequence, limit: ahead}),
    }));
    const [first] = entries;
    if (first?.[0] !== sequence) {
      const moved = base !== this.#base || (floor?.sequence ?? 0) !== this.#floor.sequence;
      throw moved ? new RowsMoved() : corrupt(`record ${sequence} is missing`);
    }
    for (const [key, record] of entries.slice(1).reverse()) {
      if (!this.#cache.get(key as number)) this.#read(key as number, record);
    }
    return this.#read(sequence, first[1]).changes;
  }

  #read(sequence: number, stored: unknown): ReadRecord {
    const record = readRecord(sequence, stored);
    if (record.changes.length > 0) this.#cache.set(sequence, record.changes, record.bytes);
    return record;
  }

  #startOver(base: number, floor: Floor | undefined): void {
    this.index.clear();
    this.#cache.clear();
    this.#parts = [];
    this.#base = base;
    this.#taken = 0;
    this.#droppedBefore = floor?.dropped ?? 0;
    this.seen = Math.max(base, floor?.sequence ?? 0) - 1;
  }

  #take(sequence: number, stored: unknown): void {
    const {changes, isRows, moved, part, final} = this.#read(sequence, stored);
    if (isRows) return this.#add(sequence, changes, moved);
    // A whole one, or part 1 again: the parts before it were of a transmission that broke off.
    if (part === undefined || part === 1) this.#parts = [];
    if (part === undefined) return this.#add(sequence, changes);
    this.#add(sequence, []);
    this.#taken += changes.length;
    this.#parts.push({sequence, changes});
    if (!final) return;
    for (const {sequence, changes} of this.#parts) this.index.add(sequence, changes);
    this.#parts = [];
  }

  #add(sequence: number, changes: Change[], moved = false): void {
    this.seen = sequence;
    this.#taken += changes.length + 1;
    if (changes.length > 0) this.index.add(sequence, changes, moved);
  }
}

/** The record was dropped since the index last looked: what it held lies elsewhere, or is no more. */
export class RowsMoved extends Error {}
