/** Moving from one local database to another: claims, the work of an unclaimed one, logout. */
import {CLIENT_STORES, type ClientStore, instanceName} from '../database/database.js';
import type {Instance} from '../database/directory.js';
import type {Platform} from '../platform/platform.js';
import type {StorageDatabase} from '../platform/storage.js';
import {Outbox} from '../queue/outbox.js';
import {isUnanswered, type OutboxRecord} from '../queue/queue.js';
import {sentAgain} from '../queue/records.js';

/**
 * Carries the operations of an unclaimed database to its new owner's. They are written there before they are taken away
 * here, under the same ids, so that a crash between the two loses nothing and doubles nothing.
 */
export async function adoptWork(from: StorageDatabase<ClientStore>, to: Outbox): Promise<void> {
  const source = new Outbox(from, () => {});
  let taken = 0;
  do {
    await source.load();
    await carryWork(source, to, taken);
    taken = source.lastSeq;
    // Another tab may have written one more in the meantime: then nothing is buried, and it is carried as well.
  } while (!(await source.bury(taken)));
}

/** `adoptWork`, for an owner whose database is not open here. */
export async function adoptWorkInto(
  platform: Platform,
  from: StorageDatabase<ClientStore>,
  to: Instance,
): Promise<void> {
  const target = await platform.storage.open(instanceName(to.id), CLIENT_STORES);
  try {
    const destination = new Outbox(target, () => {});
    await destination.load();
    await adoptWork(from, destination);
  } finally {
    target.close();
  }
}

/** Saves what one outbox holds in memory, from a number on, in another, under the same ids. */
export async function carryWork(from: Outbox, to: Outbox, behind = 0): Promise<void> {
  const work = [...from.records].filter(([seq, {stage}]) => seq > behind && stage !== 'done');
  await to.append(work.map(([, record]) => asQueued(record)));
}

function asQueued(record: OutboxRecord): OutboxRecord {
  return isUnanswered(record) || record.stage === 'applied' ? {...sentAgain(record), stage: 'queued'} : record;
}

/**
 * Clears the rows, and the outbox unless its work is kept. What is left of the journal is a fence, so that a leader that
 * has not heard of it can't write any more.
 */
export async function wipe(database: StorageDatabase<ClientStore>): Promise<void> {
  await database.transaction(
    ['journal', 'meta'],
    'readwrite',
    async tx => {
      const last = ((await tx.lastKey('journal')) as number | undefined) ?? 0;
      tx.deleteRange('journal', {});
      tx.deleteRange('meta', {});
      tx.add('journal', last + 1, {kind: 'fence', from: 1});
    },
    'strict',
  );
}
