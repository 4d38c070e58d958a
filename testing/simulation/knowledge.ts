/** What one page knows, by what it was told and shown, and so what it may not be told or shown next. */
import type {Json, JsonObject} from '../../src/protocol/protocol.js';
import {isUnanswered, type OutboxRecord} from '../../src/queue/queue.js';
import {type Promised, recordsOf} from './ledger.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';

/** As things stood when a page asked. */
export interface Asked {
  database: string | undefined;
  floor: Promised | undefined;
  readable: ReadonlySet<string>;
  refused: ReadonlySet<string>;
  /** Of the user's own database. */
  version: number;
}

export class Knowledge {
  /** What this page was promised, and what lay on the disk before it opened. */
  readonly promised = new Set<string>();
  readonly #tab: Tab;
  /** Key → the least number of an operation whose value this page may be shown. */
  readonly #floors = new Map<string, Promised>();
  /** Operation → how often its refusal has surfaced here. */
  readonly #refusals = new Map<string, number>();

  constructor(tab: Tab) {
    this.#tab = tab;
  }

  learn(op: Promised): void {
    this.promised.add(op.id);
    const floor = this.#floors.get(op.key);
    if (floor?.database !== op.database || (op.seq ?? 0) >= (floor?.seq ?? 0)) this.#floors.set(op.key, op);
  }

  /** All that lay here is gone, and nobody lied. */
  forget(): void {
    this.promised.clear();
    this.#floors.clear();
  }

  refusalSurfaced(id: string): void {
    const count = (this.#refusals.get(id) ?? 0) + 1;
    this.#refusals.set(id, count);
    const failures = this.#tab.profile.world.ledger.operations.get(id)?.failures ?? 0;
    if (count > failures) {
      throw new Violation(
        '9 rejection',
        `${this.#tab.name} was told ${count} times that ${id} failed, not ${failures}`,
      );
    }
  }

  /** A page was told that the server has it: that is as durable as the page was told. */
  tookEffect(id: string): void {
    const {profile, name} = this.#tab;
    const {operations} = profile.world.ledger;
    const op = operations.get(id);
    const record = op && this.#recordOf(op);
    if (!record || record.status !== undefined || !isUnanswered(record)) return;
    throw new Violation('9 told', `${name} was told that ${id} took effect, and on the disk it is ${record.stage}`);
  }

  asked(key: string): Asked {
    const {databases, profile} = this.#tab;
    const readable = new Set(profile.readable);
    return {
      database: databases.only,
      floor: this.#floors.get(key),
      readable,
      refused: new Set(this.#refusals.keys()),
      version: profile.own?.version ?? 0,
    };
  }

  /** Read your writes, also those of other tabs that this page has seen; no way back. */
  shown(key: string, {database, floor, refused, version}: Asked, row: JsonObject | undefined): void {
    const {profile, name, databases} = this.#tab;
    const {ledger, oracle} = profile.world;
    const shown = row?.[`c${profile.name}`];
    const op = typeof shown === 'string' ? ledger.operations.get(shown) : undefined;
    if (op && refused.has(op.id) && !oracle.everApplied.has(op.id) && op.failures === this.#refusals.get(op.id)) {
      if (this.#recordOf(op)?.stage === 'failed')
        throw new Violation('9 rejection', `${name} shows ${op.id} on ${key}, which it knows to have failed`);
    }
    if (!floor || floor.database !== database || databases.only !== database) return;
    if (!ledger.isForetellable(profile.name, key) || !this.#wasWhole(version)) return;
    const where = `${name} shows ${key} as ${JSON.stringify(row)}, knowing of ${floor.id} #${floor.seq}`;
    if (op?.profile === profile.name) {
      if ((op.seq ?? 0) < (floor.seq ?? 0)) throw new Violation('7 own writes', where);
      this.learn(op);
    } else if (floor.kind === 'put' && !this.#removedSince(key, floor.seq ?? 0)) {
      throw new Violation('7 own writes', where);
    }
  }

  /** Rows that the server only ever writes together. */
  shownPairs({version}: Asked, rows: readonly JsonObject[]): void {
    if (!this.#wasWhole(version)) return;
    const times = new Map<Json | undefined, Json | undefined>(rows.map(row => [row['id'], row['t']]));
    if (times.get('a') === times.get('b')) return;
    throw new Violation('3 atomic', `${this.#tab.name} shows a=${times.get('a')} with b=${times.get('b')}`);
  }

  /** Whose rows might be read when it was asked, or may be now: a page that was frozen is answered after the next login. */
  shownOwn({readable}: Asked, rows: readonly JsonObject[]): void {
    // Where nobody logs in everything is everybody's.
    if (!this.#tab.profile.world.auth) return;
    const all = new Set([...readable, ...this.#tab.profile.readable]);
    const foreign = rows.find(row => !all.has(String(row['owner'])));
    if (!foreign) return;
    throw new Violation('15 logout', `${this.#tab.name} shows ${JSON.stringify(foreign)} to ${[...all]}`);
  }

  /** While a snapshot comes into a database of the user's own, its rows show as they come. */
  #wasWhole(version: number): boolean {
    const {own} = this.#tab.profile;
    return !own || own.lastUnwhole < version;
  }

  #recordOf(op: Promised): OutboxRecord | undefined {
    for (const stores of this.#tab.profile.disk.all()) {
      const record = recordsOf(stores).get(op.seq ?? 0);
      if (record?.id === op.id) return record;
    }
    return undefined;
  }

  /** By an operation that lies in an outbox, or lay there before a logout emptied it. */
  #removedSince(key: string, seq: number): boolean {
    const {operations} = this.#tab.profile.world.ledger;
    const known = [...operations.values()].some(op => op.kind === 'remove' && op.key === key && (op.seq ?? 0) > seq);
    if (known) return true;
    const all = this.#tab.profile.disk.all().flatMap(stores => [...recordsOf(stores)]);
    return all.some(([at, record]) => at > seq && record.type === 'delete' && `task/${record.entityId}` === key);
  }
}
