/**
 * The outbox: the operations of all tabs, each a small record in its own store, and this tab's mirror of them. The store is
 * the truth; a hint from another tab names what to read again.
 */
import type {Key, Range, StorageDatabase, StorageTransaction, TransactionMode} from '../platform/storage.js';
import {SyncError} from '../protocol/protocol.js';
import {OutboxIndex} from './outbox-index.js';
import {isUnanswered, type OutboxRecord} from './queue.js';
import {isSame, readRecord} from './records.js';

/** A record was written, changed or removed, by whichever tab. */
export type OutboxListener = (seq: number, after: OutboxRecord | undefined, before: OutboxRecord | undefined) => void;

interface UpdateOptions {
  /** Given those that are there, as they were: what to add. */
  append?: (present: ReadonlyMap<number, OutboxRecord>) => readonly OutboxRecord[];
  durability?: 'relaxed' | 'strict';
}

type Entry = readonly [seq: number, record: OutboxRecord | undefined];

/** Below all operations: the fact that this instance was logged out. Its presence turns every later write away. */
const TOMBSTONE = 0;
/** Records that one look reads again: of ten thousand all at once would take a worker 100 ms, every few seconds. */
const LOOK = 500;
/** The most that IndexedDB can be asked for. */
const ALL = 2 ** 32 - 1;

export class Outbox {
  readonly index = new OutboxIndex();
  /** Transactions under way, and how many have ended: where the first is not 0 and the other stands still, storage hangs. */
  readonly work = {pending: 0, ended: 0};
  readonly #database: StorageDatabase<'outbox'>;
  readonly #listener: OutboxListener;
  #buried = false;
  /** Up to there it was looked at again. */
  #lookedAt = TOMBSTONE;

  constructor(database: StorageDatabase<'outbox'>, listener: OutboxListener) {
    this.#database = database;
    this.#listener = listener;
  }

  /** In the order of their numbers, which is the order in which they were committed. */
  get records(): ReadonlyMap<number, OutboxRecord> {
    return this.index.records;
  }

  /** Whether its user was logged out, as of the last load. */
  get isBuried(): boolean {
    return this.#buried;
  }

  get lastSeq(): number {
    return this.index.lastSeq;
  }

  find(id: string): {seq: number; record: OutboxRecord} | undefined {
    return this.index.find(id);
  }

  /** Reads everything: at the start, and where hints were missed. */
  async load(): Promise<void> {
    await this.#read(TOMBSTONE, ALL);
  }

  /** Whether a hint was lost: reads what is new, and of the rest another part each time. */
  async look(): Promise<void> {
    this.#lookedAt = await this.#read(this.#lookedAt, LOOK);
  }

