/**
 * The outbox: the operations of all tabs, each a small record in its own store, and this tab's mirror of them. The store is
 * the truth; a hint from another tab names what to read again.
 */
import type {StorageDatabase, StorageTransaction} from '../platform/storage.js';
import {SyncError} from '../protocol/protocol.js';
import type {OutboxRecord} from './queue.js';

/** A record was written, changed or removed, by whichever tab. */
export type OutboxListener = (seq: number, after: OutboxRecord | undefined, before: OutboxRecord | undefined) => void;

/** Below all operations: the fact that this instance was logged out. Its presence turns every later write away. */
const TOMBSTONE = 0;

export class Outbox {
  readonly #database: StorageDatabase<'outbox'>;
  readonly #listener: OutboxListener;
  readonly #records = new Map<number, OutboxRecord>();
  readonly #seqs = new Map<string, number>();
  #lastSeq = 0;
  #buried = false;

  constructor(database: StorageDatabase<'outbox'>, listener: OutboxListener) {
    this.#database = database;
    this.#listener = listener;
  }

  /** In the order of their numbers, which is the order in which they were committed. */
  get records(): ReadonlyMap<number, OutboxRecord> {
    return this.#records;
  }

  /** Whether its user was logged out, as of the last load. */
  get isBuried(): boolean {
    return this.#buried;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  find(id: string): {seq: number; record: OutboxRecord} | undefined {
    const seq = this.#seqs.get(id);
    const record = seq === undefined ? undefined : this.#records.get(seq);
    return seq === undefined || !record ? undefined : {seq, record};
  }

  /** Reads everything: at the start, and where a hint may have been missed. */
  async load(): Promise<void> {
    const {tombstone, entries} = await this.#database.transaction(['outbox'], 'readonly', async tx => ({
      tombstone: await tx.get('outbox', TOMBSTONE),
      entries: await tx.entries('outbox', {from: TOMBSTONE + 1}),
    }));
    this.#buried = tombstone !== undefined;
    const present = new Set(entries.map(([seq]) => seq));
    for (const seq of [...this.#records.keys()]) if (!present.has(seq)) this.#absorb(seq, undefined);
    for (const [seq, record] of entries) this.#absorb(seq as number, record as OutboxRecord);
  }

  /** Reads what another tab says it changed, and whatever is newer than all that is known. */
  async reread(seqs: readonly number[]): Promise<void> {
    const newer = this.#lastSeq + 1;
    const {named, added} = await this.#database.transaction(['outbox'], 'readonly', async tx => ({
      named: await Promise.all(
        seqs
          .filter(seq => seq > TOMBSTONE && seq < newer)
          .map(async seq => [seq, await tx.get('outbox', seq)] as const),
      ),
      added: await tx.entries('outbox', {from: newer}),
    }));
    for (const [seq, record] of [...named, ...added]) this.#absorb(seq as number, record as OutboxRecord | undefined);
  }

  /**
   * Durable when it resolves, unlike anything else here: this is the promise that `enqueue` makes. An id that somebody
   * was first with is not added again; what other tabs added is taken in on the way, so that the mirror has no gaps.
   * @returns the numbers of those that were added
   */
  async append(records: readonly OutboxRecord[]): Promise<number[]> {
    const from = this.#lastSeq + 1;
    const {newer, added} = await this.#database.transaction(
      ['outbox'],
      'readwrite',
      async tx => {
        const [tombstone, newer] = await Promise.all([tx.get('outbox', TOMBSTONE), tx.entries('outbox', {from})]);
        if (tombstone) throw loggedOut();
        const taken = new Set(newer.map(([, record]) => (record as OutboxRecord).id));
        const fresh = records.filter(({id}) => !taken.has(id));
        return {newer, added: await appendAll(tx, fresh)};
      },
      'strict',
    );
    for (const [seq, record] of [...newer, ...added]) this.#absorb(seq as number, record as OutboxRecord);
    return added.map(([seq]) => seq);
  }

  /**
   * Changes records on top of what the store says now, since another tab may have been first.
   * @param change returns the new record, undefined to remove it, or the same one to leave it
   * @param append given those that are there, as they were: what to add
   * @returns the numbers of those that changed
   */
  async update(
    seqs: readonly number[],
    change: (record: OutboxRecord, seq: number) => OutboxRecord | undefined,
    append?: (present: ReadonlyMap<number, OutboxRecord>) => readonly OutboxRecord[],
    durability: 'relaxed' | 'strict' = 'relaxed',
  ): Promise<number[]> {
    if (seqs.length === 0) return [];
    const from = this.#lastSeq + 1;
    const {newer, changed} = await this.#database.transaction(
      ['outbox'],
      'readwrite',
      async tx => {
        const [newer, found] = await Promise.all([
          append ? tx.entries('outbox', {from}) : [],
          Promise.all(seqs.map(seq => tx.get('outbox', seq) as Promise<OutboxRecord | undefined>)),
        ]);
        const present = new Map<number, OutboxRecord>();
        const changed: [number, OutboxRecord | undefined][] = [];
        const gone: [number, undefined][] = [];
        seqs.forEach((seq, index) => {
          const record = found[index];
          if (!record) {
            gone.push([seq, undefined]);
            return;
          }
          present.set(seq, record);
          const after = change(record, seq);
          if (after === record) return;
          if (after) tx.put('outbox', seq, after);
          else tx.delete('outbox', seq);
          changed.push([seq, after]);
        });
        if (append) changed.push(...(await appendAll(tx, append(present))));
        return {newer: [...newer, ...gone], changed};
      },
      durability,
    );
    for (const [seq, record] of [...newer, ...changed]) this.#absorb(seq as number, record as OutboxRecord | undefined);
    return changed.map(([seq]) => seq);
  }

  /**
   * Empties the outbox for good: every later write, of any tab, is turned away.
   * @param upTo only if nothing came behind this number
   * @returns whether it was done
   */
  async bury(upTo = Number.POSITIVE_INFINITY): Promise<boolean> {
    const buried = await this.#database.transaction(
      ['outbox'],
      'readwrite',
      async tx => {
        if (Number((await tx.lastKey('outbox')) ?? TOMBSTONE) > upTo) return false;
        tx.deleteRange('outbox', {});
        tx.put('outbox', TOMBSTONE, {loggedOut: true});
        return true;
      },
      'strict',
    );
    if (buried) for (const seq of [...this.#records.keys()]) this.#absorb(seq, undefined);
    return buried;
  }

  /** Drops all there is; later writes are welcome. */
  async empty(): Promise<void> {
    await this.update([...this.#records.keys()], () => undefined);
  }

  #absorb(seq: number, after: OutboxRecord | undefined): void {
    const before = this.#records.get(seq);
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    if (after) {
      this.#records.set(seq, after);
      this.#seqs.set(after.id, seq);
    } else {
      this.#records.delete(seq);
      if (before && this.#seqs.get(before.id) === seq) this.#seqs.delete(before.id);
    }
    if (after || before) this.#listener(seq, after, before);
  }
}

function appendAll(
  tx: StorageTransaction<'outbox'>,
  records: readonly OutboxRecord[],
): Promise<[number, OutboxRecord][]> {
  return Promise.all(
    records.map(async (record): Promise<[number, OutboxRecord]> => [await tx.append('outbox', record), record]),
  );
}

export function loggedOut(): SyncError {
  return new SyncError('logged-out', 'This user was logged out; nothing more is saved for them here', {
    action: 'sign-in',
  });
}
