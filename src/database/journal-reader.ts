/**
 * Follows the journal: takes what was appended since into the index, and reads single records again for their rows. Each
 * look is one transaction with `meta.base` and `meta.floor`, so neither a swap nor a compaction in another tab is missed.
 */
import type {StorageDatabase} from '../platform/storage.js';
import type {Change, JsonObject, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, CommittedRecord, Floor} from './database.js';
import {corrupt, type ReadRecord, readMeta, readRecord} from './journal-record.js';
import type {RecordCache} from './record-cache.js';
import {type Indexes, type Place, RowIndex, unpack} from './row-index.js';

/** Records read in one go: about 8 MiB, so that building an index does not hold the whole journal twice. */
const CHUNK = 64;
const NO_FLOOR: Floor = {sequence: 0, dropped: 0};

export class JournalReader {
  readonly index: RowIndex;
  /** Up to where what was taken in reaches. */
  checkpoint: Checkpoint | undefined;
  /** The last record that the index has taken in. */
  seen = 0;
  /** Records with parts of a transaction whose final part has not come: not shown. */
  #parts: number[] = [];
  /** A transaction in parts was taken in by half. */
  #isTorn = false;
  /** The record seen last opens a stage: what lies behind it was dropped, or is hidden. */
  #isOpen = false;
  readonly #database: StorageDatabase<ClientStore>;
  readonly #cache: RecordCache;
  /** The journal's first record that counts, as of what was read; undefined before the first read. */
  #base: number | undefined;
  #floor = NO_FLOOR;
  /** What was taken in and, as of then, dropped: changes, and one for each record. */
  #taken = 0;
  #droppedBefore = 0;
  readonly #indexes: Indexes;
  /** Takes in what this tab puts into a stage, from its first record on, and takes over when that is swapped in. */
  #staged: JournalReader | undefined;

  constructor(database: StorageDatabase<ClientStore>, cache: RecordCache, indexes: Indexes) {
    this.#database = database;
    this.#cache = cache;
    this.#indexes = indexes;
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

  /** @returns what is wrong with what is said beside the journal */
  async readCheckpoint(): Promise<SyncError | undefined> {
    const {checkpoint, damage} = await this.#database.transaction(['meta'], 'readonly', readMeta);
    this.checkpoint = checkpoint;
    return damage;
  }

  /** @throws SyncError `corrupt-data` */
  async catchUp(): Promise<void> {
    for (;;) {
      const {meta, next, entries} = await this.#database.transaction(['journal', 'meta'], 'readonly', async tx => {
        const meta = await readMeta(tx);
        const {base = 0, floor = NO_FLOOR, stage} = meta;
        const next = this.#goesOn(base, floor);
        const range = {from: next ? next.seen + 1 : base, limit: CHUNK, ...(stage ? {to: stage.from} : {})};
        return {meta, next, entries: await tx.entries('journal', range)};
      });
      const {base = 0, floor = NO_FLOOR, stage, checkpoint, damage} = meta;
      if (damage) throw damage;
      if (next !== this) this.#startOver(base, floor, next);
      this.#floor = floor;
      for (const [key, record] of entries) await this.#take(key as number, record);
      if (this.#isTorn || entries.length === CHUNK) continue;
      const end = stage ? stage.from - 1 : meta.end;
      if (end !== undefined && this.seen < end) throw corrupt(`record ${end} is missing`);
      this.checkpoint = checkpoint;
      return;
    }
  }

