/**
 * Answers queries from the journal: any tab's. The index is built on the first read and kept up from then on; each read looks
 * at what was appended since, so a missed announcement costs nothing but a moment.
 */
import type {StorageDatabase} from '../platform/storage.js';
import {type Change, type Json, type JsonObject, SyncError} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, JournalRecord, Look, Overlay, OverlaySource, Rows, Salvage} from './database.js';
import {JournalReader, RowsMoved} from './journal-reader.js';
import {Lease, type LeaseClock} from './lease.js';
import {compareKeys, type RowQuery, wrong} from './query.js';
import {planQuery, type QueryPlan} from './query-plan.js';
import {copyRows} from './row-copy.js';
import {type Indexes, ORDINALS} from './row-index.js';
import {Selection} from './selection.js';

type Maybe<T> = T | Promise<T>;

/** Changed rows that a live query looks at one by one; beyond, it is asked anew. */
const FEW = 1000;
/** Records that a scan reads in one go. */
const AHEAD = 8;

export interface ReplicaOptions {
  /** Bytes of rows kept parsed. */
  cacheBytes: number;
  /** By which the lease runs out; without one each read looks at storage. */
  clock?: LeaseClock;
  indexes?: Indexes | undefined;
  /** Records were found that can't be read. Once, until other rows have taken their place. */
  damaged?: ((error: SyncError) => void) | undefined;
}

/** An answer, and what is needed to look again without asking anew. */
interface Glance extends Look {
  by: Replica;
  moment: number;
  overlaid: ReadonlySet<string>;
  selection: Selection;
}

export class Replica implements Rows {
  readonly #reader: JournalReader;
  readonly #lease: Lease;
  readonly #damaged: (error: SyncError) => void;
  /** The base whose damage was told. */
  #toldOf: number | undefined;
  /** One reader at a time: nobody sees an index half way between two commits. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    database: StorageDatabase<ClientStore>,
    {cacheBytes, clock, indexes = {}, damaged = () => {}}: ReplicaOptions,
  ) {
    this.#lease = new Lease(clock);
    this.#reader = new JournalReader(database, cacheBytes, indexes);
    this.#damaged = damaged;
  }

  /** Up to where what is read here reaches. */
  get checkpoint(): Checkpoint | undefined {
    return this.#reader.checkpoint;
  }

  /** Whether there is an index by now, which is kept up. */
  get hasRead(): boolean {
    return this.#reader.base !== undefined;
  }

