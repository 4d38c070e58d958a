/**
 * Reads the journal: any tab's. An index of rows is built on the first read and kept up from then on; each read looks at
 * what was appended since, in one transaction with `meta.base`, so a missed announcement costs nothing but a moment.
 */
import type {StorageDatabase} from '../platform/storage.js';
import {type Change, type JsonObject, type Lsn, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, JournalRecord, Stage} from './database.js';
import {type RowQuery, Selection} from './query.js';
import {RecordCache} from './record-cache.js';
import {ORDINALS, type Place, RowIndex, unpack} from './row-index.js';

/** A row as a person should see it, given the row as the server has it: the pending operations on top. */
export type Overlay = ReadonlyMap<string, (row: JsonObject | undefined) => JsonObject | undefined>;
/** Asked for once the rows are up to date: which operations still lie on top depends on how far they reach. */
export type OverlaySource = () => Overlay | undefined;

/** Records read in one go: about 8 MiB, so that building an index does not hold the whole journal twice. */
const CHUNK = 64;

export class Replica {
  readonly #database: StorageDatabase<ClientStore>;
  readonly #index = new RowIndex();
  readonly #cache: RecordCache;
  /** The journal's first record that counts, as of what was read; undefined before the first read. */
  #base: number | undefined;
  /** The last record that the index has taken in. */
  #seen = 0;
  #checkpoint: Checkpoint | undefined;
  /** Parts of a transaction whose final part has not come: not shown. */
  #parts: {sequence: number; changes: Change[]}[] = [];
  /** One reader at a time: nobody sees an index half way between two commits. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(database: StorageDatabase<ClientStore>, cacheBytes: number) {
    this.#database = database;
    this.#cache = new RecordCache(cacheBytes);
  }

  /** Up to where what is read here reaches. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  get position(): Lsn | '' {
    return this.#checkpoint?.lsn ?? '';
  }

  /** Looks how far the rows reach now, and takes in what came since if anything was ever read. */
  refresh(): Promise<void> {
    return this.#serially(() => (this.#base === undefined ? this.#readCheckpoint() : this.#catchUp()));
  }

