/**
 * What the pages were promised, held against what lies on each disk and what the server did: the invariants of rows and
 * operations, checked at every commit.
 */
import {compareLsn} from '../../src/protocol/protocol.js';
import type {OutboxRecord} from '../../src/queue/queue.js';
import type {Commit, Stores} from './disk.js';
import {History} from './history.js';
import type {Oracle, ServerState} from './oracle.js';
import {OwnLedger} from './own-ledger.js';
import {difference, durableOf, markOf} from './replica-fold.js';
import {Violation} from './trace.js';

/** An operation that a page asked for. Its id is also the value it writes: each is written once. */
export interface Promised {
  id: string;
  profile: string;
  /** 'task/…' */
  key: string;
  kind: 'put' | 'patch' | 'remove';
  /** `enqueue` has resolved. */
  accepted: boolean;
  /** The database it lies in, and its last number there, once it was durable. */
  database: string | undefined;
  seq: number | undefined;
  /** The page gave leave to drop it. */
  discarded: boolean;
  /** How often it was set aside. */
  failures: number;
  /** Rows with its effect are durable here. */
  seenBack: boolean;
}

export class Ledger {
  readonly operations = new Map<string, Promised>();
  /** 'profile key' of rows that a refusal, a discard or a retry has touched: their order can't be foretold. */
  readonly disturbed = new Set<string>();
  /** Profiles where somebody has asked for work to be thrown away, and waits for it: one entry for each who did. */
  readonly forgiving: string[] = [];
  readonly own: OwnLedger;
  readonly history: History;
  /** Whether rows lie in databases of the users' own. */
  hasOwn = false;
  readonly #oracle: Oracle;
  /** Database → the tab that took the journal over last. */
  readonly #leaders = new Map<string, string>();
  /** Database → the mark of its rows: they stay where a forgotten checkpoint leaves them. */
  readonly #marks = new Map<string, string>();
  /** Profiles that are copies of one another. */
  readonly #copies = new Set<string>();
  /** Profile → every LSN that was ever durable there. */
  readonly #durable = new Map<string, Set<string>>();

  constructor(oracle: Oracle, now: () => number) {
    this.#oracle = oracle;
    this.history = new History(now);
    this.own = new OwnLedger(oracle, {
      reached: (profile, database, state) => this.#reached(profile, `${profile} ${database}`, state),
    });
  }

  /** @param all the databases of this profile, as they are after the commit */
  observe(profile: string, {by, database, before, after}: Commit, all: readonly Stores[]): void {
    if (!after.has('outbox')) return;
    if (before.get('journal') !== after.get('journal') || before.get('meta') !== after.get('meta')) {
      this.#rows(profile, `${profile} ${database}`, by, before, after);
    }
    if (before.get('outbox') !== after.get('outbox')) this.#outbox(profile, database, {before, after, all});
  }

  /** After a crash: everything that was promised is there. */
  survived(profile: string, all: readonly Stores[]): void {
    const present = idsOf(all);
    for (const op of this.operations.values()) {
      if (op.profile !== profile || !op.accepted || op.discarded || op.seenBack || present.has(op.id)) continue;
      throw new Violation('4 durable', `${op.id} on ${op.key} was accepted and is gone`);
    }
    for (const stores of all) this.#sent(recordsOf(stores));
  }

