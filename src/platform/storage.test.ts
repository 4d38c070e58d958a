/** One suite for every storage: what the rooms above rely on. */
import {expect} from '@open-wc/testing';
import {rejection, rejectionCode} from '../../test/helpers/errors.js';
import {Disk, freshName, STORAGES} from '../../test/helpers/storage.js';
import type {Key, Range, StorageDatabase} from './storage.js';

const STORES = {plain: {}, other: {}, counted: {counted: true}};
type Store = keyof typeof STORES;

for (const [name, make] of STORAGES) {
  describe(`storage: ${name}`, () => {
    let disk: Disk;
    let database: StorageDatabase<Store>;
    const path = () => freshName('storage');
    let place: string;

    const put = (key: Key, value: unknown, store: Store = 'plain') =>
      database.transaction([store], 'readwrite', tx => tx.put(store, key, value));
    const get = (key: Key, from: StorageDatabase<Store> = database, store: Store = 'plain') =>
      from.transaction([store], 'readonly', tx => tx.get(store, key));
    const keys = async (range: Range = {}, store: Store = 'plain') =>
      (await database.transaction([store], 'readonly', tx => tx.entries(store, range))).map(([key]) => key);

    beforeEach(async () => {
      disk = new Disk(make());
      place = path();
      database = await disk.open(STORES, place);
    });
    afterEach(() => disk.clear());

    it('gives back what was put, and undefined for what was not', async () => {
      await put(1, {a: [1, 'ü', null]});
      expect(await get(1)).to.deep.equal({a: [1, 'ü', null]});
      expect(await get(2)).to.equal(undefined);
    });
    it('keeps a copy: neither the giver nor a reader can change what is stored', async () => {
      const value = {a: 1};
      await put(1, value);
      value.a = 2;
      const read = (await get(1)) as {a: number};
      read.a = 3;
      expect(await get(1)).to.deep.equal({a: 1});
    });
    it('replaces by put and forgets by delete', async () => {
      await put(1, 'a');
      await put(1, 'b');
      expect(await get(1)).to.equal('b');
      await database.transaction(['plain'], 'readwrite', tx => tx.delete('plain', 1));
      expect(await get(1)).to.equal(undefined);
    });
    it('sees its own writes inside a transaction', async () => {
      const seen = await database.transaction(['plain'], 'readwrite', async tx => {
        tx.put('plain', 1, 'a');
        const first = await tx.get('plain', 1);
        tx.delete('plain', 1);
        tx.add('plain', 2, 'b');
        return [first, await tx.get('plain', 1), await tx.entries('plain'), await tx.lastKey('plain')];
      });
      expect(seen).to.deep.equal(['a', undefined, [[2, 'b']], 2]);
    });

    describe('in order', () => {
      it('numbers are ordered as numbers, and not as texts', async () => {
        for (const key of [10, 9, 100, 1, 2]) await put(key, key);
        expect(await keys()).to.deep.equal([1, 2, 9, 10, 100]);
      });
      it('texts are ordered by code units', async () => {
        for (const key of ['b', 'a', 'B', '10', '9', 'ä']) await put(key, key);
        expect(await keys()).to.deep.equal(['10', '9', 'B', 'a', 'b', 'ä']);
      });
      const ranges: [Range, number[]][] = [
        [{}, [1, 2, 3, 4, 5]],
        [{from: 2}, [2, 3, 4, 5]],
        [{to: 4}, [1, 2, 3]],
        [{from: 2, to: 4}, [2, 3]],
        [{from: 2, to: 2}, []],
        [{from: 4, to: 2}, []],
        [{from: 2.5, to: 4.5}, [3, 4]],
        [{from: 6}, []],
        [{to: 1}, []],
        [{limit: 2}, [1, 2]],
        [{from: 4, limit: 5}, [4, 5]],
        [{from: 2, to: 5, limit: 1}, [2]],
        [{limit: 0}, []],
      ];
      for (const [range, expected] of ranges) {
        it(`${JSON.stringify(range)} is ${JSON.stringify(expected)} of 1 to 5`, async () => {
          await database.transaction(['plain'], 'readwrite', tx => {
            for (const key of [3, 1, 5, 2, 4]) tx.put('plain', key, key);
          });
          expect(await keys(range)).to.deep.equal(expected);
          if (range.limit !== undefined) return;
          await database.transaction(['plain'], 'readwrite', tx => tx.deleteRange('plain', range));
          expect(await keys()).to.deep.equal([1, 2, 3, 4, 5].filter(key => !expected.includes(key)));
        });
      }
      it('knows the last key, and that there is none', async () => {
        const last = () => database.transaction(['plain'], 'readonly', tx => tx.lastKey('plain'));
        expect(await last()).to.equal(undefined);
        for (const key of [3, 10, 9]) await put(key, key);
        expect(await last()).to.equal(10);
      });
    });

    describe('a conflict', () => {
      it('aborts the whole transaction: nothing before or behind it is written, in any store', async () => {
        await put(1, 'first');
        const conflict = database.transaction(['plain', 'other', 'counted'], 'readwrite', async tx => {
          tx.put('other', 'x', 'before');
          tx.add('plain', 1, 'second');
          tx.put('other', 'y', 'behind');
          tx.deleteRange('plain', {});
        });
        expect(await rejectionCode(conflict)).to.equal('storage-conflict');
        expect(await get(1)).to.equal('first');
        expect(await keys({}, 'other')).to.deep.equal([]);
      });
      it('is told as such even when something is read after it', async () => {
        await put(1, 'first');
        const conflict = database.transaction(['plain', 'other'], 'readwrite', async tx => {
          tx.add('plain', 1, 'second');
          return tx.get('other', 'x');
        });
        expect(await rejectionCode(conflict)).to.equal('storage-conflict');
      });
      it('does not arise where the key was freed in the same transaction', async () => {
        await put(1, 'first');
        await database.transaction(['plain'], 'readwrite', tx => {
          tx.delete('plain', 1);
          tx.add('plain', 1, 'second');
        });
        expect(await get(1)).to.equal('second');
      });
    });

    describe('the counter', () => {
      const append = (value: unknown) =>
        database.transaction(['counted'], 'readwrite', tx => tx.append('counted', value));
      it('starts at 1 and goes up by one', async () => {
        expect([await append('a'), await append('b'), await append('c')]).to.deep.equal([1, 2, 3]);
        expect(await keys({}, 'counted')).to.deep.equal([1, 2, 3]);
      });
      it('never goes back, whatever is deleted', async () => {
        await append('a');
        await append('b');
        await database.transaction(['counted'], 'readwrite', tx => tx.delete('counted', 2));
        expect(await append('c')).to.equal(3);
        await database.transaction(['counted'], 'readwrite', tx => tx.deleteRange('counted', {}));
        expect(await append('d')).to.equal(4);
      });
      it('is not moved by a key that is put below it, and goes on behind one above it', async () => {
        await append('a');
        await put(0, 'tombstone', 'counted');
        expect(await append('b')).to.equal(2);
        await put(10, 'far', 'counted');
        expect(await append('c')).to.equal(11);
      });
      it('gives several numbers in one transaction', async () => {
        const numbers = await database.transaction(['counted'], 'readwrite', tx =>
          Promise.all(['a', 'b', 'c'].map(value => tx.append('counted', value))),
        );
        expect(numbers).to.deep.equal([1, 2, 3]);
      });
      it('is one for all handles', async () => {
        const second = await disk.open(STORES, place);
        await append('a');
        expect(await second.transaction(['counted'], 'readwrite', tx => tx.append('counted', 'b'))).to.equal(2);
      });
    });

    describe('a failure inside', () => {
      it('of the caller aborts: nothing is written', async () => {
        const failed = database.transaction(['plain'], 'readwrite', async tx => {
          tx.put('plain', 1, 'a');
          await tx.get('plain', 1);
          throw new Error('second thoughts');
        });
        expect(await rejectionCode(failed)).to.equal('storage-failed');
        expect(await get(1)).to.equal(undefined);
      });
      it('that is synchronous aborts as well', async () => {
        const failed = database.transaction(['plain'], 'readwrite', tx => {
          tx.put('plain', 1, 'a');
          throw new Error('second thoughts');
        });
        expect(await rejectionCode(failed)).to.equal('storage-failed');
        expect(await get(1)).to.equal(undefined);
      });
      it('keeps the code of a SyncError', async () => {
        const {SyncError} = await import('../protocol/errors.js');
        const failed = database.transaction(['plain'], 'readwrite', () => {
          throw new SyncError('logged-out', 'no');
        });
        expect(await rejectionCode(failed)).to.equal('logged-out');
      });
      it('does not give a number back that others have', async () => {
        await database
          .transaction(['counted'], 'readwrite', async tx => {
            await tx.append('counted', 'a');
            throw new Error('second thoughts');
          })
          .catch(() => {});
        await database.transaction(['counted'], 'readwrite', tx => tx.append('counted', 'b'));
        expect((await keys({}, 'counted')).length).to.equal(1);
      });
      it('by a value that can not be stored: nothing is written', async () => {
        const failed = database.transaction(['plain'], 'readwrite', tx => {
          tx.put('plain', 1, 'a');
          tx.put('plain', 2, () => {});
        });
        expect(await rejectionCode(failed)).to.equal('storage-failed');
        expect(await keys()).to.deep.equal([]);
      });
      it('by a store that is not of the transaction', async () => {
        const failed = database.transaction(['plain'], 'readwrite', tx => tx.put('other', 1, 'a'));
        expect(await rejectionCode(failed)).to.equal('storage-failed');
      });
      it('by a write where only reading was asked for', async () => {
        const failed = database.transaction(['plain'], 'readonly', tx => tx.put('plain', 1, 'a'));
        expect(await rejectionCode(failed)).to.equal('storage-failed');
        expect(await get(1)).to.equal(undefined);
      });
      it('does not keep the next one from working', async () => {
        await database
          .transaction(['plain'], 'readwrite', () => {
            throw new Error('second thoughts');
          })
          .catch(() => {});
        await put(1, 'a');
        expect(await get(1)).to.equal('a');
      });
    });

    describe('two handles on one name', () => {
      it("see each other's commits", async () => {
        const second = await disk.open(STORES, place);
        await put(1, 'a');
        expect(await get(1, second)).to.equal('a');
        await second.transaction(['plain'], 'readwrite', tx => tx.put('plain', 1, 'b'));
        expect(await get(1)).to.equal('b');
      });
      it('never lose an update of the other: each reads what the one before it wrote', async () => {
        const second = await disk.open(STORES, place);
        const increment = (handle: StorageDatabase<Store>) =>
          handle.transaction(['plain'], 'readwrite', async tx => {
            const value = ((await tx.get('plain', 'n')) as number | undefined) ?? 0;
            tx.put('plain', 'n', value + 1);
          });
        await Promise.all(Array.from({length: 20}, (_, index) => increment(index % 2 ? database : second)));
        expect(await get('n')).to.equal(20);
      });
      it('can not both add under one key', async () => {
        const second = await disk.open(STORES, place);
        const add = (handle: StorageDatabase<Store>, who: string) =>
          handle.transaction(['plain'], 'readwrite', tx => tx.add('plain', 1, who));
        const results = await Promise.allSettled([add(database, 'a'), add(second, 'b')]);
        expect(results.map(({status}) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
      });
      it('are still two: closing one leaves the other open', async () => {
        const second = await disk.open(STORES, place);
        second.close();
        await put(1, 'a');
        expect(await get(1)).to.equal('a');
      });
      it('and another name is another database', async () => {
        const other = await disk.open(STORES);
        await put(1, 'a');
        expect(await get(1, other)).to.equal(undefined);
      });
    });

    describe('closing', () => {
      it('turns later transactions away with storage-closed', async () => {
        database.close();
        expect(await rejectionCode(put(1, 'a'))).to.equal('storage-closed');
      });
      it('lets what had begun come to its end', async () => {
        const writing = put(1, 'a');
        database.close();
        await writing;
        expect(await get(1, await disk.open(STORES, place))).to.equal('a');
      });
      it('may be done twice', () => {
        database.close();
        database.close();
      });
      it('keeps what was stored, for who opens it again', async () => {
        await put(1, 'a');
        database.close();
        expect(await get(1, await disk.open(STORES, place))).to.equal('a');
      });
    });

    describe('removal', () => {
      it('waits for nobody: open handles step aside and are closed', async () => {
        await put(1, 'a');
        await disk.storage.remove(place);
        expect((await rejection(get(1))).code).to.equal('storage-closed');
        expect(await get(1, await disk.open(STORES, place))).to.equal(undefined);
      });
      it('of what is not there is no error', () => disk.storage.remove(freshName('nothing')));
    });

    it('runs transactions in the order in which they were asked for', async () => {
      const order: number[] = [];
      await Promise.all(
        [1, 2, 3, 4].map(async turn => {
          await database.transaction(['plain'], 'readwrite', async tx => {
            await tx.get('plain', 1);
            tx.put('plain', 1, turn);
          });
          order.push(turn);
        }),
      );
      expect(order).to.deep.equal([1, 2, 3, 4]);
      expect(await get(1)).to.equal(4);
    });
  });
}