  /**
   * Reads so many records behind a number, and whatever is newer than all that is known.
   * @returns where to go on
   */
  async #read(behind: number, limit: number): Promise<number> {
    const newer = this.lastSeq + 1;
    const {tombstone, part, end, added} = await this.#transaction('readonly', async tx => {
      const [tombstone, part] = await Promise.all([
        tx.get('outbox', TOMBSTONE),
        readEntries(tx, {from: behind + 1, limit}),
      ]);
      const end = part.length < limit ? Number.POSITIVE_INFINITY : (part.at(-1)?.[0] ?? behind);
      return {tombstone, part, end, added: end < newer ? await readEntries(tx, {from: newer}) : []};
    });
    this.#buried = tombstone !== undefined;
    const present = new Set(part.map(([seq]) => seq));
    const gone = [...this.records.keys()].filter(seq => seq > behind && seq <= end && !present.has(seq));
    this.#absorb([...gone.map((seq): Entry => [seq, undefined]), ...part, ...added]);
    return Number.isFinite(end) ? end : TOMBSTONE;
  }

  /** Reads what another tab says it changed, and whatever is newer than all that is known. */
  async reread(seqs: readonly number[]): Promise<void> {
    const newer = this.lastSeq + 1;
    const known = seqs.filter(seq => seq > TOMBSTONE && seq < newer);
    const [named, added] = await this.#transaction('readonly', tx =>
      Promise.all([readNamed(tx, known), readEntries(tx, {from: newer})]),
    );
    this.#absorb([...named, ...added]);
    const outrun = named.flatMap(([seq, record]) => this.#outrunBy(seq, record));
    if (outrun.length > 0) await this.reread(outrun);
  }

  /** Within a key answers come in order: what seems to wait before one that is answered has its own, and the hint was lost. */
  #outrunBy(seq: number, record: OutboxRecord | undefined): number[] {
    if (!record || isUnanswered(record)) return [];
    return [...(this.index.lane(record.key)?.keys() ?? [])].filter(earlier => earlier < seq);
  }

  /**
   * Durable when it resolves: this is the promise that `enqueue` makes. An id that somebody was first with is not added
   * again; what other tabs added is taken in on the way, so that the mirror has no gaps.
   * @returns the numbers of those that were added
   */
  async append(records: readonly OutboxRecord[]): Promise<number[]> {
    for (;;) {
      const ids = new Map(records.filter(({id}) => !this.find(id)).map(record => [record.id, record]));
      if (ids.size === 0) return [];
      // As of that look: what the mirror takes in before the transaction begins was not looked at.
      const from = this.lastSeq + 1;
      let taken: Entry[] | undefined;
      try {
        // All is asked at once, so that it costs one trip to the disk; what must not stay is rolled back.
        const [newer, added] = await this.#transaction(
          'readwrite',
          async tx => {
            const [tombstone, added] = await Promise.all([
              tx.get('outbox', TOMBSTONE),
              appendAll(tx, [...ids.values()]),
            ]);
            if (tombstone) throw loggedOut();
            const to = added[0]?.[0] ?? from;
            const newer = to > from ? await readEntries(tx, {from, to}) : [];
            if (newer.some(([, record]) => record && ids.has(record.id))) {
              taken = newer;
              throw new SyncError('storage-conflict', 'Another tab was first with this id');
            }
            return [newer, added] as const;
          },
          'strict',
        );
        this.#absorb([...newer, ...added]);
        return added.map(([seq]) => seq);
      } catch (error) {
        if (!taken) throw error;
        this.#absorb(taken);
      }
    }
  }

  /**
   * Changes records on top of what the store says now, since another tab may have been first.
   * @param change returns the new record, undefined to remove it, or the same one to leave it
   * @returns the numbers of those that changed
   */
  async update(
    seqs: readonly number[],
    change: (record: OutboxRecord, seq: number) => OutboxRecord | undefined,
    {append, durability = 'strict'}: UpdateOptions = {},
  ): Promise<number[]> {
    if (seqs.length === 0) return [];
    const {newer, changed} = await this.#transaction(
      'readwrite',
      async tx => {
        const [newer, found] = await Promise.all([
          append ? readEntries(tx, {from: this.lastSeq + 1}) : [],
          readNamed(tx, seqs),
        ]);
        const present = new Map<number, OutboxRecord>();
        const changed: Entry[] = [];
        for (const [seq, record] of found) {
          if (!record) continue;
          present.set(seq, record);
          const after = change(record, seq);
          if (after === record) continue;
          if (after) tx.put('outbox', seq, after);
          changed.push([seq, after]);
        }
        const gone = changed.filter(([, after]) => !after).map(([seq]) => seq);
        for (const [from, to] of runsOf(gone)) tx.deleteRange('outbox', {from, to});
        if (append) changed.push(...(await appendAll(tx, append(present))));
        return {newer: [...newer, ...found.filter(([, record]) => !record)], changed};
      },
      durability,
    );
    this.#absorb([...newer, ...changed]);
    return changed.map(([seq]) => seq);
  }

  /**
   * Empties the outbox for good: every later write, of any tab, is turned away.
   * @param upTo only if nothing came behind this number
   * @returns whether it was done
   */
  async bury(upTo = Number.POSITIVE_INFINITY): Promise<boolean> {
    const buried = await this.#transaction(
      'readwrite',
      async tx => {
        if (Number((await tx.lastKey('outbox')) ?? TOMBSTONE) > upTo) return false;
        tx.deleteRange('outbox', {});
        tx.put('outbox', TOMBSTONE, {loggedOut: true});
        return true;
      },
      'strict',
    );
    if (buried) this.#absorb([...this.records.keys()].map(seq => [seq, undefined]));
    return buried;
  }

  /** Drops all there is; later writes are welcome. */
  async empty(): Promise<void> {
    await this.update([...this.records.keys()], () => undefined);
  }

  async #transaction<T>(
    mode: TransactionMode,
    run: (tx: Transaction) => Promise<T>,
    durability?: 'relaxed' | 'strict',
  ): Promise<T> {
    this.work.pending++;
    try {
      return await this.#database.transaction(['outbox'], mode, run, durability);
    } finally {
      this.work.pending--;
      this.work.ended++;
    }
  }

  #absorb(entries: readonly Entry[]): void {
    for (const [seq, after] of entries) {
      const before = this.records.get(seq);
      if (after && before && isSame(after, before)) continue;
      this.index.set(seq, after);
      if (after || before) this.#listener(seq, after, before);
    }
  }
}

type Transaction = StorageTransaction<'outbox'>;

async function readEntries(tx: Transaction, range: Range): Promise<Entry[]> {
  const entries = await tx.entries('outbox', range);
  return entries.map(([seq, stored]) => [Number(seq), readRecord(Number(seq), stored)]);
}

/** Those numbers, as they are now: what lies side by side in one request. */
async function readNamed(tx: Transaction, seqs: readonly number[]): Promise<Entry[]> {
  const found = await Promise.all(
    runsOf(seqs).map(
      async ([from, to]): Promise<[Key, unknown][]> =>
        to - from > 1 ? tx.entries('outbox', {from, to}) : [[from, await tx.get('outbox', from)]],
    ),
  );
  const stored = new Map(found.flat());
  return seqs.map(seq => {
    const value = stored.get(seq);
    return [seq, value === undefined ? undefined : readRecord(seq, value)];
  });
}

/** The numbers as stretches without a gap: from, and to where it ends. */
function runsOf(seqs: readonly number[]): [from: number, to: number][] {
  const runs: [number, number][] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && seq <= last[1]) last[1] = seq + 1;
    else runs.push([seq, seq + 1]);
  }
  return runs;
}

function appendAll(tx: Transaction, records: readonly OutboxRecord[]): Promise<[number, OutboxRecord][]> {
  return Promise.all(
    records.map(async (record): Promise<[number, OutboxRecord]> => [await tx.append('outbox', record), record]),
  );
}

export function loggedOut(): SyncError {
  return new SyncError('logged-out', 'This user was logged out; nothing more is saved for them here', {
    action: 'sign-in',
  });
}
