import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
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
import type {Key, Range, StorageDatabase} from '../platform/storage.js';
import {type Change, type JsonObject, SyncError} from '../protocol/protocol.js';
import type {ClientStore, JournalRecord, Overlay} from './database.js';
import {Journal} from './journal.js';
import {Replica} from './replica.js';

const MEGABYTE = 2 ** 20;

for (const [name, make] of STORAGES) {
  describe(`the replica, in ${name}`, () => {
    let disk: Disk;
    let database: StorageDatabase<ClientStore>;
    let journal: Journal;
    let replica: Replica;
    beforeEach(async () => {
      disk = new Disk(make());
      database = await disk.openClient();
      journal = new Journal(database);
      await journal.promote();
      replica = new Replica(database, {cacheBytes: MEGABYTE});
    });
    afterEach(() => disk.clear());

    const append = (lsn: string, ...records: JournalRecord[]) => journal.append(records, {checkpoint: checkpoint(lsn)});
    const ids = async (from = replica) => (await from.list('task', {})).map(row => row['id']);
    const row = (id: string, more: JsonObject = {}) => update(id, {id, ...more});

    it('is empty before the first snapshot', async () => {
      expect(await replica.get('task', 'a')).to.equal(undefined);
      expect(await replica.list('task', {})).to.deep.equal([]);
      expect(await replica.count('task', {})).to.equal(0);
      expect(replica.checkpoint).to.equal(undefined);
    });
    it('has the rows of a snapshot, and where they reach', async () => {
      await snapshot(journal, '0/A', row('a'), row('b'), update('a', {id: 'x'}, 'user'));
      expect(await ids()).to.deep.equal(['a', 'b']);
      expect(await replica.get('user', 'a')).to.deep.equal({id: 'x'});
      expect(await replica.get('user', 'b')).to.equal(undefined);
      expect(await replica.count('task', {})).to.equal(2);
      expect(replica.checkpoint?.lsn).to.equal('0/A');
    });
    it('follows what is appended: whole rows replace, partial ones merge, deletes remove', async () => {
      await snapshot(journal, '0/A', row('a', {x: 1, y: 1}), row('b'), row('c'));
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      await append('0/B', changes(partial('a', {y: 2}), remove('b'), update('c', {z: 1}), row('d')));
      expect(await replica.get('task', 'a')).to.deep.equal({id: 'a', x: 1, y: 2});
      expect(await replica.get('task', 'b')).to.equal(undefined);
      expect(await replica.get('task', 'c')).to.deep.equal({z: 1});
      await append('0/C', changes(partial('a', {x: null}), partial('a', {w: 3})));
      expect(await replica.get('task', 'a')).to.deep.equal({id: 'a', x: null, y: 2, w: 3});
      expect(replica.checkpoint?.lsn).to.equal('0/C');
    });
    it('does not change a row that somebody holds', async () => {
      await snapshot(journal, '0/A', row('a', {x: 1}));
      const held = await replica.get('task', 'a');
      await append('0/B', changes(partial('a', {x: 2})));
      await replica.get('task', 'a');
      expect(held).to.deep.equal({id: 'a', x: 1});
    });
    it('knows a row by the id of its change alone, whatever key its columns hold', async () => {
      await snapshot(journal, '0/A', row('a', {x: 1}), row('b', {x: 2}));
      await append('0/B', changes(update('a', {id: 'b', x: 3}), partial('b', {id: 'c'})));
      const due = [
        {id: 'b', x: 3},
        {id: 'c', x: 2},
      ];
      for (const reader of [replica, new Replica(database, {cacheBytes: 1, indexes: {task: ['id']}})]) {
        expect(await reader.list('task', {})).to.deep.equal(due);
        expect(await reader.get('task', 'a')).to.deep.equal(due[0]);
        expect(await reader.get('task', 'c')).to.equal(undefined);
        expect(await reader.list('task', {where: {id: 'c'}})).to.deep.equal([due[1]]);
      }
      // As a server says it: a delete of the old key, an update of the new one.
      await append('0/C', changes(remove('a'), row('z', {x: 3})));
      expect(await ids()).to.deep.equal(['c', 'z']);
    });
    it('takes insert for update, as a server may spell it', async () => {
      await snapshot(journal, '0/A', {...row('a'), type: 'insert' as 'update'});
      expect(await ids()).to.deep.equal(['a']);
    });
    it('keeps __proto__ in a row as a column, through merges', async () => {
      const hostile = JSON.parse('{"__proto__": {"polluted": 1}, "id": "a"}') as JsonObject;
      await snapshot(journal, '0/A', update('a', hostile));
      await append('0/B', changes(partial('a', {x: 1})));
      const read = await replica.get('task', 'a');
      expect(read?.['polluted']).to.equal(undefined);
      expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
    });
    it('in a second reader sees each commit without any announcement', async () => {
      const reader = new Replica(await disk.openClient(), {cacheBytes: MEGABYTE});
      const other = new Replica(database, {cacheBytes: MEGABYTE});
      await snapshot(journal, '0/A', row('a'));
      expect(await ids(other)).to.deep.equal(['a']);
      await append('0/B', changes(row('b')));
      expect(await ids(other)).to.deep.equal(['a', 'b']);
      await snapshot(journal, '0/C', row('c'));
      expect(await ids(other)).to.deep.equal(['c']);
      expect(await ids(reader)).to.deep.equal([]);
    });
    it('reads a journal of hundreds of records', async () => {
      await snapshot(journal, '0/A');
      for (let lsn = 1; lsn <= 150; lsn++) await append(`1/${lsn.toString(16)}`, changes(row(`r${lsn}`)));
      expect((await ids()).length).to.equal(150);
      const late = new Replica(database, {cacheBytes: MEGABYTE});
      expect((await ids(late)).length).to.equal(150);
      expect(late.checkpoint?.lsn).to.equal('1/96');
    });
    it('asked for the position alone reads no rows, and knows it', async () => {
      await snapshot(journal, '0/A', row('a'));
      await replica.refresh();
      expect(replica.checkpoint?.lsn).to.equal('0/A');
      await append('0/B', changes(row('b')));
      await replica.refresh();
      expect(replica.checkpoint).to.deep.equal(checkpoint('0/B'));
    });

    describe('of a transaction in parts', () => {
      it('shows nothing before the final one, then all', async () => {
        await snapshot(journal, '0/A', row('a'));
        await ids();
        await journal.append([part(1, false, row('b'), remove('a'))], undefined);
        expect(await ids()).to.deep.equal(['a']);
        await journal.append([part(2, false, row('c'))], undefined);
        expect(await ids()).to.deep.equal(['a']);
        expect(await ids(new Replica(database, {cacheBytes: MEGABYTE}))).to.deep.equal(['a']);
        await append('0/B', part(3, true, row('d')));
        expect(await ids()).to.deep.equal(['b', 'c', 'd']);
        expect(await ids(new Replica(database, {cacheBytes: MEGABYTE}))).to.deep.equal(['b', 'c', 'd']);
      });
      it('drops those of a transmission that broke off, when it begins again', async () => {
        await snapshot(journal, '0/A', row('a'));
        await journal.append([part(1, false, row('lost')), part(2, false, row('lost too'))], undefined);
        await ids();
        await append('0/B', part(1, false, row('b')), part(2, true, row('c')));
        expect(await ids()).to.deep.equal(['a', 'b', 'c']);
        expect(await ids(new Replica(database, {cacheBytes: MEGABYTE}))).to.deep.equal(['a', 'b', 'c']);
      });
      it('drops them when it comes again in one piece', async () => {
        await snapshot(journal, '0/A', row('a'));
        await journal.append([part(1, false, row('lost'))], undefined);
        await append('0/B', changes(row('b')));
        await append('0/C', part(1, true, row('c')));
        expect(await ids()).to.deep.equal(['a', 'b', 'c']);
        expect(await ids(new Replica(database, {cacheBytes: MEGABYTE}))).to.deep.equal(['a', 'b', 'c']);
      });
      it('may be one alone', async () => {
        await snapshot(journal, '0/A');
        await append('0/B', part(1, true, row('b')));
        expect(await ids()).to.deep.equal(['b']);
      });
    });

    describe('of a stage', () => {
      it('shows nothing until the swap, then it alone', async () => {
        await snapshot(journal, '0/A', row('a'), row('b', {x: 1}));
        expect(await ids()).to.deep.equal(['a', 'b']);
        const stage = await journal.beginStage(newStage('0/C'), undefined);
        await journal.append([rows(row('b', {x: 2})), rows(row('c'))], {stage: {...stage, cursor: '1'}});
        await journal.append([changes(remove('c'), row('d'))], {stage: {...stage, cursor: '1', lsn: '0/D'}});
        for (const reader of [replica, new Replica(database, {cacheBytes: MEGABYTE})]) {
          expect(await ids(reader)).to.deep.equal(['a', 'b']);
          expect(reader.checkpoint?.lsn).to.equal('0/A');
        }
        await journal.swap(stage, checkpoint('0/D'));
        for (const reader of [replica, new Replica(database, {cacheBytes: MEGABYTE})]) {
          expect(await ids(reader)).to.deep.equal(['b', 'd']);
          expect(await reader.get('task', 'b')).to.deep.equal({id: 'b', x: 2});
          expect(reader.checkpoint?.lsn).to.equal('0/D');
        }
      });
      it('that was given up is never seen, nor in the way of the next', async () => {
        await snapshot(journal, '0/A', row('a'));
        await ids();
        const first = await journal.beginStage(newStage('0/B'), undefined);
        await journal.append([rows(row('lost'))], {stage: {...first, cursor: '1'}});
        await ids();
        const second = await journal.beginStage(newStage('0/C'), first);
        await journal.append([rows(row('c'))], {stage: {...second, cursor: '1'}});
        expect(await ids()).to.deep.equal(['a']);
        await journal.swap(second, checkpoint('0/C'));
        expect(await ids()).to.deep.equal(['c']);
      });
      it('goes on after a promotion', async () => {
        await snapshot(journal, '0/A', row('a'));
        const stage = await journal.beginStage(newStage('0/B'), undefined);
        await journal.append([rows(row('b'))], {stage: {...stage, cursor: '1'}});
        const next = new Journal(database);
        await next.promote();
        await next.append([rows(row('c'))], {stage: {...stage, cursor: '2'}});
        expect(await ids()).to.deep.equal(['a']);
        await next.swap(stage, checkpoint('0/B'));
        expect(await ids()).to.deep.equal(['b', 'c']);
      });
      it('without a row empties what is seen', async () => {
        await snapshot(journal, '0/A', row('a'));
        await ids();
        await snapshot(journal, '0/B');
        expect(await ids()).to.deep.equal([]);
      });
    });

    it('with a cache far too small gives the same rows', async () => {
      const small = new Replica(database, {cacheBytes: 1});
      await snapshot(journal, '0/A', ...Array.from({length: 50}, (_, id) => row(`s${id}`, {x: 0})));
      for (let turn = 0; turn < 40; turn++) {
        await append(`1/${turn.toString(16)}`, changes(partial(`s${turn}`, {x: turn}), row(`t${turn}`)));
      }
      expect(await small.list('task', {})).to.deep.equal(await replica.list('task', {}));
      expect(await small.get('task', 's7')).to.deep.equal({id: 's7', x: 7});
    });
    it('that is read while a swap happens shows the old rows or the new, never a mixture', async () => {
      const small = new Replica(database, {cacheBytes: 1});
      const set = (version: number) => Array.from({length: 30}, (_, id) => row(`${id}`, {version}));
      const whole = async (version: number, lsn: string) => {
        const stage = await journal.beginStage(newStage(lsn), undefined);
        for (const one of set(version)) await journal.append([rows(one)], {stage: {...stage, cursor: 'c'}});
        await journal.swap(stage, checkpoint(lsn));
      };
      await whole(0, '0/1');
      let writing = true;
      const writer = (async () => {
        for (let version = 1; version <= 4; version++) await whole(version, `0/${version + 1}`);
        writing = false;
      })();
      while (writing) {
        const found = await small.list('task', {});
        expect(found.length).to.equal(30);
        expect(new Set(found.map(({version}) => version)).size).to.equal(1);
      }
      await writer;
    });
    it('answers reads that overlap, each from one state', async () => {
      await snapshot(journal, '0/A', ...Array.from({length: 20}, (_, id) => row(`${id}`)));
      const answers = Promise.all([replica.list('task', {}), replica.count('task', {}), replica.get('task', '5')]);
      const [list, count, one] = await answers;
      expect([list.length, count, one]).to.deep.equal([20, 20, {id: '5'}]);
    });

    describe('told of a commit by the leader', () => {
      const commit = async (lsn: string, ...list: Change[]) => {
        const sequence = await append(lsn, changes(...list));
        await replica.ingest([{sequence, changes: list}], checkpoint(lsn));
      };
      it('has it, as if it had read it', async () => {
        await snapshot(journal, '0/A', row('a'));
        await ids();
        await commit('0/B', row('b'), remove('a'));
        expect(replica.checkpoint?.lsn).to.equal('0/B');
        expect(await ids()).to.deep.equal(['b']);
      });
      it('before it ever read anything reads it then', async () => {
        await snapshot(journal, '0/A', row('a'));
        await commit('0/B', row('b'));
        expect(await ids()).to.deep.equal(['a', 'b']);
      });
      it('behind one it was not told of has both', async () => {
        await snapshot(journal, '0/A', row('a', {x: 0}));
        await ids();
        await append('0/B', changes(row('a', {x: 1}), row('b')));
        await commit('0/C', partial('a', {y: 2}));
        expect(await replica.get('task', 'a')).to.deep.equal({id: 'a', x: 1, y: 2});
        expect(await ids()).to.deep.equal(['a', 'b']);
      });
      it('twice has it once', async () => {
        await snapshot(journal, '0/A', row('a', {n: 1}));
        await ids();
        const sequence = await append('0/B', changes(partial('a', {n: 2})));
        const record = {sequence, changes: [partial('a', {n: 2})], bytes: 10};
        await replica.ingest([record], checkpoint('0/B'));
        await replica.ingest([record], checkpoint('0/B'));
        expect(await replica.get('task', 'a')).to.deep.equal({id: 'a', n: 2});
      });
    });

    describe('under an overlay', () => {
      const overlay: Overlay = new Map<string, (row: JsonObject | undefined) => JsonObject | undefined>([
        ['a', stored => ({...stored, mine: true})],
        ['b', () => undefined],
        ['new', () => ({id: 'new'})],
        ['ghost', stored => stored],
      ]);
      beforeEach(() => snapshot(journal, '0/A', row('a', {x: 1}), row('b'), row('c')));
      it("shows one's own writes, hides what one deleted, adds what one made", async () => {
        expect(await replica.get('task', 'a', () => overlay)).to.deep.equal({id: 'a', x: 1, mine: true});
        expect(await replica.get('task', 'b', () => overlay)).to.equal(undefined);
        expect(await replica.get('task', 'new', () => overlay)).to.deep.equal({id: 'new'});
        expect((await replica.list('task', {}, () => overlay)).map(({id}) => id)).to.deep.equal(['a', 'c', 'new']);
        expect(await replica.count('task', {}, () => overlay)).to.equal(3);
      });
      it('selects by what is shown, not by what is stored', async () => {
        expect((await replica.list('task', {where: {mine: true}}, () => overlay)).length).to.equal(1);
        expect(await replica.count('task', {where: {id: 'b'}}, () => overlay)).to.equal(0);
      });
      it('goes on behind a row that is only in the overlay', async () => {
        expect((await replica.list('task', {after: 'a'}, () => overlay)).map(({id}) => id)).to.deep.equal(['c', 'new']);
        expect(await replica.list('task', {after: 'new'}, () => overlay)).to.deep.equal([]);
        expect(await rejectionCode(replica.list('task', {after: 'b'}, () => overlay))).to.equal('invalid-query');
      });
    });

    it('refuses a page behind a row that is gone, and goes on working', async () => {
      await snapshot(journal, '0/A', row('a'));
      expect(await rejectionCode(replica.list('task', {after: 'gone'}))).to.equal('invalid-query');
      expect(await rejectionCode(replica.list('task', {limit: -1}))).to.equal('invalid-query');
      expect(await ids()).to.deep.equal(['a']);
    });
    it('pages through thousands of rows, each exactly once', async () => {
      const random = seededRandom(3);
      await snapshot(journal, '0/A', ...Array.from({length: 2000}, (_, id) => row(`r${id}`, {at: random.below(50)})));
      const seen: unknown[] = [];
      let after: string | undefined;
      for (;;) {
        const query = {orderBy: '-at', limit: 150, ...(after === undefined ? {} : {after})};
        const page = await replica.list('task', query);
        if (page.length === 0 || seen.length > 2000) break;
        seen.push(...page.map(({id}) => id));
        after = String(seen.at(-1));
      }
      expect(seen.length).to.equal(2000);
      expect(new Set(seen).size).to.equal(2000);
    });
    describe('on damaged records', () => {
      const damage = (sequence: number, value: unknown) =>
        database.transaction(['journal'], 'readwrite', tx => {
          if (value === undefined) tx.delete('journal', sequence);
          else tx.put('journal', sequence, value);
        });
      const values: [what: string, value: unknown][] = [
        ['text that is cut off', {kind: 'changes', text: '{"changes":[{"type":'}],
        ['text without changes', {kind: 'changes', text: '{}'}],
        ['no text', {kind: 'rows'}],
        ['a kind nobody knows', {kind: 'later', text: '{"changes":[]}'}],
        ['no record', 'x'],
      ];
      for (const [what, value] of values) {
        it(`says so, once, and never shows a part of the rows: ${what}`, async () => {
          await snapshot(journal, '0/A', row('a'));
          await damage(await append('0/B', changes(row('b'))), value);
          const told: string[] = [];
          const reader = new Replica(database, {cacheBytes: 1, damaged: ({code}) => told.push(code)});
          for (const read of [reader.list('task', {}), reader.get('task', 'a'), reader.count('task', {})]) {
            expect(await rejectionCode(read)).to.equal('corrupt-data');
          }
          expect(told).to.deep.equal(['corrupt-data']);
          await reader.refresh();
          expect(reader.checkpoint?.lsn).to.equal('0/B');
          await snapshot(journal, '0/C', row('c'));
          expect(await ids(reader)).to.deep.equal(['c']);
        });
      }
      it('tells of one that is gone from among the others when its rows are wanted', async () => {
        await snapshot(journal, '0/A', row('a'));
        const sequence = await append('0/B', changes(row('b')));
        await append('0/C', changes(row('c')));
        const told: string[] = [];
        const reader = new Replica(database, {cacheBytes: 1, damaged: ({code}) => told.push(code)});
        expect(await reader.count('task', {})).to.equal(3);
        await damage(sequence, undefined);
        expect(await rejectionCode(reader.get('task', 'b'))).to.equal('corrupt-data');
        expect(await reader.get('task', 'c')).to.deep.equal({id: 'c'});
        expect(told.length).to.equal(1);
      });
    });

    describe('on a journal of which something is missing', () => {
      const all = (on: StorageDatabase<ClientStore>) =>
        on.transaction(['journal'], 'readonly', tx => tx.entries('journal'));
      /** A copy of what lies there, changed. */
      const copied = async (change: (stores: Record<'journal' | 'meta', Map<Key, unknown>>) => void) => {
        const [records, meta] = await database.transaction(['journal', 'meta'], 'readonly', tx =>
          Promise.all([tx.entries('journal'), tx.entries('meta')]),
        );
        const stores = {journal: new Map(records), meta: new Map(meta)};
        change(stores);
        const copy = await disk.openClient();
        await copy.transaction(['journal', 'meta'], 'readwrite', tx => {
          for (const store of ['journal', 'meta'] as const) {
            for (const [key, value] of stores[store]) tx.put(store, key, value);
          }
        });
        return copy;
      };
      const listed = async (on: StorageDatabase<ClientStore>) => {
        const told: string[] = [];
        const reader = new Replica(on, {cacheBytes: 1, damaged: ({code}) => told.push(code)});
        await reader.refresh();
        const rows = await reader.list('task', {}).then(
          list => list.map(({id}) => id).join(),
          error => error.code,
        );
        return {rows, told: told.join()};
      };
      /** Stages that were given up, one that was abandoned, a leader in the middle of one, compaction, and parts. */
      const history = async () => {
        await snapshot(journal, '0/A', row('a'), row('b'));
        for (let n = 0; n < 6; n++) await append(`0/B${n}`, changes(row('b', {n})));
        const compactor = new Replica(database, {cacheBytes: MEGABYTE});
        await compactor.list('task', {});
        const salvage = await compactor.salvage(0);
        expect(salvage && (await journal.compact(salvage))).to.equal(true);
        const first = await journal.beginStage(newStage('1/B'), undefined);
        await journal.append([rows(row('x')), rows(row('y'))], {stage: {...first, cursor: 'c'}});
        journal = new Journal(database);
        await journal.promote();
        const second = await journal.beginStage(newStage('1/C'), first);
        await journal.append([rows(row('z'))], {stage: {...second, cursor: 'c'}});
        const third = await journal.beginStage(newStage('1/D'), second);
        await journal.append([rows(row('z'))], {stage: {...third, cursor: 'c'}});
        await journal.abandonStage(third);
        await append('2/1', part(1, false, row('c')));
        await append('2/2', part(2, true, row('d')));
        await append('2/3', changes(row('e')));
      };

      it('finds any one record that is missing, and takes no gap for damage that was made on purpose', async () => {
        await history();
        expect(await listed(database)).to.deep.equal({rows: 'a,b,c,d,e', told: ''});
        const keys = (await all(database)).map(([key]) => key as number);
        // There are gaps.
        expect(keys.length).to.be.lessThan((keys.at(-1) ?? 0) - (keys[0] ?? 0) + 1);
        for (const key of keys) {
          const damaged = await copied(({journal}) => journal.delete(key));
          expect(await listed(damaged), `without record ${key}`).to.deep.equal({
            rows: 'corrupt-data',
            told: 'corrupt-data',
          });
        }
      });
      it('finds it in a stage that became current, and behind a leader that came since', async () => {
        await history();
        const stage = await journal.beginStage(newStage('3/1'), undefined);
        await journal.append([rows(row('p')), rows(row('q'))], {stage: {...stage, cursor: 'c'}});
        for (const [key] of await all(database)) {
          if ((key as number) >= stage.from) continue;
          expect((await listed(await copied(({journal}) => journal.delete(key)))).rows).to.equal('corrupt-data');
        }
        await journal.swap(stage, checkpoint('3/1'));
        expect((await listed(database)).rows).to.equal('p,q');
        for (const [key] of await all(database)) {
          const damaged = await copied(({journal}) => journal.delete(key));
          await new Journal(damaged).promote();
          expect((await listed(damaged)).rows, `without record ${key}`).to.equal('corrupt-data');
        }
      });
      it('is healed by what a new snapshot puts in its place', async () => {
        await snapshot(journal, '0/A', row('a'));
        const lost = await append('0/B', changes(row('b')));
        await append('0/C', changes(row('c')));
        const damaged = await copied(({journal}) => journal.delete(lost));
        const leader = new Journal(damaged);
        await leader.promote();
        await leader.forgetCheckpoint();
        expect((await listed(damaged)).rows).to.equal('corrupt-data');
        await snapshot(leader, '0/D', row('b'), row('d'));
        expect(await listed(damaged)).to.deep.equal({rows: 'b,d', told: ''});
      });
      for (const [key, values] of Object.entries({
        base: ['1', -1, 0.5, {}],
        floor: [5, {}, {sequence: 'x', dropped: 1}],
        end: ['x', Number.NaN],
        stage: ['x', {}, {...newStage('0/9'), from: 'x'}, {...newStage('0/9'), from: 3, cursor: 7}],
        checkpoint: [7, {}, checkpoint('nonsense'), checkpoint('0/9', {wants: 'all' as never}), {lsn: '0/9'}],
      })) {
        for (const value of values) {
          it(`is told of ${key} that can't be read, and healed by a snapshot: ${JSON.stringify(value)}`, async () => {
            await history();
            const damaged = await copied(({meta}) => meta.set(key, value));
            expect(await listed(damaged)).to.deep.equal({rows: 'corrupt-data', told: 'corrupt-data'});
            const leader = new Journal(damaged);
            const promotion = await leader.promote();
            expect([promotion.checkpoint, promotion.stage]).to.deep.equal([
              key === 'checkpoint' ? undefined : checkpoint('2/3'),
              undefined,
            ]);
            await leader.forgetCheckpoint();
            await snapshot(leader, '3/1', row('new'));
            expect(await listed(damaged)).to.deep.equal({rows: 'new', told: ''});
          });
        }
      }
      it('shows no row of a stage that is no longer known to be one', async () => {
        await snapshot(journal, '0/A', row('a'));
        const stage = await journal.beginStage(newStage('0/B'), undefined);
        await journal.append([rows(row('x'))], {stage: {...stage, cursor: 'c'}});
        const damaged = await copied(({meta}) => meta.delete('stage'));
        expect((await listed(damaged)).rows).to.equal('corrupt-data');
      });
      it('reads what was written before there was a word of its end and of what was dropped', async () => {
        await snapshot(journal, '0/A', row('a'));
        await append('0/B', changes(row('b')), {kind: 'fence'});
        const older = await copied(({meta}) => meta.delete('end'));
        expect(await listed(older)).to.deep.equal({rows: 'a,b', told: ''});
        const later = new Journal(older);
        expect((await later.promote()).checkpoint).to.deep.equal(checkpoint('0/B'));
        expect(await listed(older)).to.deep.equal({rows: 'a,b', told: ''});
      });
    });

    describe('on a transaction in parts', () => {
      const failing = (isDue: (range: Range) => boolean): StorageDatabase<ClientStore> => ({
        ...database,
        close: () => database.close(),
        transaction: (stores, mode, run) =>
          database.transaction(stores, mode, tx =>
            run({
              get: (...given) => tx.get(...given),
              entries: (store, range = {}) => {
                if (store === 'journal' && isDue(range)) throw new SyncError('storage-failed', 'for once');
                return tx.entries(store, range);
              },
            } as typeof tx),
          ),
      });
      const inParts = async () => {
        await snapshot(journal, '0/A', row('a'));
        const first = await append('0/A', part(1, false, row('b')));
        return {first, second: await append('0/A', part(2, false, row('c')))};
      };

      it('keeps none of it in memory before the final one: it is read again then', async () => {
        const reads: unknown[] = [];
        const reader = new Replica(
          failing(({from, limit}) => {
            if (limit === 1) reads.push(from);
            return false;
          }),
          {cacheBytes: 1},
        );
        const {first, second} = await inParts();
        expect(await ids(reader)).to.deep.equal(['a']);
        const third = await append('0/B', part(3, true, row('d')));
        expect(await reader.count('task', {})).to.equal(4);
        expect(reads).to.deep.equal([first, second, third]);
        expect(await ids(reader)).to.deep.equal(['a', 'b', 'c', 'd']);
      });
      it('shows all of it or nothing where reading it fails half way', async () => {
        const {second} = await inParts();
        let fails = true;
        const reader = new Replica(
          failing(({from, limit}) => fails && limit === 1 && from === second),
          {cacheBytes: 1},
        );
        expect(await reader.count('task', {})).to.equal(1);
        await append('0/B', part(3, true, row('d')));
        expect(await rejectionCode(reader.count('task', {}))).to.equal('storage-failed');
        expect(await rejectionCode(reader.count('task', {}))).to.equal('storage-failed');
        fails = false;
        expect(await ids(reader)).to.deep.equal(['a', 'b', 'c', 'd']);
      });
      it('begins anew where its parts are replaced while it is read', async () => {
        const {second} = await inParts();
        let swaps = true;
        const reader = new Replica(
          {
            ...failing(() => false),
            transaction: async (stores, mode, run) => {
              const watched = failing(({from, limit}) => {
                if (!swaps || limit !== 1 || from !== second) return false;
                swaps = false;
                return true;
              });
              try {
                return await watched.transaction(stores, mode, run);
              } catch (error) {
                // In place of what would have been read.
                await snapshot(journal, '0/F', row('new'));
                return await database.transaction(stores, mode, run).catch(() => Promise.reject(error));
              }
            },
          },
          {cacheBytes: 1},
        );
        expect(await reader.count('task', {})).to.equal(1);
        await append('0/B', part(3, true, row('d')));
        await reader.refresh();
        expect(swaps).to.equal(false);
        expect(reader.checkpoint?.lsn).to.equal('0/F');
        expect(await ids(reader)).to.deep.equal(['new']);
      });
    });

    it('equals a plain map, whatever comes in whatever order', async () => {
      for (let seed = 1; seed <= 5; seed++) {
        const random = seededRandom(seed);
        const model = new Map<string, JsonObject>();
        await snapshot(journal, `${seed}/1`);
        for (let turn = 2; turn <= 30; turn++) {
          const list = Array.from({length: random.below(5)}, (): Change => {
            const id = `r${random.below(8)}`;
            const data = {[random.pick(['x', 'y'])]: turn};
            const kind = random.below(3);
            if (kind === 0) model.delete(id);
            else model.set(id, kind === 1 ? data : {...model.get(id), ...data});
            return kind === 0 ? remove(id) : kind === 1 ? update(id, data) : partial(id, data);
          });
          await append(`${seed}/${turn.toString(16)}`, changes(...list));
          if (random.below(3) > 0) continue;
          for (const reader of [replica, new Replica(database, {cacheBytes: random.below(500)})]) {
            const order = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, data]) => data);
            expect(await reader.list('task', {}), `seed ${seed}, turn ${turn}`).to.deep.equal(order);
          }
        }
      }
    });
  });
}
