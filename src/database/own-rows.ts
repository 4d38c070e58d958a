/** Answers queries from a database of the user's own: the page looks the rows up, what is pending here is laid on top. */
import type {StorageDatabase} from '../platform/storage.js';
import type {DatabaseHold, DatabaseRows, JsonObject} from '../protocol/protocol.js';
import type {Checkpoint, ClientStore, Look, OverlaySource, Rows} from './database.js';
import {readMeta} from './journal-record.js';
import {type AskDatabase, reachOf} from './own-journal.js';
import {type RowQuery, wrong} from './query.js';
import {Selection} from './selection.js';

/** Times that rows behind a row which keeps moving are asked for: the last answer is taken as it is. */
const TRIES = 3;

type Anchor = {id: string; row: JsonObject};

export class OwnRows implements Rows {
  checkpoint: Checkpoint | undefined;
  readonly #meta: StorageDatabase<ClientStore>;
  readonly #instance: string;
  readonly #ask: AskDatabase;

  /** @param meta where the reach is, if the database does not keep it */
  constructor(meta: StorageDatabase<ClientStore>, instance: string, ask: AskDatabase) {
    this.#meta = meta;
    this.#instance = instance;
    this.#ask = ask;
  }

  async refresh(): Promise<void> {
    const hold = (await this.#ask({do: 'reach', instance: this.#instance})) as DatabaseHold;
    this.checkpoint = hold.keeps
      ? hold.reach.at
      : await this.#meta.transaction(['meta'], 'readonly', async tx => reachOf(await readMeta(tx)).at);
  }

  /** Each read asks the database. */
  outdated(): void {}

  async ingest(_records: unknown, checkpoint: Checkpoint): Promise<void> {
    this.checkpoint = checkpoint;
  }

  async get(type: string, id: string, overlaid?: OverlaySource): Promise<JsonObject | undefined> {
    // What is pending is asked for first: laid on a row that has it already it does nothing, left out it would flicker.
    const edit = overlaid?.()?.get(id);
    const row = (await this.#ask({do: 'get', type, id})) as JsonObject | undefined;
    return edit ? edit(row) : row;
  }

  async list(type: string, query: RowQuery, overlaid?: OverlaySource): Promise<JsonObject[]> {
    const {after} = query;
    if (after === undefined) return this.#select(type, query, overlaid);
    // It is looked up apart from the rows behind it, and may have moved between: then they are behind another place.
    for (let tries = TRIES; ; tries--) {
      const row = await this.#anchor(type, after, overlaid);
      const rows = await this.#select(type, query, overlaid, {id: after, row});
      const now = await this.#anchor(type, after, overlaid);
      if (tries === 1 || JSON.stringify(now) === JSON.stringify(row)) return rows;
    }
  }

  async #select(type: string, query: RowQuery, overlaid?: OverlaySource, anchor?: Anchor): Promise<JsonObject[]> {
    const overlay = overlaid?.();
    const {limit, after: _, ...rest} = query;
    const selection = new Selection(query, anchor);
    const wider = limit === undefined ? rest : {...rest, limit: limit + (overlay?.size ?? 0)};
    const also = [...(overlay?.keys() ?? [])];
    const found = (await this.#ask({do: 'list', type, query: wider, after: anchor, also})) as DatabaseRows;
    for (const {id, row} of found.selected) if (!overlay?.has(id)) selection.add(id, row);
    const bases = new Map(found.also.map(({id, row}) => [id, row]));
    for (const [id, edit] of overlay ?? []) {
      const row = edit(bases.get(id));
      if (row) selection.add(id, row);
    }
    return selection.result();
  }

  async count(type: string, {where}: RowQuery, overlaid?: OverlaySource): Promise<number> {
    return (await this.list(type, where ? {where} : {}, overlaid)).length;
  }

  async look(type: string, query: RowQuery, overlaid?: OverlaySource): Promise<Look> {
    return {rows: await this.list(type, query, overlaid)};
  }

  async #anchor(type: string, id: string, overlaid: OverlaySource | undefined): Promise<JsonObject> {
    const row = await this.get(type, id, overlaid);
    if (!row) throw wrong('after: that row is gone; start over without it');
    return row;
  }
}
