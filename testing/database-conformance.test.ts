/** The kit itself: it passes a database that does right, and each of these, which does one thing wrong, fails it. */
import {expect} from '@open-wc/testing';
import {memoryDatabase} from '../src/database/adapters/memory.js';
import type {Change, Database, DatabaseCheckpoint, DatabaseTransaction} from '../src/index.js';
import {databaseConformance} from './database-conformance.js';

type Whole = Required<Omit<Database, 'scope' | 'name'>>;
type Transaction = Required<DatabaseTransaction>;

/** A database in memory, with something of it done another way. */
const made = (change: (whole: Whole) => Partial<Whole> = () => ({})) => {
  return (): Database => {
    const memory = memoryDatabase();
    const whole: Whole = {
      transaction: run => memory.transaction(run),
      clear: () => memory.clear(),
      get: (type, id) => memory.get(type, id),
      list: type => memory.list(type),
    };
    return {...whole, ...change(whole)};
  };
};
const inTransaction = (change: (tx: Transaction) => Partial<Transaction>) =>
  made(({transaction}) => ({
    transaction: run =>
      transaction(async given => {
        const tx = given as Transaction;
        return run({
          upsertEntity: (...change) => tx.upsertEntity(...change),
          deleteEntity: (...change) => tx.deleteEntity(...change),
          applyChanges: changes => tx.applyChanges(changes),
          readCheckpoint: () => tx.readCheckpoint(),
          writeCheckpoint: checkpoint => tx.writeCheckpoint(checkpoint),
          ...change(tx),
        });
      }),
  }));
const inBulk = (change: (changes: readonly Change[]) => readonly Change[]) =>
  inTransaction(tx => ({applyChanges: changes => tx.applyChanges(change(changes))}));

const WRONG: Record<string, () => Database> = {
  'replaces a row by a partial update': inTransaction(tx => ({
    upsertEntity: (type, id, data, timestamp) => tx.upsertEntity(type, id, data, timestamp, false),
  })),
  'replaces a row by a partial update in bulk': inBulk(changes => changes.map(each => ({...each, partial: false}))),
  'merges a whole row into the one before': inTransaction(tx => ({
    upsertEntity: (type, id, data, timestamp) => tx.upsertEntity(type, id, data, timestamp, true),
  })),
  'merges a whole row into the one before in bulk': inBulk(changes =>
    changes.map(each => (each.type === 'delete' ? each : {...each, partial: true})),
  ),
  'deletes the id in all types': inTransaction(tx => ({
    deleteEntity: async (_type, id) => {
      await tx.deleteEntity('task', id);
      await tx.deleteEntity('note', id);
    },
  })),
  'deletes the id in all types in bulk': inBulk(changes =>
    changes.flatMap(each => (each.type === 'delete' ? [each, {...each, entityType: 'note'}] : [each])),
  ),
  'writes the id in one type only': inTransaction(tx => ({
    upsertEntity: (_type, ...rest) => tx.upsertEntity('task', ...rest),
  })),
  'applies a bulk from behind': inBulk(changes => [...changes].reverse()),
  'deletes nothing in bulk': inBulk(changes => changes.filter(({type}) => type !== 'delete')),
  'takes 256 changes at the most': inBulk(changes => changes.slice(0, 256)),
  'keeps what a transaction that failed has done': made(({transaction}) => ({
    async transaction(run) {
      const settled = await transaction(async tx => Promise.allSettled([run(tx)]));
      if (settled[0].status === 'rejected') throw settled[0].reason;
      return settled[0].value;
    },
  })),
  'loses the result of a transaction': made(({transaction}) => ({
    async transaction(run) {
      await transaction(run);
      return undefined as never;
    },
  })),
  'keeps the checkpoint when it clears': made(({transaction, clear}) => ({
    async clear() {
      const kept = await transaction(async tx => tx.readCheckpoint?.());
      await clear();
      if (kept) await transaction(async tx => tx.writeCheckpoint?.(kept));
    },
  })),
  'keeps half of a checkpoint': inTransaction(tx => ({
    writeCheckpoint: ({instance, epoch, at}) => tx.writeCheckpoint(at ? {instance, epoch, at} : {instance, epoch}),
  })),
  'keeps the checkpoint beside the transaction': made(({transaction}) => {
    let kept: DatabaseCheckpoint | undefined;
    return {
      transaction: run =>
        transaction(tx =>
          run({
            upsertEntity: (...change) => tx.upsertEntity(...change),
            deleteEntity: (...change) => tx.deleteEntity(...change),
            readCheckpoint: async () => kept,
            writeCheckpoint(checkpoint) {
              kept = checkpoint;
            },
          }),
        ),
    };
  }),
  'finds a row of another type': made(({get}) => ({
    get: async (_type, id) => (await get('task', id)) ?? get('note', id),
  })),
  'lists less than a query selects': made(({list}) => ({
    list: async (type, query) => (query.where?.['title'] ? [] : list(type, query)),
  })),
};

async function failures(make: () => Database): Promise<string[]> {
  const failed: string[] = [];
  for (const {name, run} of databaseConformance('it', make)) await run().catch(() => failed.push(name));
  return failed;
}

describe('the kit for databases', () => {
  it('passes one that does right', async () => {
    expect(await failures(made())).to.deep.equal([]);
    expect(await failures(inTransaction(() => ({})))).to.deep.equal([]);
  });
  for (const [what, make] of Object.entries(WRONG)) {
    it(`fails one that ${what}`, async () => {
      expect(await failures(make)).to.not.deep.equal([]);
    });
  }
});