  /** Records that this tab has just written, whole: spared from being read and parsed again. False where one is not the next. */
  takeNext(records: readonly CommittedRecord[]): boolean {
    this.#staged = undefined;
    return records.every(({sequence, changes}) => {
      if (this.#base === undefined || sequence !== this.seen + 1) return false;
      this.#cache.set(sequence, changes);
      this.#add(sequence, changes);
      return true;
    });
  }

  /** Records of a stage that this tab has just written. Where nothing was read yet nothing is kept up: nobody may ever. */
  takeStaged(from: number, records: readonly CommittedRecord[]): void {
    if (this.#base === undefined) return;
    if (this.#staged?.base !== from) {
      this.#staged = new JournalReader(this.#database, this.#cache, this.#indexes);
      this.#staged.#base = from;
      this.#staged.seen = from - 1;
    }
    // Behind one that it was not told of it takes in nothing more: what it lacks is read when it takes over.
    this.#staged.takeNext(records);
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
    const {meta, entries} = await this.#database.transaction(['journal', 'meta'], 'readonly', async tx => ({
      meta: await readMeta(tx),
      entries: await tx.entries('journal', {from: sequence, limit: ahead}),
    }));
    const [first] = entries;
    if (first?.[0] !== sequence) {
      const {base = 0, floor = NO_FLOOR} = meta;
      const moved = base !== this.#base || floor.sequence !== this.#floor.sequence;
      throw moved ? new RowsMoved() : corrupt(`record ${sequence} is missing`);
    }
    for (const [key, record] of entries.slice(1).reverse()) {
      if (!this.#cache.get(key as number)) this.#read(key as number, record);
    }
    return this.#read(sequence, first[1]).changes;
  }

  #read(sequence: number, stored: unknown): ReadRecord {
    const record = readRecord(sequence, stored);
    if (record.changes.length > 0) this.#cache.set(sequence, record.changes);
    return record;
  }

  /** This one, or what was staged; undefined where another base is in use, or compaction has dropped what neither has seen. */
  #goesOn(base: number, floor: Floor): JournalReader | undefined {
    // What was dropped unread may have held deletes of what was read.
    return [this, this.#staged].find(
      reader => reader && !reader.#isTorn && reader.base === base && floor.sequence <= reader.seen + 1,
    );
  }

  #startOver(base: number, floor: Floor, staged?: JournalReader): void {
    this.index.become(staged?.index ?? new RowIndex(this.#indexes));
    if (!staged) this.#cache.clear();
    this.#staged = undefined;
    this.#parts = [];
    this.#base = base;
    this.#taken = staged ? staged.#taken : 0;
    this.#droppedBefore = staged ? 0 : floor.dropped;
    this.seen = staged?.seen ?? Math.max(base, floor.sequence, 1) - 1;
    this.#isTorn = false;
    this.#isOpen = false;
  }

  async #take(sequence: number, stored: unknown): Promise<void> {
    const {changes, isRows, moved, part, final, opens, from} = this.#read(sequence, stored);
    if (from !== this.seen + 1 && (this.#isOpen || sequence !== this.seen + 1)) {
      throw corrupt(`what lay before record ${sequence} is missing`);
    }
    this.#isOpen = opens;
    if (isRows) return this.#add(sequence, changes, moved);
    // A whole one, or part 1 again: the parts before it were of a transmission that broke off.
    if (part === undefined || part === 1) this.#parts = [];
    if (part === undefined) return this.#add(sequence, changes);
    this.#add(sequence, []);
    this.#taken += changes.length;
    this.#parts.push(sequence);
    if (final) await this.#takeParts();
  }

  /** Read again, one after another: a transaction may be larger than what may be kept of it. */
  async #takeParts(): Promise<void> {
    this.#isTorn = true;
    try {
      for (const sequence of this.#parts) {
        this.index.add(sequence, this.#cache.get(sequence) ?? (await this.#load(sequence, 1)));
      }
      this.#parts = [];
      this.#isTorn = false;
    } catch (error) {
      // Another look begins anew.
      if (!(error instanceof RowsMoved)) throw error;
    }
  }

  #add(sequence: number, changes: Change[], moved = false): void {
    this.seen = sequence;
    this.#taken += changes.length + 1;
    if (changes.length > 0) this.index.add(sequence, changes, moved);
  }
}

/** The record was dropped since the index last looked: what it held lies elsewhere, or is no more. */
export class RowsMoved extends Error {}
