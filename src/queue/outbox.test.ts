import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {record} from '../../test/helpers/outbox.js';
import {Disk, freshName, STORAGES} from '../../test/helpers/storage.js';
import type {StorageTransaction} from '../platform/storage.js';
import {Outbox} from './outbox.js';

for (const [name, make] of STORAGES) {
  describe(`the outbox, in ${name}`, () => {
    let disk: Disk;
    let place: string;
    let told: string[];
    let outbox: Outbox;

    const open = async (listener: ConstructorParameters<typeof Outbox>[1] = () => {}) => {
      const opened = new Outbox(await disk.openClient(place), listener);
      await opened.load();
      return opened;
    };
    const contents = (of: Outbox) => [...of.records].map(([seq, {id, stage}]) => `${seq} ${id} ${stage}`);
    const send = (of: Outbox, ...seqs: number[]) => of.update(seqs, old => ({...old, stage: 'sent'}));

    beforeEach(async () => {
      disk = new Disk(make());
      place = freshName('outbox');
      told = [];
      outbox = await open((seq, after, before) => told.push(`${seq} ${before?.stage ?? '-'}→${after?.stage ?? '-'}`));
    });
    afterEach(() => disk.clear());

    it('numbers operations in the order in which they are written, and mirrors them', async () => {
      expect(await outbox.append([record('a'), record('b')])).to.deep.equal([1, 2]);
      expect(await outbox.append([record('c')])).to.deep.equal([3]);
      expect(contents(outbox)).to.deep.equal(['1 a queued', '2 b queued', '3 c queued']);
      expect(outbox.find('b')).to.deep.equal({seq: 2, record: record('b')});
      expect(outbox.find('z')).to.equal(undefined);
      expect(told).to.deep.equal(['1 -→queued', '2 -→queued', '3 -→queued']);
      expect(outbox.lastSeq).to.equal(3);
    });
    it('holds what append resolved, for who opens it next', async () => {
      await outbox.append([record('a')]);
      expect(contents(await open())).to.deep.equal(['1 a queued']);
    });
    it('holds nothing of an append that failed', async () => {
      const bad = record('b', {payload: (() => {}) as never});
      expect(await rejectionCode(outbox.append([record('a'), bad]))).to.equal('storage-failed');
      expect(contents(outbox)).to.deep.equal([]);
      expect(contents(await open())).to.deep.equal([]);
    });
    it('changes, removes and leaves records, and names those that changed', async () => {
      await outbox.append([record('a'), record('b'), record('c')]);
      told.length = 0;
      const changed = await outbox.update([1, 2, 3, 99], old => {
        if (old.id === 'a') return {...old, stage: 'sent'};
        return old.id === 'b' ? undefined : old;
      });
      expect(changed).to.deep.equal([1, 2]);
      expect(contents(outbox)).to.deep.equal(['1 a sent', '3 c queued']);
      expect(contents(await open())).to.deep.equal(['1 a sent', '3 c queued']);
      expect(told).to.deep.equal(['1 queued→sent', '2 queued→-']);
      expect(outbox.find('b')).to.equal(undefined);
    });
    it('never gives a number twice, whatever is removed and reopened', async () => {
      await outbox.append([record('a'), record('b')]);
      await outbox.update([1, 2], () => undefined);
      const again = await open();
      expect(await again.append([record('c')])).to.deep.equal([3]);
    });

    describe('of two tabs', () => {
      let other: Outbox;
      beforeEach(async () => {
        other = await open();
      });
      it('finds what it missed of a key by a later one of it that is answered', async () => {
        await outbox.append([record('a', {key: 'k'}), record('b', {key: 'k'}), record('c', {key: 'l'})]);
        await other.load();
        await outbox.update([1, 2, 3], old => ({...old, stage: 'applied'}));
        await other.reread([2]);
        expect(contents(other)).to.deep.equal(['1 a applied', '2 b applied', '3 c queued']);
      });
      it('adds an id once, though the mirror learns of it while the write waits for its turn', async () => {
        const database = await disk.openClient(place);
        let turn: Promise<unknown> = Promise.resolve();
        const slow = new Outbox(
          {
            ...database,
            transaction: async (stores, mode, ...more) => {
              if (mode === 'readwrite') await turn;
              return database.transaction(stores, mode, ...more);
            },
          },
          () => {},
        );
        await outbox.append([record('a'), record('b')]);
        turn = slow.load();
        await slow.append([record('a'), record('b'), record('c')]);
        expect(contents(await open())).to.deep.equal(['1 a queued', '2 b queued', '3 c queued']);
      });
      it('learns by a hint what the other changed, removed and added', async () => {
        await outbox.append([record('a'), record('b')]);
        await other.reread([1, 2]);
        expect(contents(other)).to.deep.equal(['1 a queued', '2 b queued']);
        await send(outbox, 1);
        await outbox.update([2], () => undefined);
        await outbox.append([record('c')]);
        await other.reread([1, 2, 3]);
        expect(contents(other)).to.deep.equal(contents(outbox));
      });
      it('learns by any hint what came behind all that it knows', async () => {
        await outbox.append([record('a')]);
        await outbox.append([record('b')]);
        await other.reread([]);
        expect(contents(other)).to.deep.equal(['1 a queued', '2 b queued']);
      });
      it('learns by loading what it was never told', async () => {
        await outbox.append([record('a'), record('b')]);
        await other.load();
        await outbox.update([1], () => undefined);
        await send(outbox, 2);
        await other.load();
        expect(contents(other)).to.deep.equal(['2 b sent']);
      });
      it('learns by looking what it was never told: what is new at once, what changed when its turn comes', async () => {
        const many = Array.from({length: 1200}, (_, index) => record(`o${index}`));
        await outbox.append(many);
        await other.load();
        await outbox.update([3, 700, 1100], one => ({...one, stage: 'sent'}));
        await outbox.update([4, 701, 1200], () => undefined);
        await outbox.append([record('new')]);
        const known = () => [3, 700, 1100].filter(seq => other.records.get(seq)?.stage === 'sent').length;
        const gone = () => [4, 701, 1200].filter(seq => !other.records.has(seq)).length;
        await other.look();
        expect([known(), gone(), other.find('new')?.seq]).to.deep.equal([1, 1, 1201]);
        await other.look();
        expect([known(), gone()]).to.deep.equal([2, 2]);
        await other.look();
        expect(contents(other)).to.deep.equal(contents(outbox));
        // From the beginning again.
        await outbox.update([5], () => undefined);
        await other.look();
        expect(other.records.has(5)).to.equal(false);
      });
      it('reads no more than a part at a look, however much there is', async () => {
        await outbox.append(Array.from({length: 1200}, (_, index) => record(`o${index}`)));
        let read = 0;
        const database = await disk.openClient(place);
        const counted = (tx: StorageTransaction<'outbox'>): StorageTransaction<'outbox'> => ({
          ...tx,
          get: (...all) => tx.get(...all),
          entries: async (...all) => {
            const entries = await tx.entries(...all);
            read += entries.length;
            return entries;
          },
        });
        const looking = new Outbox(
          {
            close: () => database.close(),
            transaction: (stores, mode, run, durability) =>
              database.transaction(stores, mode, tx => run(counted(tx)), durability),
          },
          () => {},
        );
        await looking.load();
        expect(read).to.equal(1200);
        read = 0;
        await looking.look();
        expect(read).to.equal(500);
      });
      it('learns by looking that it was buried', async () => {
        await outbox.bury();
        await other.look();
        expect(other.isBuried).to.equal(true);
      });
      it('survives hints of what never was', async () => {
        await outbox.append([record('a')]);
        await other.reread([-5, 0, 1.5, 7, 2 ** 40]);
        expect(contents(other)).to.deep.equal(['1 a queued']);
        expect(other.lastSeq).to.equal(1);
      });
      it('learns on its own append what the other added before it, hint or not', async () => {
        await outbox.append([record('a')]);
        await other.append([record('b')]);
        expect(contents(other)).to.deep.equal(['1 a queued', '2 b queued']);
      });
      it('keeps the order of the numbers, in whatever order it learns of them', async () => {
        await outbox.append([record('a')]);
        await other.append([record('b')]);
        await outbox.append([record('c')]);
        await other.reread([1, 3]);
        await outbox.reread([2]);
        for (const each of [outbox, other]) expect([...each.records.keys()]).to.deep.equal([1, 2, 3]);
      });
      it('changes what the store says now, not what it remembers', async () => {
        await outbox.append([record('a'), record('b')]);
        await other.load();
        await send(outbox, 1);
        await outbox.update([2], () => undefined);
        const seen: string[] = [];
        const changed = await other.update([1, 2], old => {
          seen.push(old.stage);
          return old.stage === 'queued' ? {...old, stage: 'failed'} : old;
        });
        expect(seen).to.deep.equal(['sent']);
        expect(changed).to.deep.equal([]);
      });
      it('writes an id once, though both were given it at once', async () => {
        await Promise.all([outbox.append([record('a')]), other.append([record('a')])]);
        await Promise.all([outbox.load(), other.load()]);
        expect(contents(outbox)).to.deep.equal(['1 a queued']);
        expect(contents(other)).to.deep.equal(['1 a queued']);
      });
      it('moves a record to the end once, though both do it at once', async () => {
        await outbox.append([record('a'), record('b')]);
        await other.load();
        const move = (of: Outbox) => of.update([1], () => undefined, {append: present => [...present.values()]});
        await Promise.all([move(outbox), move(other)]);
        await Promise.all([outbox.load(), other.load()]);
        for (const each of [outbox, other]) expect(contents(each)).to.deep.equal(['2 b queued', '3 a queued']);
      });
    });

    describe('buried', () => {
      it('is empty, and turns every later append of any tab away with logged-out', async () => {
        const other = await open();
        await outbox.append([record('a')]);
        expect(await outbox.bury()).to.equal(true);
        expect(contents(outbox)).to.deep.equal([]);
        expect(await rejectionCode(outbox.append([record('b')]))).to.equal('logged-out');
        expect(await rejectionCode(other.append([record('c')]))).to.equal('logged-out');
        expect(await rejectionCode((await open()).append([record('d')]))).to.equal('logged-out');
        expect(contents(await open())).to.deep.equal([]);
      });
      it('takes nothing by way of a change either', async () => {
        await outbox.append([record('a', {stage: 'failed'})]);
        const other = await open();
        await outbox.bury();
        await other.update([1], () => undefined, {append: present => [...present.values()]});
        await send(other, 1);
        expect(contents(await open())).to.deep.equal([]);
      });
      it('does not show the tombstone as an operation', async () => {
        await outbox.bury();
        const reader = await open();
        await reader.reread([0, 1]);
        expect(contents(reader)).to.deep.equal([]);
      });
      it('tells of each operation that it is gone', async () => {
        await outbox.append([record('a'), record('b')]);
        told.length = 0;
        await outbox.bury();
        expect(told).to.deep.equal(['1 queued→-', '2 queued→-']);
      });
      it('only up to a number, is not where something came behind it', async () => {
        await outbox.append([record('a')]);
        const other = await open();
        await other.append([record('b')]);
        expect(await outbox.bury(1)).to.equal(false);
        expect(await outbox.append([record('c')])).to.deep.equal([3]);
        expect(await outbox.bury(3)).to.equal(true);
      });
      it('twice is buried', async () => {
        await outbox.bury();
        expect(await outbox.bury()).to.equal(true);
      });
    });

    it('takes ids of any name', async () => {
      for (const id of ['__proto__', 'constructor', 'toString']) {
        expect(outbox.find(id)).to.equal(undefined);
        await outbox.append([record(id)]);
        expect(outbox.find(id)?.record.id).to.equal(id);
      }
    });
  });
}