  /** Looks how far the rows reach now, and takes in what came since if anything was ever read. */
  refresh(): Promise<void> {
    return this.#serially(async () => {
      try {
        if (this.hasRead) return await this.#catchUp();
      } catch (error) {
        // Whoever reads rows hears of it again. How far they reach is known all the same, and is what heals them.
        if (SyncError.from(error).code !== 'corrupt-data') throw error;
        this.#tell(error as SyncError);
      }
      const damage = await this.#reader.readCheckpoint();
      if (damage) this.#tell(damage);
    });
  }

  outdated(): void {
    this.#lease.end();
  }

  /** What the leader has just committed, spared from being read and parsed again. */
  ingest(records: readonly {sequence: number; changes: Change[]}[], checkpoint: Checkpoint): Promise<void> {
    return this.#serially(async () => {
      this.#reader.checkpoint = checkpoint;
      for (const {sequence, changes} of records) {
        if (this.#reader.takeNext(sequence, changes)) continue;
        this.#lease.end();
        return;
      }
    });
  }

  get(type: string, id: string, overlay?: OverlaySource): Promise<JsonObject | undefined> {
    return this.#reading(async () => this.#shown(type, id, overlay?.()));
  }

  list(type: string, query: RowQuery, overlay?: OverlaySource): Promise<JsonObject[]> {
    return this.#reading(async () => (await this.#select(type, query, overlay?.())).result());
  }

  count(type: string, {where}: RowQuery, overlaid?: OverlaySource): Promise<number> {
    return this.#reading(async () => {
      const overlay = overlaid?.();
      if (!where && !overlay?.size) return this.#reader.index.rows(type).size;
      return (await this.#select(type, where ? {where} : {}, overlay)).size;
    });
  }

  /** Answers a live query. After a look of its own it reads nothing but the rows that have changed since, where it can. */
  look(type: string, query: RowQuery, overlaid?: OverlaySource, before?: Look): Promise<Look> {
    let earlier = before && 'by' in before && before.by === this ? (before as Glance) : undefined;
    return this.#reading(async () => {
      const overlay = overlaid?.() ?? new Map();
      const look = {by: this, moment: this.#reader.index.recent.moment, overlaid: new Set(overlay.keys())};
      if (earlier) {
        const {selection} = earlier;
        const refining = this.#refine(type, query, overlay, earlier);
        // Begun and cut short it is of no more use.
        earlier = undefined;
        const changed = await refining;
        if (changed !== undefined) return {...look, selection, rows: changed ? selection.result() : undefined};
      }
      const selection = await this.#select(type, query, overlay);
      return {...look, selection, rows: selection.result()};
    });
  }

  /**
   * The rows of the oldest records that are still in use, for `Journal.compact` to put at its end.
   * @param slack changes that may lie superseded besides as many as there are rows
   * @returns undefined while there is little to gain
   */
  salvage(slack: number): Promise<Salvage | undefined> {
    return this.#reading(async () => {
      const {index, weight} = this.#reader;
      if (weight <= 2 * index.size + slack) return undefined;
      const {records, floor} = await this.#reader.oldest(AHEAD);
      let cut = 0;
      let {dropped} = floor;
      const kept: Change[] = [];
      for (const [sequence, changes] of records) {
        cut = sequence + 1;
        dropped += changes.length + 1;
        for (const [ordinal, {entityType, entityId}] of changes.entries()) {
          const place = index.place(entityType, entityId);
          // A row is taken once: where its first place is.
          if (place === undefined || [place].flat()[0] !== sequence * ORDINALS + ordinal) continue;
          kept.push({type: 'update', entityType, entityId, data: await this.#reader.row(place, AHEAD)});
        }
      }
      return cut === 0 ? undefined : {behind: this.#reader.seen, floor: {sequence: cut, dropped}, kept};
    });
  }

  /** What a backfill keeps: rows as of the checkpoint, and none that another tab's index is late with. */
  async *copy(types: readonly string[]): AsyncGenerator<JournalRecord, void, void> {
    await this.refresh();
    yield* copyRows(this.#reader, read => this.#reading(read), types);
  }

  /** Takes the changed rows out and in again. Whether that made a difference; undefined where only asking anew helps. */
  async #refine(type: string, {after}: RowQuery, overlay: Overlay, before: Glance): Promise<boolean | undefined> {
    const {selection, moment, overlaid} = before;
    const touched = this.#reader.index.recent.since(moment, type);
    if (!touched || touched.size + overlaid.size + overlay.size > FEW) return undefined;
    for (const id of [...overlaid, ...overlay.keys()]) touched.add(id);
    if (after !== undefined && touched.has(after)) return undefined;
    let changed = selection.drop(touched);
    for (const id of touched) {
      const row = await this.#shown(type, id, overlay);
      if (row && selection.add(id, row)) changed = true;
    }
    return selection.isWhole ? changed : undefined;
  }

  async #select(type: string, query: RowQuery, overlay?: Overlay): Promise<Selection> {
    const selection = new Selection(query, await this.#anchor(type, query.after, overlay));
    const plan = planQuery(this.#reader.index.columns(type), query, selection);
    if (plan) await this.#walk(type, plan, selection, overlay);
    else await this.#scan(type, selection, overlay);
    return selection;
  }

  async #anchor(type: string, id: string | undefined, overlay: Overlay | undefined) {
    if (id === undefined) return undefined;
    const row = await this.#shown(type, id, overlay);
    if (!row) throw wrong('after: that row is gone; start over without it');
    return {id, row};
  }

  async #walk(
    type: string,
    {index, ranges, inOrder}: QueryPlan,
    selection: Selection,
    overlay: Overlay | undefined,
  ): Promise<void> {
    const add = (id: string): Maybe<boolean> => {
      const shown = this.#shown(type, id, overlay);
      const take = (row: JsonObject | undefined) => row !== undefined && selection.add(id, row);
      return shown instanceof Promise ? shown.then(take) : take(shown);
    };
    for (const id of overlay?.keys() ?? []) await add(id);
    const {after, limit, orderedBy, descending} = selection;
    for (const range of ranges) {
      for (const id of index.recent(range)) if (!overlay?.has(id)) await add(id);
      const key = orderedBy === undefined ? range.low : after?.key;
      const from = inOrder && after && key !== undefined ? {id: after.id, key} : undefined;
      let found = 0;
      let last: Json | undefined;
      for (const entry of index.walk(range, inOrder && descending, from)) {
        // Backwards, rows of one key come in the wrong order: the last key is gone through to its end.
        const isNext = last === undefined || !descending || compareKeys(entry.key, last) !== 0;
        if (inOrder && found >= limit && isNext) break;
        if (overlay?.has(entry.id)) continue;
        const added = add(entry.id);
        if (!(added instanceof Promise ? await added : added)) continue;
        found++;
        last = entry.key;
      }
    }
  }

  async #scan(type: string, selection: Selection, overlay: Overlay | undefined): Promise<void> {
    const rows = this.#reader.index.rows(type);
    for (const [id, place] of rows) {
      // Awaiting only where a record must be read keeps a scan of cached rows in one turn.
      const row = this.#reader.cached(place) ?? (await this.#reader.row(place, AHEAD));
      const edit = overlay?.get(id);
      const shown = edit ? edit(row) : row;
      if (shown) selection.add(id, shown);
    }
    for (const [id, edit] of overlay ?? []) {
      const shown = rows.has(id) ? undefined : edit(undefined);
      if (shown) selection.add(id, shown);
    }
  }

  /** At once where the row is at hand: fifty rows of a page are not worth fifty turns. */
  #shown(type: string, id: string, overlay: Overlay | undefined): Maybe<JsonObject | undefined> {
    const place = this.#reader.index.place(type, id);
    const row = place === undefined ? undefined : (this.#reader.cached(place) ?? this.#reader.row(place, 1));
    const edit = overlay?.get(id) ?? (row => row);
    return row instanceof Promise ? row.then(edit) : edit(row);
  }

  /** Runs a read on an index that is up to date; starts over where rows were moved or replaced while it ran. */
  #reading<T>(read: () => Promise<T>): Promise<T> {
    return this.#serially(async () => {
      for (;;) {
        try {
          if (!this.#lease.holds) await this.#catchUp();
          return await read();
        } catch (error) {
          this.#lease.end();
          if (error instanceof RowsMoved) continue;
          if (SyncError.from(error).code === 'corrupt-data') this.#tell(error as SyncError);
          throw error;
        }
      }
    });
  }

  #catchUp(): Promise<void> {
    return this.#lease.renew(() => this.#reader.catchUp());
  }

  #tell(error: SyncError): void {
    const {base = 0} = this.#reader;
    if (this.#toldOf === base) return;
    this.#toldOf = base;
    this.#damaged(error);
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }
}