  /** What the leader has just committed, spared from being read and parsed again. */
  ingest(
    records: readonly {sequence: number; changes: Change[]; bytes: number}[],
    checkpoint: Checkpoint,
  ): Promise<void> {
    return this.#serially(async () => {
      this.#checkpoint = checkpoint;
      for (const {sequence, changes, bytes} of records) {
        if (this.#base === undefined || sequence !== this.#seen + 1) return;
        this.#cache.set(sequence, changes, bytes);
        this.#index.add(sequence, changes);
        this.#seen = sequence;
      }
    });
  }

  get(type: string, id: string, overlay?: OverlaySource): Promise<JsonObject | undefined> {
    return this.#reading(async () => {
      const place = this.#index.place(type, id);
      const row = place === undefined ? undefined : await this.#row(place);
      const edit = overlay?.()?.get(id);
      return edit ? edit(row) : row;
    });
  }

  list(type: string, query: RowQuery, overlaid?: OverlaySource): Promise<JsonObject[]> {
    return this.#reading(async () => {
      const overlay = overlaid?.();
      const anchor = query.after === undefined ? undefined : await this.#anchor(type, query.after, overlay);
      const selection = new Selection(query, anchor);
      await this.#scan(type, overlay, (id, row) => selection.add(id, row));
      return selection.result();
    });
  }

  count(type: string, query: RowQuery, overlaid?: OverlaySource): Promise<number> {
    return this.#reading(async () => {
      const overlay = overlaid?.();
      if (!query.where && !overlay?.size) return this.#index.rows(type).size;
      return (await this.#selectAll(type, query, overlay)).length;
    });
  }

  async #selectAll(type: string, {where}: RowQuery, overlay: Overlay | undefined): Promise<JsonObject[]> {
    const selection = new Selection(where ? {where} : {});
    await this.#scan(type, overlay, (id, row) => selection.add(id, row));
    return selection.result();
  }

  async #anchor(type: string, id: string, overlay: Overlay | undefined): Promise<{id: string; row: JsonObject}> {
    const place = this.#index.place(type, id);
    const stored = place === undefined ? undefined : await this.#row(place);
    const edit = overlay?.get(id);
    const row = edit ? edit(stored) : stored;
    if (!row) throw new SyncError('invalid-query', 'after: that row is gone; start over without it');
    return {id, row};
  }

  async #scan(type: string, overlay: Overlay | undefined, visit: (id: string, row: JsonObject) => void): Promise<void> {
    // Neighbours mostly lie in the same record: it is looked up once.
    let first = 0;
    let changes: readonly Change[] | undefined;
    for (const [id, place] of this.#index.rows(type)) {
      if (typeof place === 'number' && !(place >= first && place < first + ORDINALS)) {
        first = place - (place % ORDINALS);
        changes = this.#cache.get(first / ORDINALS);
      }
      // Awaiting only where a record must be read keeps a scan of cached rows in one turn.
      const row = (typeof place === 'number' ? changes?.[place - first]?.data : undefined) ?? (await this.#row(place));
      const edit = overlay?.get(id);
      const shown = edit ? edit(row) : row;
      if (shown) visit(id, shown);
    }
    for (const [id, edit] of overlay ?? []) {
      if (this.#index.place(type, id) !== undefined) continue;
      const shown = edit(undefined);
      if (shown) visit(id, shown);
    }
  }

  async #row(place: Place): Promise<JsonObject> {
    const places = typeof place === 'number' ? [place] : place;
    let row: JsonObject = {};
    for (const one of places) {
      const {sequence, ordinal} = unpack(one);
      const changes = this.#cache.get(sequence) ?? (await this.#load(sequence));
      const data = changes[ordinal]?.data ?? {};
      row = places.length === 1 ? data : {...row, ...data};
    }
    return row;
  }

  /** Reads a record that the cache has dropped, and those behind it, which a scan asks for next. */
  async #load(sequence: number): Promise<Change[]> {
    const {base, entries} = await this.#database.transaction(['journal', 'meta'], 'readonly', async tx => ({
      base: ((await tx.get('meta', 'base')) as number | undefined) ?? 0,
      entries: await tx.entries('journal', {from: sequence, limit: 8}),
    }));
    const [first] = entries;
    if (base !== this.#base || first?.[0] !== sequence) throw new BaseChanged();
    for (const [key, record] of [...entries].reverse()) this.#parse(key as number, record as JournalRecord);
    return this.#parse(sequence, first[1] as JournalRecord);
  }

  #parse(sequence: number, record: JournalRecord): Change[] {
    if (record.kind !== 'rows' && record.kind !== 'changes') return [];
    const cached = this.#cache.get(sequence);
    if (cached) return cached;
    // It was validated before it was written; only `insert` is still as the server spelled it.
    const {changes} = JSON.parse(record.text) as {changes: Change[]};
    this.#cache.set(sequence, changes, record.text.length);
    return changes;
  }

  /** Runs a read on an index that is up to date; starts over when a new base replaced the rows while it ran. */
  #reading<T>(read: () => Promise<T>): Promise<T> {
    return this.#serially(async () => {
      for (;;) {
        await this.#catchUp();
        try {
          return await read();
        } catch (error) {
          if (!(error instanceof BaseChanged)) throw error;
        }
      }
    });
  }

  async #readCheckpoint(): Promise<void> {
    this.#checkpoint = await this.#database.transaction(
      ['meta'],
      'readonly',
      async tx => (await tx.get('meta', 'checkpoint')) as Checkpoint | undefined,
    );
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const {base, stage, checkpoint, entries} = await this.#database.transaction(
        ['journal', 'meta'],
        'readonly',
        async tx => {
          const base = ((await tx.get('meta', 'base')) as number | undefined) ?? 0;
          const stage = (await tx.get('meta', 'stage')) as Stage | undefined;
          const from = base === this.#base ? this.#seen + 1 : base;
          return {
            base,
            stage,
            checkpoint: (await tx.get('meta', 'checkpoint')) as Checkpoint | undefined,
            entries: await tx.entries('journal', {from, limit: CHUNK, ...(stage ? {to: stage.from} : {})}),
          };
        },
      );
      if (base !== this.#base) this.#startOver(base);
      for (const [key, record] of entries) this.#take(key as number, record as JournalRecord);
      if (entries.length < CHUNK) {
        this.#checkpoint = checkpoint;
        // Behind a stage nothing counts until the swap, which changes the base.
        if (stage) this.#seen = Math.max(this.#seen, stage.from - 1);
        return;
      }
    }
  }

  #startOver(base: number): void {
    this.#index.clear();
    this.#cache.clear();
    this.#parts = [];
    this.#base = base;
    this.#seen = base - 1;
  }

  #take(sequence: number, record: JournalRecord): void {
    this.#seen = sequence;
    const changes = this.#parse(sequence, record);
    if (record.kind === 'rows') this.#index.add(sequence, changes);
    if (record.kind !== 'changes') return;
    // Part 1 again: the parts before it were of a transmission that broke off.
    if (record.part === undefined || record.part === 1) this.#parts = [];
    if (record.part === undefined) {
      this.#index.add(sequence, changes);
      return;
    }
    this.#parts.push({sequence, changes});
    if (!record.final) return;
    for (const part of this.#parts) this.#index.add(part.sequence, part.changes);
    this.#parts = [];
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** The rows being read were replaced by a newer snapshot. */
class BaseChanged extends Error {}
