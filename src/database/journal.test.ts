import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {changes, checkpoint, newStage, remove, rows, snapshot, update} from '../../test/helpers/replica.js';
import {Disk, STORAGES} from '../../test/helpers/storage.js';
import type {StorageDatabase} from '../platform/storage.js';
import type {ClientStore, JournalRecord} from './database.js';
import {Journal} from './journal.js';
import {type Meta, readMeta} from './journal-record.js';

for (const [name, make] of STORAGES) {
  describe(`the journal, in ${name}`, () => {
    let disk: Disk;
    let database: StorageDatabase<ClientStore>;
    beforeEach(async () => {
      disk = new Disk(make());
      database = await disk.openClient();
    });
    afterEach(() => disk.clear());

    const records = async () =>
      (await database.transaction(['journal'], 'readonly', tx => tx.entries('journal'))) as [number, JournalRecord][];
    const kinds = async () => (await records()).map(([, {kind}]) => kind);
    const meta = async (key: keyof Meta) => (await database.transaction(['meta'], 'readonly', readMeta))[key];
    const promoted = async () => {
      const journal = new Journal(database);
      return {journal, ...(await journal.promote())};
    };

    it('gives each leader a higher epoch than any before it, whatever was written and dropped between', async () => {
      const first = await promoted();
      expect(first).to.include({epoch: 1, checkpoint: undefined, stage: undefined});
      await snapshot(first.journal, '0/1', update('a', {}));
      const second = await promoted();
      expect(second.epoch).to.be.greaterThan(first.epoch);
      await snapshot(second.journal, '0/2');
      const third = await promoted();
      expect(third.epoch).to.be.greaterThan(second.epoch);
      expect((await promoted()).epoch).to.equal(third.epoch + 1);
    });
    it('tells a new leader how far the rows reach and which stage is open', async () => {
      const {journal} = await promoted();
      await snapshot(journal, '0/1');
      const stage = await journal.beginStage(newStage('0/5'), undefined);
      const next = await promoted();
      expect(next.checkpoint).to.deep.equal(checkpoint('0/1'));
      expect(next.stage).to.deep.equal(stage);
    });
    it('gives two tabs that are promoted at once two epochs', async () => {
      const [a, b] = await Promise.all([promoted(), promoted()]);
      expect(new Set([a.epoch, b.epoch]).size).to.equal(2);
    });
    it('says how far it reaches along with each position, and without one by itself', async () => {
      const {journal, epoch} = await promoted();
      await journal.append([changes(), changes()], {checkpoint: checkpoint('0/2')});
      expect(await meta('end')).to.equal(epoch + 2);
      await journal.append([changes()], undefined);
      expect(await meta('end')).to.equal(epoch + 3);
      const stage = await journal.beginStage(newStage('0/3'), undefined);
      await journal.append([rows(update('x', {}))], {stage});
      expect(await meta('end')).to.equal(stage.from);
      await journal.append([], {stage});
      expect(await meta('end')).to.equal(stage.from);
    });
    it('writes rows and checkpoint together', async () => {
      const {journal} = await promoted();
      const sequence = await journal.append([changes(update('a', {x: 1})), changes(remove('a'))], {
        checkpoint: checkpoint('0/2'),
      });
      expect(sequence).to.equal(2);
      expect((await records()).map(([key]) => key)).to.deep.equal([1, 2, 3]);
      expect(await meta('checkpoint')).to.deep.equal(checkpoint('0/2'));
    });

    describe('fences a former leader', () => {
      const writes: [what: string, write: (journal: Journal) => Promise<unknown>][] = [
        ['rows', journal => journal.append([changes(update('a', {}))], {checkpoint: checkpoint('0/9')})],
        ['several rows', journal => journal.append([changes(), changes()], {checkpoint: checkpoint('0/9')})],
        ['staged rows', journal => journal.append([rows()], {stage: {...newStage('0/9'), from: 5}})],
        ['a stage', journal => journal.beginStage(newStage('0/9'), undefined)],
        ['a stage that drops another', journal => journal.beginStage(newStage('0/9'), {...newStage('0/1'), from: 1})],
        ['a swap', journal => journal.swap({...newStage('0/9'), from: 3}, checkpoint('0/9'))],
        ['a forgotten checkpoint', journal => journal.forgetCheckpoint()],
      ];
      for (const [what, write] of writes) {
        it(`who writes ${what}: storage-conflict, and nothing of it is there`, async () => {
          const former = await promoted();
          await former.journal.append([changes(update('a', {x: 1}))], {checkpoint: checkpoint('0/2')});
          await promoted();
          const before = JSON.stringify(await records());
          expect(await rejectionCode(write(former.journal))).to.equal('storage-conflict');
          expect(JSON.stringify(await records())).to.equal(before);
          expect(await meta('checkpoint')).to.deep.equal(checkpoint('0/2'));
          expect(await meta('stage')).to.equal(undefined);
          expect(await meta('base')).to.equal(undefined);
        });
      }
      it('for good: it does not get through by trying again, nor once the new one has written', async () => {
        const former = await promoted();
        const {journal} = await promoted();
        const write = () => former.journal.append([changes()], {checkpoint: checkpoint('0/9')});
        expect(await rejectionCode(write())).to.equal('storage-conflict');
        expect(await rejectionCode(write())).to.equal('storage-conflict');
        await journal.append([changes()], {checkpoint: checkpoint('0/3')});
        expect(await rejectionCode(write())).to.equal('storage-conflict');
      });
      it('who moves the position without a row: that too is a write', async () => {
        const former = await promoted();
        await promoted();
        expect(await rejectionCode(former.journal.append([], {checkpoint: checkpoint('0/9')}))).to.equal(
          'storage-conflict',
        );
        expect(await meta('checkpoint')).to.equal(undefined);
      });
      it('even when the new one has swapped, and dropped the fence with all before it', async () => {
        const former = await promoted();
        const {journal} = await promoted();
        await snapshot(journal, '0/5', update('a', {x: 1}));
        const late = former.journal.append([changes(update('late', {}))], {checkpoint: checkpoint('0/2')});
        expect(await rejectionCode(late)).to.equal('storage-conflict');
        expect(await meta('checkpoint')).to.deep.equal(checkpoint('0/5'));
      });
    });

    describe('a stage', () => {
      it('that was given up is dropped when the next one begins, and nothing else is', async () => {
        const {journal} = await promoted();
        await snapshot(journal, '0/1', update('a', {}));
        await journal.append([changes(update('b', {}))], {checkpoint: checkpoint('0/2')});
        const kept = await kinds();
        const first = await journal.beginStage(newStage('0/3'), undefined);
        await journal.append([rows(update('x', {})), rows()], {stage: {...first, cursor: 'c'}});
        const second = await journal.beginStage(newStage('0/4'), first);
        expect((await kinds()).slice(0, kept.length)).to.deep.equal(kept);
        expect((await kinds()).filter(kind => kind === 'rows').length).to.equal(1);
        expect((await meta('stage')) as object).to.deep.equal(second);
      });
      it('that is abandoned is gone, and what is appended behind it is the rows that readers see', async () => {
        const {journal} = await promoted();
        await snapshot(journal, '0/1', update('a', {}));
        const before = await kinds();
        const stage = await journal.beginStage(newStage('0/3'), undefined);
        await journal.append([rows(update('x', {}))], {stage: {...stage, cursor: 'c'}});
        await journal.abandonStage(stage);
        expect(await meta('stage')).to.equal(undefined);
        expect((await kinds()).filter(kind => kind === 'rows').length).to.equal(
          before.filter(kind => kind === 'rows').length,
        );
        await journal.append([changes(update('b', {}))], {checkpoint: checkpoint('0/2')});
        expect(await meta('checkpoint')).to.deep.equal(checkpoint('0/2'));
      });
      it('becomes current by the swap, which drops all before it', async () => {
        const {journal} = await promoted();
        await snapshot(journal, '0/1', update('a', {}));
        const stage = await journal.beginStage(newStage('0/3'), undefined);
        await journal.append([rows(update('x', {}))], {stage: {...stage, cursor: 'c'}});
        await journal.swap(stage, checkpoint('0/3'));
        expect(await kinds()).to.deep.equal(['rows', 'base']);
        expect(await meta('base')).to.equal(stage.from);
        expect(await meta('stage')).to.equal(undefined);
        expect(await meta('checkpoint')).to.deep.equal(checkpoint('0/3'));
      });
      it('never takes a number that was used before', async () => {
        const {journal} = await promoted();
        const seen = new Set<number>();
        const look = async () => {
          for (const [key] of await records()) seen.add(key);
        };
        let stage = await journal.beginStage(newStage('0/1'), undefined);
        for (let round = 0; round < 4; round++) {
          await look();
          const highest = Math.max(...seen);
          stage = await journal.beginStage(newStage('0/1'), stage);
          expect(stage.from).to.be.greaterThan(highest + 1);
          await journal.swap(stage, checkpoint('0/1'));
        }
      });
    });

    it('takes writes that were asked for at once, one after the other: a leader does not fence itself', async () => {
      const {journal} = await promoted();
      await Promise.all([
        journal.append([changes(update('a', {}))], {checkpoint: checkpoint('0/2')}),
        journal.forgetCheckpoint(),
        journal.beginStage(newStage('0/5'), undefined),
      ]);
      expect(await kinds()).to.deep.equal(['fence', 'changes', 'fence', 'stage']);
      expect(await meta('checkpoint')).to.equal(undefined);
    });
    it('goes on with the same number after a write that failed', async () => {
      const {journal} = await promoted();
      const bad = {...checkpoint('0/2'), mark: (() => {}) as unknown as string};
      expect(await rejectionCode(journal.append([changes()], {checkpoint: bad}))).to.equal('storage-failed');
      await journal.append([changes()], {checkpoint: checkpoint('0/2')});
      expect((await records()).map(([key]) => key)).to.deep.equal([1, 2]);
    });
  });
}
