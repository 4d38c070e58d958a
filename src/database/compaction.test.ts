import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {
  changes,
  checkpoint,
  newStage,
  part,
  partial,
  remove,
  rows,
  snapshot,
  update,
} from '../../test/helpers/replica.js';
import {Disk, STORAGES} from '../../test/helpers/storage.js';
import {seededRandom} from '../../testing/simulation/random.js';
import {foldJournal} from '../../testing/simulation/replica-fold.js';
import type {StorageDatabase, StorageTransaction} from '../platform/storage.js';
import {type Change, type JsonObject, SyncError} from '../protocol/protocol.js';
import {Compaction} from './compaction.js';
import type {ClientStore, JournalRecord, Salvage} from './database.js';
import {Journal} from './journal.js';
import {Replica} from './replica.js';

const row = (id: string, more: JsonObject = {}) => update(id, {id, ...more});

for (const [storage, make] of STORAGES) {
  describe(`compaction, in ${storage}`, () => {
    let disk: Disk;
    let database: StorageDatabase<ClientStore>;
    let journal: Journal;
    let replica: Replica;
    let lsn: number;
    beforeEach(async () => {
      disk = new Disk(make());
      database = await disk.openClient();
      journal = new Journal(database);
      await journal.promote();
      replica = open();
      lsn = 1;
    });
    afterEach(() => disk.clear());

    const open = (cacheBytes = 10_000) => new Replica(database, {cacheBytes, indexes: {task: ['n']}});
    const append = (...list: Change[]) =>
      journal.append([changes(...list)], {checkpoint: checkpoint(`1/${(++lsn).toString(16)}`)});
    const records = () => database.transaction(['journal'], 'readonly', tx => tx.entries('journal'));
    const compact = async (steps = Number.POSITIVE_INFINITY, slack = 0) => {
      let left = steps;
      const compaction = new Compaction(journal, replica, slack, new FakeClock());
      await replica.count('task', {});
      await compaction.run(() => left-- > 0);
    };
    /** The journal by the letter of its format, read by none of the code under test. */
    const fold = async () => {
      const {base, stage, journal} = await database.transaction(['journal', 'meta'], 'readonly', async tx => ({
        base: await tx.get('meta', 'base'),
        stage: await tx.get('meta', 'stage'),
        journal: await tx.entries('journal'),
      }));
      const stores = new Map([
        [
          'meta',
          {
            rows: new Map([
              ['base', base],
              ['stage', stage],
            ]),
          },
        ],
        ['journal', {rows: new Map(journal)}],
      ]);
      return [...foldJournal(stores as unknown as Parameters<typeof foldJournal>[0])].sort();
    };
    const shown = async (from: Replica) =>
      (await from.list('task', {})).map(row => [`task/${row['id']}`, JSON.stringify(row)]).sort();
    const randomChange = (random: ReturnType<typeof seededRandom>): Change => {
      const id = `r${random.below(12)}`;
      return random.below(4) === 0 ? remove(id) : row(id, {n: random.below(100)});
    };

    it('leaves what the journal says as it was, and drops what was superseded', async () => {
      await snapshot(journal, '1/1', row('a'), row('b'), row('c'));
      for (let n = 0; n < 50; n++) await append(row('a', {n}), row('x', {n}), ...(n % 2 ? [remove('x')] : []));
      const before = await fold();
      const count = (await records()).length;
      await compact();
      expect(await fold()).to.deep.equal(before);
      expect((await records()).length).to.be.lessThan(count / 4);
      expect(await shown(open())).to.deep.equal(before);
      expect(await shown(replica)).to.deep.equal(before);
    });
    it('keeps the journal of a row that changes for ever within a bound', async () => {
      await snapshot(journal, '1/1', row('a'), row('b'));
      const compaction = new Compaction(journal, replica, 20, new FakeClock());
      await replica.count('task', {});
      for (let n = 0; n < 300; n++) {
        await append(row('a', {n}));
        await compaction.run(() => true);
        expect((await records()).length).to.be.lessThan(40);
      }
      expect(await replica.list('task', {})).to.deep.equal([{id: 'a', n: 299}, {id: 'b'}]);
    });
    it('at any moment, in any number of steps, is seen by no reader, however far behind', async () => {
      for (let seed = 1; seed <= (storage === 'memory' ? 8 : 1); seed++) {
        const random = seededRandom(seed);
        await snapshot(
          journal,
          `1/${(++lsn).toString(16)}`,
          ...Array.from({length: 8}, () => row(`r${random.below(12)}`)),
        );
        const readers = [open(), open(1), open(300)];
        for (let turn = 0; turn < 60; turn++) {
          await append(...Array.from({length: random.below(4)}, () => randomChange(random)));
          if (random.below(4) === 0) await compact(1 + random.below(3), random.below(30));
          const reader = random.pick(readers);
          if (random.below(2) > 0)
            expect(await shown(reader), `seed ${seed}, turn ${turn}`).to.deep.equal(await fold());
        }
        for (const reader of readers) {
          expect(await shown(reader)).to.deep.equal(await fold());
          const due = (await reader.list('task', {})).filter(({n}) => Number(n) >= 50).length;
          expect(await reader.count('task', {where: {n: {gte: 50}}})).to.equal(due);
        }
      }
    });
    it('makes one whole row of what partial updates made of it', async () => {
      await snapshot(journal, '1/1', row('a', {x: 0}), row('b', {n: 1}));
      const reader = open();
      await reader.count('task', {});
      for (let n = 0; n < 30; n++) await append(partial('a', {[`c${n % 3}`]: n}), partial('b', {n}));
      await compact(3);
      const due = [
        {id: 'a', x: 0, c0: 27, c1: 28, c2: 29},
        {id: 'b', n: 29},
      ];
      for (const each of [replica, reader, open()]) {
        expect(await each.list('task', {})).to.deep.equal(due);
        expect(await each.list('task', {where: {n: {gte: 29}}})).to.deep.equal(due.slice(1));
      }
    });

    for (const fault of ['before', 'quota'] as const) {
      it(`cut off (${fault}) at any of its writes leaves the journal as it was, or done with the step`, async () => {
        let survived = false;
        for (let at = 1; !survived; at++) {
          const before = await fresh();
          let writes = 0;
          const failing = {
            ...database,
            transaction: (
              stores: ClientStore[],
              mode: 'readonly' | 'readwrite',
              run: (tx: StorageTransaction) => unknown,
            ) =>
              database.transaction(stores, mode, tx =>
                run(
                  new Proxy(tx, {
                    get: (target, name) =>
                      !['add', 'put', 'deleteRange'].includes(String(name))
                        ? Reflect.get(target, name).bind(target)
                        : (...args: unknown[]) => {
                            if (++writes === at)
                              throw new SyncError(fault === 'quota' ? 'quota-exceeded' : 'storage-closed', 'x');
                            return Reflect.get(target, name).apply(target, args);
                          },
                  }) as StorageTransaction,
                ),
              ),
          } as unknown as StorageDatabase<ClientStore>;
          journal = new Journal(failing);
          await promoteOn(journal, () => (writes = Number.NEGATIVE_INFINITY));
          writes = 0;
          await compact();
          survived = writes < at;
          expect(await fold(), `cut at write ${at}`).to.deep.equal(before);
          expect(await shown(open())).to.deep.equal(before);
          // Whoever leads next goes on with it.
          journal = new Journal(database);
          await journal.promote();
          await append(row('later'));
          await compact();
          expect((await fold()).length).to.equal(before.length + 1);
        }
      });
    }
    const fresh = async () => {
      journal = new Journal(database);
      await journal.promote();
      await snapshot(journal, `1/${(++lsn).toString(16)}`, row('a'), row('b'));
      for (let n = 0; n < 30; n++) await append(row('a', {n}));
      return fold();
    };
    const promoteOn = async (journal: Journal, allow: () => void) => {
      allow();
      await journal.promote();
    };

    it('of a leader whose place was taken comes to nothing', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 20; n++) await append(row('a', {n}));
      await replica.count('task', {});
      const salvage = await replica.salvage(0);
      await new Journal(database).promote();
      const before = await records();
      let code = '';
      if (salvage) await journal.compact(salvage).catch(error => (code = error.code));
      expect(code).to.equal('storage-conflict');
      expect(await records()).to.deep.equal(before);
    });
    it('gathered before something was written is thrown away', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 20; n++) await append(row('a', {n}));
      const salvage = await replica.salvage(0);
      await append(remove('a'));
      expect(salvage && (await journal.compact(salvage))).to.equal(false);
      expect(await shown(open())).to.deep.equal([]);
    });
    it('does nothing while a snapshot is staged or a transaction has come in part', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 20; n++) await append(row('a', {n}));
      await journal.append([part(1, false, row('p'))], undefined);
      const inParts = await records();
      await compact();
      expect(await records()).to.deep.equal(inParts);
      await journal.append([part(2, true, row('q'))], {checkpoint: checkpoint('1/99')});
      const stage = await journal.beginStage(newStage('2/1'), undefined);
      await journal.append([rows(row('staged'))], {stage: {...stage, cursor: '1'}});
      const staged = await records();
      await compact();
      expect(await records()).to.deep.equal(staged);
      expect((await shown(replica)).map(([id]) => id)).to.deep.equal(['task/a', 'task/p', 'task/q']);
      await journal.swap(stage, checkpoint('2/1'));
      expect((await shown(replica)).map(([id]) => id)).to.deep.equal(['task/staged']);
    });
    it('does nothing behind a stage that has just begun: what it put there would be hidden with it', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 20; n++) await append(row('a', {n}));
      await journal.beginStage(newStage('2/1'), undefined);
      const staged = await records();
      const salvage = await replica.salvage(0);
      expect(salvage && (await journal.compact(salvage))).to.equal(false);
      expect(await records()).to.deep.equal(staged);
      expect((await shown(open())).map(([id]) => id)).to.deep.equal(['task/a']);
    });
    it('stops when it is no longer idle, and goes on later', async () => {
      await snapshot(journal, '1/1', row('a'), row('b'));
      for (let n = 0; n < 100; n++) await append(row('a', {n}));
      await compact(1);
      const first = (await records()).length;
      await compact(0);
      expect((await records()).length).to.equal(first);
      await compact();
      expect((await records()).length).to.be.lessThan(first);
    });
    it('that found no room tries again after a minute, and not before', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 100; n++) await append(row('a', {n}));
      await replica.count('task', {});
      const clock = new FakeClock();
      let isFull = true;
      const tries: number[] = [];
      const full = {
        get length() {
          return journal.length;
        },
        compact: async (salvage: Salvage) => {
          tries.push(clock.monotonic());
          if (isFull) throw new SyncError('quota-exceeded', 'x');
          return journal.compact(salvage);
        },
      } as unknown as Journal;
      const compaction = new Compaction(full, replica, 0, clock);
      const before = await records();
      for (let second = 0; second < 90; second++) {
        await compaction.run(() => true);
        await clock.advance(1000);
      }
      expect(tries).to.deep.equal([0, 60_000]);
      expect(await records()).to.deep.equal(before);
      isFull = false;
      await clock.advance(30_000);
      await compaction.run(() => true);
      expect((await records()).length).to.be.lessThan(before.length / 2);
      expect(await shown(open())).to.deep.equal([['task/a', '{"id":"a","n":99}']]);
    });
    it('leaves a later leader a higher epoch', async () => {
      await snapshot(journal, '1/1', row('a'));
      for (let n = 0; n < 20; n++) await append(row('a', {n}));
      await append(remove('a'));
      await compact();
      const [last] = (await records()).at(-1) as [number, JournalRecord];
      const next = await new Journal(database).promote();
      expect(next.epoch).to.equal(last + 1);
    });
  });
}