  /**
   * The browser has thrown all away: what was not at the server is lost, and nobody lied. Tabs that are open save what they
   * remember, each for itself, under a new client: what one of them did not know to be settled is sent again, and the
   * server, told by another that it was, forgets it with its log.
   */
  evicted(profile: string): void {
    for (const op of this.operations.values()) {
      if (op.profile !== profile) continue;
      op.discarded ||= !this.#oracle.everApplied.has(op.id);
      op.seenBack ||= !op.discarded;
      this.#oracle.mayRepeat.add(op.id);
      this.disturbed.add(`${profile} ${op.key}`);
    }
    for (const map of [this.#leaders, this.#marks]) {
      for (const place of [...map.keys()]) if (place.startsWith(`${profile} `)) map.delete(place);
    }
  }

  /** A page asks for it. */
  asked(op: Promised): void {
    this.operations.set(op.id, op);
    if (this.#copies.has(op.profile)) this.#oracle.mayRepeat.add(op.id);
  }

  /**
   * A profile was copied, with all that lay in it. Until the server has told the two apart they speak under one name: what
   * one calls settled, the server forgets of the other with its log.
   */
  copied(from: string, to: string): void {
    this.#copies.add(from).add(to);
    this.own.copied(from, to);
    this.history.copied(from, to);
    for (const {id, profile} of this.operations.values()) if (profile === from) this.#oracle.mayRepeat.add(id);
    for (const map of [this.#leaders, this.#marks]) {
      for (const [place, value] of [...map]) {
        if (place.startsWith(`${from} `)) map.set(place.replace(from, to), value);
      }
    }
    this.#durable.set(to, new Set(this.#durable.get(from)));
  }

  /** Whether what a page is shown of a row can be told from what was written, in its order. */
  isForetellable(profile: string, key: string): boolean {
    return this.#oracle.restores === 0 && !this.#copies.has(profile) && !this.disturbed.has(`${profile} ${key}`);
  }

  /** Whether rows were ever durable up to there. */
  wasDurable(profile: string, lsn: string): boolean {
    return this.#durable.get(profile)?.has(lsn) ?? false;
  }

  /** In the end, with everything healed. */
  settled(): void {
    const {head, restores} = this.#oracle;
    for (const op of this.operations.values()) {
      if (!op.accepted || op.discarded || head.effects.has(op.id)) continue;
      // A restored server may lack what this client had seen come back before.
      if (restores > 0 && op.seenBack) continue;
      throw new Violation('5 exactly once', `${op.id} on ${op.key} was accepted, and never took effect`);
    }
  }

  /** The operation that the status of this database may not forget: accepted, undecided, and nowhere at the server. */
  missing(ids: Iterable<string>, database: string | undefined): Promised | undefined {
    for (const id of ids) {
      const op = this.operations.get(id);
      if (!op || op.database !== database || op.discarded || op.failures > 0) continue;
      if (!this.#oracle.everApplied.has(id)) return op;
    }
    return undefined;
  }

  #reached(profile: string, place: string, {mark, lsn}: ServerState): void {
    this.#marks.set(place, mark);
    this.#durable.set(profile, (this.#durable.get(profile) ?? new Set()).add(lsn));
  }

  #rows(profile: string, place: string, by: string, before: Stores, after: Stores): void {
    const old = durableOf(before);
    const {epoch, ...now} = durableOf(after);
    // Without an epoch it was wiped, which any tab may do: nobody can append until one has taken it over.
    if (epoch !== old.epoch || epoch === undefined) this.#leaders.set(place, by);
    if (epoch === undefined) this.#disturbAll(profile, place);
    else if (this.#leaders.get(place) !== by) {
      throw new Violation('10 fence', `${by} wrote to the journal of ${this.#leaders.get(place)}`);
    }
    // Of a database of the user's own the rows themselves are a stage, where there is one.
    const [earlier, checkpoint] = [old, now].map(({checkpoint, stage}) =>
      this.hasOwn && stage ? undefined : checkpoint,
    );
    if (!checkpoint) return;
    if (earlier?.generation === checkpoint.generation && compareLsn(checkpoint.lsn, earlier.lsn) < 0) {
      throw new Violation('2 checkpoint', `went back from ${earlier.lsn} to ${checkpoint.lsn}`);
    }
    const state = this.#oracle.states.get(markOf(checkpoint));
    if (!state || state.lsn !== checkpoint.lsn) {
      throw new Violation('1 checkpoint', `${checkpoint.lsn} with mark ${checkpoint.mark} never was`);
    }
    this.#reached(profile, place, state);
    if (this.hasOwn) return;
    const wrong = difference(this.history.look(place, after), state.rows, checkpoint.subject, [checkpoint.wants]);
    if (wrong) throw new Violation('1 rows', `by ${by}, at ${checkpoint.lsn}: ${wrong}`);
  }

  #outbox(
    profile: string,
    database: string,
    {before, after, all}: Omit<Commit, 'by' | 'database'> & {all: readonly Stores[]},
  ): void {
    const old = recordsOf(before);
    const now = recordsOf(after);
    this.history.queued(`${profile} ${database}`, now);
    for (const [seq, record] of now) {
      const earlier = old.get(seq);
      if (earlier === record) continue;
      const op = this.operations.get(record.id);
      if (op?.profile !== profile) continue;
      if (op.seq !== undefined && (op.seq !== seq || op.database !== database))
        this.disturbed.add(`${profile} ${op.key}`);
      op.seq = seq;
      op.database = database;
      if (record.stage === 'done' && earlier?.stage !== 'done') this.#done(op, `${profile} ${database}`);
      if (record.stage === 'failed' && earlier?.stage !== 'failed') this.#failed(op, record);
    }
    this.#sent(now);
    const gone = [...old].filter(([seq, {stage}]) => stage !== 'done' && !now.has(seq));
    if (gone.length === 0) return;
    const present = idsOf(all);
    for (const [, {id, stage}] of gone) {
      const op = this.operations.get(id);
      if (!op || present.has(id)) continue;
      this.disturbed.add(`${profile} ${op.key}`);
      if (this.forgiving.includes(profile)) op.discarded = true;
      if (!op.discarded) throw new Violation('6 pending', `${op.id} (${stage}) was dropped, and nobody asked`);
    }
  }

  /** Whoever takes one back must be told that it may have been applied. */
  #sent(records: ReadonlyMap<number, OutboxRecord>): void {
    const {head, mayRepeat} = this.#oracle;
    for (const {id, stage} of records.values()) {
      if (stage !== 'queued' || !head.effects.has(id) || mayRepeat.has(id)) continue;
      throw new Violation('6 sent', `${id} took effect, and its outbox says that it was never sent`);
    }
  }

