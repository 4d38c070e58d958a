/**
 * The memory source as a database that takes its time: between a commit and its acknowledgement, a query and its rows,
 * other things happen, and the server may die. It tells the oracle of each operation's transaction.
 */

import type {ChangeSource, LogPosition, PageRequest, SourceTransaction} from '../../server/source/change-source.js';
import type {MemorySource} from '../../server/source/memory/memory-source.js';
import type {WireOperation} from '../../src/protocol/protocol.js';

export interface SourceHost {
  /** Resolves a little later, if the server still runs. */
  pause(): Promise<void>;
  /** An operation's record stands in a transaction that is about to commit. */
  recorded(lsn: string, effect: {id: string; instance: string; seq: number}): void;
  rolledBack(): void;
}

export function slowSource(inner: MemorySource, host: SourceHost): ChangeSource {
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    await host.pause();
    const value = await work();
    await host.pause();
    return value;
  };
  return {
    get generation() {
      return inner.generation;
    },
    get head() {
      return inner.head;
    },
    get tables() {
      return inner.tables;
    },
    start: publication => inner.start(publication),
    stop: () => inner.stop(),
    subscribe: listener => inner.subscribe(listener),
    verify: (lsn, mark) => slowly(() => inner.verify(lsn, mark)),
    read: (after: LogPosition, maxBytes) => slowly(() => inner.read(after, maxBytes)),
    page: (request: PageRequest) => slowly(() => inner.page(request)),
    count: (table, filters) => slowly(() => inner.count(table, filters)),
    loadInstance: (subject, instance) => slowly(() => inner.loadInstance(subject, instance)),
    saveInstance: (subject, instance, state) => slowly(() => inner.saveInstance(subject, instance, state)),
    trim: keep => inner.trim(keep),
    transaction: run => slowly(() => inner.transaction(tx => observed(tx, host, run))),
  };
}

async function observed<T>(
  tx: SourceTransaction,
  host: SourceHost,
  run: (tx: SourceTransaction) => Promise<T>,
): Promise<T> {
  host.rolledBack();
  return run({
    position: () => tx.position(),
    read: (table, id) => tx.read(table, id),
    write: (table, id, columns, mode) => tx.write(table, id, columns, mode),
    remove: (table, id) => tx.remove(table, id),
    query: (sql, params) => tx.query(sql, params),
    findRecord: (subject, id) => tx.findRecord(subject, id),
    saveRecord: async (subject, record) => {
      host.recorded(record.lsn, record);
      await tx.saveRecord(subject, record);
    },
  } as SourceTransaction);
}

/** An operation that the reference server of the simulation refuses for good, or the first times. */
export function whimOf(op: WireOperation): 'poison' | 'flaky' | undefined {
  const whim = (op.payload as {whim?: unknown} | undefined)?.whim;
  return whim === 'poison' || whim === 'flaky' ? whim : undefined;
}