  /** The rows are gone, which somebody wanted. */
  #disturbAll(profile: string, place: string): void {
    for (const {profile: owner, database, key} of this.operations.values()) {
      if (owner === profile && place === `${profile} ${database}`) this.disturbed.add(`${profile} ${key}`);
    }
  }

  #done(op: Promised, place: string): void {
    const state = this.#oracle.states.get(this.#marks.get(place) ?? '');
    if (!state?.effects.has(op.id)) {
      throw new Violation('6 done', `${op.id} on ${op.key} is done, but the rows at ${state?.lsn} are without it`);
    }
    op.seenBack = true;
  }

  #failed(op: Promised, {error}: OutboxRecord): void {
    op.failures++;
    this.disturbed.add(`${op.profile} ${op.key}`);
    if (error?.code === 'stale-operation' && this.#copies.has(op.profile)) {
      // Nobody can tell what the other copy sent: it waits for a person.
      op.discarded = true;
      return;
    }
    if (this.#oracle.head.effects.has(op.id)) {
      throw new Violation('9 rejection', `${op.id} failed (${error?.code}: ${error?.message}), but had taken effect`);
    }
    if (!this.#oracle.refused.has(op.id) && error?.code !== 'blocked') {
      throw new Violation('9 rejection', `${op.id} failed (${error?.code}), but the server never refused it`);
    }
  }
}

function idsOf(all: readonly Stores[]): Set<string> {
  return new Set(all.flatMap(each => [...recordsOf(each).values()].map(({id}) => id)));
}

/** Without the word of a logout, which is no operation. */
export function recordsOf(stores: Stores): ReadonlyMap<number, OutboxRecord> {
  const rows = (stores.get('outbox')?.rows ?? new Map()) as ReadonlyMap<number, OutboxRecord>;
  return rows.has(0) ? new Map([...rows].filter(([seq]) => seq > 0)) : rows;
}
