import {expect, waitUntil} from '@open-wc/testing';
import {rejection} from '../../test/helpers/errors.js';
import {type OwnTab, ownTab, place, rowsIn, watched, withoutCheckpoint} from '../../test/helpers/own-database.js';
import {changes, checkpoint, newStage, part, partial, remove, rows, update} from '../../test/helpers/replica.js';
import {Disk, freshName} from '../../test/helpers/storage.js';
import type {StorageDatabase} from '../platform/storage.js';
import {memoryDatabase} from './adapters/memory.js';
import type {ClientStore} from './database.js';
import type {Database} from './own.js';
import {ownLock} from './own-desk.js';

/** Somebody waits for the lock. */
const untilAwaited = (lock: string) =>
  waitUntil(async () => {
    const {pending = []} = await navigator.locks.query();
    return pending.some(({name}) => name === lock);
  });

describe('a database of the user’s own', () => {
  const disk = new Disk();
  const tabs: OwnTab[] = [];
  let storage: StorageDatabase<ClientStore>;
  let instance: string;
  let database: Database;

  beforeEach(async () => {
    storage = await disk.openClient();
    instance = freshName('own');
    database = memoryDatabase();
  });
  afterEach(async () => {
    for (const tab of tabs.splice(0)) tab.close();
    await disk.clear();
  });

  const open = (on = database, as = instance, held?: number) => {
    const tab = ownTab(on, storage, as, held);
    tabs.push(tab);
    return tab;
  };
  const lead = async (on = database, as = instance) => {
    const tab = open(on, as);
    return {...tab, promotion: await tab.journal.promote()};
  };
  const stage = (lsn: string, cursor: string | null = 'c') => ({...newStage(lsn), from: 0, cursor});
  /** A whole snapshot of one row. */
  const filled = async (on = database, as = instance) => {
    const tab = await lead(on, as);
    await tab.journal.beginStage(newStage('0/A'), undefined);
    await tab.journal.append([rows(update('a', {n: 1}))], {stage: stage('0/A')});
    await tab.journal.swap(stage('0/A'), checkpoint('0/A'));
    return tab;
  };
  const at = (lsn: string) => ({checkpoint: checkpoint(lsn)});

  it('gets rows and goes on, for the next leader too, from where they reach', async () => {
    const {journal, promotion} = await filled();
    expect(promotion).to.deep.include({checkpoint: undefined, stage: undefined});
    await journal.append([changes(update('b', {n: 2}), partial('a', {m: 3}))], at('0/B'));
    await journal.append([changes(remove('b')), changes(update('c', {n: 4}))], at('0/C'));
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1, m: 3}, c: {n: 4}});
    const next = await lead();
    expect(next.promotion).to.deep.include(at('0/C'));
    expect(next.promotion.epoch).to.be.above(promotion.epoch);
  });

  it('shows nothing of a transaction in parts before the final one, and drops what broke off', async () => {
    const {journal} = await filled();
    await journal.append([changes(update('b', {n: 2})), part(1, false, update('x', {}))], at('0/B'));
    await journal.append([part(2, false, update('y', {}))], undefined);
    expect(Object.keys(await rowsIn(database))).to.deep.equal(['a', 'b']);
    await journal.append([part(1, false, update('c', {n: 3}))], undefined);
    await journal.append([part(2, true, update('d', {n: 4}))], at('0/C'));
    expect(Object.keys(await rowsIn(database))).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('holds back no more than so much of a transaction: of a larger one each part is applied, and again after a break', async () => {
    const rest = (text: string) => update('b', {text});
    await filled();
    const tab = open(database, instance, 1000);
    await tab.journal.promote();
    await tab.journal.append([part(1, false, update('a', {n: 2}))], undefined);
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1}});
    await tab.journal.append([part(2, false, rest('x'.repeat(1000)))], undefined);
    expect(await rowsIn(database)).to.deep.equal({a: {n: 2}, b: {text: 'x'.repeat(1000)}});
    await tab.journal.append([part(3, false, remove('b'))], undefined);
    expect(Object.keys(await rowsIn(database))).to.deep.equal(['a', 'b']);
    // The next leader goes on before it, as nothing of it counts yet.
    const next = await lead();
    expect(next.promotion.checkpoint?.lsn).to.equal('0/A');
    await next.journal.append([part(1, false, update('a', {n: 2})), part(2, false, rest('x'))], undefined);
    await next.journal.append([part(3, true, remove('b'))], at('0/B'));
    expect(await rowsIn(database)).to.deep.equal({a: {n: 2}});
  });

  it('hands over 500 changes at the most, says that it is at it, and calls an insert an update', async () => {
    const sizes: number[] = [];
    const types = new Set<string>();
    const own: Database = {
      ...watched(database, () => {}),
      transaction: run =>
        database.transaction(tx =>
          run({
            upsertEntity: () => {},
            deleteEntity: () => {},
            applyChanges: some => {
              sizes.push(some.length);
              for (const {type} of some) types.add(type);
            },
            readCheckpoint: async () => tx.readCheckpoint?.(),
            writeCheckpoint: async written => tx.writeCheckpoint?.(written),
          }),
        ),
    };
    const tab = open(own);
    await tab.journal.promote();
    const many = Array.from({length: 1201}, (_, index) => ({...update(`r${index}`, {}), type: 'insert' as 'update'}));
    await tab.journal.append([rows(...many)], {stage: stage('0/A')});
    expect(sizes).to.deep.equal([500, 500, 201]);
    expect([...types]).to.deep.equal(['update']);
    expect(tab.progress).to.equal(3);
  });

  it('keeps the rows in sight until the first of a new snapshot, which it goes on with after a crash', async () => {
    const {journal} = await filled();
    await journal.forgetCheckpoint();
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1}});
    const second = await lead();
    expect(second.promotion).to.deep.include({checkpoint: undefined, stage: {...stage('0/A'), cursor: null}});
    await second.journal.beginStage(newStage('0/F'), second.promotion.stage);
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1}});
    await second.journal.append([rows(update('b', {n: 2}))], {stage: stage('0/F', 'half')});
    expect(await rowsIn(database)).to.deep.equal({b: {n: 2}});
    const third = await lead();
    expect(third.promotion.stage).to.deep.include({lsn: '0/F', cursor: 'half'});
    await third.journal.append([rows(update('c', {n: 3}))], {stage: stage('0/F', 'end')});
    await third.journal.swap(stage('0/F'), checkpoint('0/F'));
    expect(await rowsIn(database)).to.deep.equal({b: {n: 2}, c: {n: 3}});
  });

  it('turns a former leader away, with all that it would write', async () => {
    const former = await filled();
    const leader = await lead();
    const failed = await rejection(former.journal.append([changes(update('a', {n: 'old'}))], at('0/B')));
    expect(failed.code).to.equal('storage-conflict');
    await former.journal.beginStage(newStage('0/F'), undefined);
    const cleared = await rejection(former.journal.append([rows(update('x', {}))], {stage: stage('0/F')}));
    expect(cleared.code).to.equal('storage-conflict');
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1}});
    await leader.journal.append([changes(update('a', {n: 2}))], at('0/B'));
    expect(await rowsIn(database)).to.deep.equal({a: {n: 2}});
  });

  /** Where a page may come to a stand in what it asks of the database, and what the next leader waits for then. */
  const MOMENTS = [
    ['before a transaction', 'begin', 'nothing'],
    ['in a transaction', 'apply', 'transaction'],
    ['before a transaction commits', 'commit', 'transaction'],
    ['before it clears', 'clear', 'lock'],
    ['before it hears that it has cleared', 'cleared', 'lock'],
  ] as const;
  for (const [kind, strip] of [
    ['with a checkpoint', (own: Database) => own],
    ['without one', withoutCheckpoint],
  ] as const) {
    for (const [where, moment, waitsFor] of MOMENTS) {
      for (const told of [true, false]) {
        it(`a page that ${told ? 'is frozen' : 'stands still'} ${where} spoils nothing when it goes on, ${kind}`, async () => {
          const {promise: held, resolve: thaw} = Promise.withResolvers<void>();
          const {promise: reached, resolve: reach} = Promise.withResolvers<void>();
          let holds = false;
          const slow = watched(database, what => {
            if (!holds || what !== moment) return undefined;
            holds = false;
            reach();
            return held;
          });
          const former = await filled(strip(slow));
          await former.journal.beginStage(newStage('0/F'), undefined);
          if (waitsFor !== 'lock') await former.journal.append([rows(update('a', {n: 1}))], {stage: stage('0/F')});
          holds = true;
          const late = former.journal.append([rows(update('old', {}))], {stage: stage('0/F', 'end')}).catch(() => {});
          await reached;
          if (told) former.close();

          const {promise: begun, resolve: begin} = Promise.withResolvers<void>();
          const next = open(strip(watched(database, what => (what === 'begin' ? begin() : undefined))));
          const promoted = next.journal.promote();
          const led = promoted
            .then(() => next.journal.beginStage(newStage('1/A'), undefined))
            .then(() => next.journal.append([rows(update('new', {n: 1}))], {stage: stage('1/A')}));
          // Without a fence only the lock keeps the next one out.
          const isLocked = waitsFor === 'lock' || (kind === 'without one' && (!told || moment === 'commit'));
          if (isLocked) await untilAwaited(ownLock(place(storage)));
          else await (waitsFor === 'nothing' ? led : begun);
          thaw();
          if (!told) {
            // What it had begun may be done before the next one takes over; nothing is behind that.
            await late;
            if (kind === 'with a checkpoint') await promoted;
            const refused = await rejection(former.journal.append([rows(update('old', {}))], {stage: stage('0/F')}));
            expect(refused.code).to.equal('storage-conflict');
            former.journal.leave();
          }
          await led;
          // Behind all that the former one asks of the database.
          await slow.transaction(async () => {});
          expect(await rowsIn(database)).to.deep.equal({new: {n: 1}});
          await next.journal.append([rows(update('more', {n: 2}))], {stage: stage('1/A', 'end')});
          await next.journal.swap(stage('1/A', 'end'), checkpoint('1/A'));
          expect(await rowsIn(database)).to.deep.equal({more: {n: 2}, new: {n: 1}});
        });
      }
    }
  }

  it('removes the rows of another client before anything is read for this one', async () => {
    await filled(database, freshName('somebody'));
    const {promotion, rows: own} = await lead();
    expect(promotion).to.deep.include({checkpoint: undefined, stage: undefined});
    expect(await rowsIn(database)).to.deep.equal({});
    expect(await own.list('task', {})).to.deep.equal([]);
  });

  it('refuses a second snapshot where there is no way to remove the first', async () => {
    const {clear: _, ...rest} = watched(database, () => {});
    const {journal} = await filled(rest);
    await journal.forgetCheckpoint();
    await journal.beginStage(newStage('0/F'), undefined);
    const failed = await rejection(journal.append([rows(update('b', {}))], {stage: stage('0/F')}));
    expect(failed.code).to.equal('no-clear');
    expect(await rowsIn(database)).to.deep.equal({a: {n: 1}});
  });

  it('calls a full disk by its name, and any other trouble the database’s', async () => {
    let thrown: unknown = new DOMException('full', 'QuotaExceededError');
    const own = watched(database, what => {
      if (what === 'apply') throw thrown;
    });
    const {journal} = await lead(own);
    const write = () => rejection(journal.append([changes(update('a', {}))], at('0/B')));
    expect((await write()).code).to.equal('quota-exceeded');
    thrown = new Error('wrapped', {cause: thrown});
    expect((await write()).code).to.equal('quota-exceeded');
    thrown = new TypeError('broken');
    expect((await write()).code).to.equal('database-failed');
    expect(await rowsIn(database)).to.deep.equal({});
  });

  describe('cut short at any moment', () => {
    const STEPS = [
      ['0/B', update('b', {n: 1})],
      ['0/C', partial('b', {m: 2})],
      ['0/D', remove('a')],
    ] as const;

    /** Goes on from where the last promotion says, until all is done or it dies. */
    async function run(on: Database): Promise<void> {
      const {journal, promotion, close} = await lead(on);
      try {
        if (!promotion.checkpoint) {
          if (promotion.stage?.cursor !== 'end') {
            await journal.beginStage(newStage('0/A'), promotion.stage);
            await journal.append([rows(update('a', {n: 0}))], {stage: stage('0/A', 'end')});
          }
          await journal.swap(stage('0/A', 'end'), checkpoint('0/A'));
        }
        const from = promotion.checkpoint?.lsn ?? '0/A';
        for (const [lsn, change] of STEPS) if (lsn > from) await journal.append([changes(change)], at(lsn));
      } finally {
        close();
      }
    }

    for (const [kind, strip] of [
      ['with a checkpoint', (own: Database) => own],
      ['without one', withoutCheckpoint],
    ] as const) {
      it(`it comes to the same, ${kind}`, async () => {
        let calls = 0;
        const count = watched(database, () => void calls++);
        await run(strip(count));
        const whole = await rowsIn(database);
        expect(whole).to.deep.equal({b: {n: 1, m: 2}});
        const all = calls;
        expect(all).to.be.above(10);
        for (let fatal = 1; fatal <= all; fatal++) {
          storage = await disk.openClient();
          database = memoryDatabase();
          calls = 0;
          const dies = watched(database, () => {
            if (++calls === fatal) throw new Error('the tab dies');
          });
          await run(strip(dies)).then(
            () => {},
            () => {},
          );
          await run(strip(watched(database, () => {})));
          expect(await rowsIn(database), `died at ${fatal} of ${all}`).to.deep.equal(whole);
        }
      });
    }
  });

  describe('that keeps no checkpoint', () => {
    it('is one leader’s at a time: the next waits until the one before has gone', async () => {
      const own = withoutCheckpoint(database);
      const former = await filled(own);
      const next = open(own);
      let isIn = false;
      const promoted = next.journal.promote().then(promotion => {
        isIn = true;
        return promotion;
      });
      await untilAwaited(ownLock(place(storage)));
      await former.journal.append([changes(update('b', {n: 2}))], at('0/B')).catch(() => {});
      expect(isIn).to.equal(false);
      former.journal.leave();
      const {checkpoint: reached, stage: left} = await promoted;
      expect([reached?.lsn, left]).to.deep.equal(['0/A', undefined]);
      expect((await rejection(former.journal.append([changes(update('x', {}))], at('0/C')))).code).to.equal(
        'storage-conflict',
      );
      // What the former one wrote before its checkpoint was refused comes once more.
      await next.journal.append([changes(update('b', {n: 2}))], at('0/B'));
      expect(await rowsIn(database)).to.deep.equal({a: {n: 1}, b: {n: 2}});
    });

    it('stays locked, where the engine is over, until what it began has landed', async () => {
      const own = withoutCheckpoint(database);
      let commit: Promise<void> = Promise.resolve();
      const begun = Promise.withResolvers<void>();
      const slow: Database = {
        ...own,
        transaction: run =>
          own.transaction(async tx => {
            const result = await run(tx);
            begun.resolve();
            await commit;
            return result;
          }),
      };
      const tab = await filled(slow);
      const isLocked = async () => {
        const {held = []} = await navigator.locks.query();
        return held.some(({name}) => name === ownLock(place(storage)));
      };
      const landing = Promise.withResolvers<void>();
      commit = landing.promise;
      void tab.journal.append([changes(update('b', {n: 2}))], at('0/B'));
      await begun.promise;
      await waitUntil(isLocked);
      tab.close();
      await new Promise(resolve => setTimeout(resolve));
      expect(await isLocked()).to.equal(true);
      landing.resolve();
      await waitUntil(async () => !(await isLocked()));
      expect(await rowsIn(database)).to.deep.equal({a: {n: 1}, b: {n: 2}});
    });

    it('is begun anew by a client whose rows another one’s have replaced', async () => {
      const own = withoutCheckpoint(database);
      const first = await filled(own);
      first.journal.leave();
      const other = await lead(own, 'another');
      other.journal.leave();
      for (const time of ['first', 'second']) {
        const {promotion, journal} = await lead(own);
        expect(promotion, time).to.deep.include({checkpoint: undefined, stage: undefined});
        journal.leave();
      }
    });

    it('tells followers by our own storage how far it is', async () => {
      const own = withoutCheckpoint(database);
      const {journal} = await filled(own);
      const {rows: follower} = open(own);
      await follower.refresh();
      expect(follower.checkpoint?.lsn).to.equal('0/A');
      await journal.forgetCheckpoint();
      await follower.refresh();
      expect(follower.checkpoint).to.equal(undefined);
    });
  });

  describe('asked for rows', () => {
    const edits = new Map<string, (row: object | undefined) => {[name: string]: number}>([
      ['a', row => ({...row, n: 9})],
      ['new', () => ({n: 5})],
    ]);

    it('answers with what is pending on top, sorted, cut and behind a row', async () => {
      const {journal, rows: own} = await filled();
      await journal.append([changes(...[2, 3, 4].map(n => update(`r${n}`, {n})))], at('0/B'));
      const list = (query: object) => own.list('task', query, () => edits as never);
      expect(await own.get('task', 'a', () => edits as never)).to.deep.equal({n: 9});
      expect(await list({orderBy: 'n'})).to.deep.equal([2, 3, 4, 5, 9].map(n => ({n})));
      expect(await list({orderBy: '-n', limit: 2})).to.deep.equal([{n: 9}, {n: 5}]);
      expect(await list({orderBy: '-n', limit: 2, after: 'new'})).to.deep.equal([{n: 4}, {n: 3}]);
      expect(await list({where: {n: {lt: 3}}})).to.deep.equal([{n: 2}]);
      expect(await own.count('task', {where: {n: {gte: 4}}}, () => edits as never)).to.equal(3);
    });

    it('asks again where the row of `after` moves while the rows behind it are looked up, but not for ever', async () => {
      let [asked, settlesAt] = [0, 2];
      // Before it has settled each look finds it elsewhere.
      const get = async () => ({n: ++asked >= settlesAt ? 2 : -asked});
      const {journal, rows: own} = await filled({...watched(database, () => {}), get});
      await journal.append([changes(update('a', {n: 2}), ...[1, 2, 3].map(n => update(`r${n}`, {n})))], at('0/B'));
      const list = () => own.list('task', {orderBy: 'n', after: 'a'});
      expect(await list()).to.deep.equal([{n: 2}, {n: 3}]);
      [asked, settlesAt] = [0, Number.POSITIVE_INFINITY];
      await list();
      expect(asked).to.equal(6);
    });

    it('finds the row under a pending write without `get` too', async () => {
      const {get: _, ...rest} = watched(database, () => {});
      const {rows: own} = await filled(rest);
      expect(await own.list('task', {where: {n: 9}}, () => edits as never)).to.deep.equal([{n: 9}]);
      expect((await rejection(own.get('task', 'a'))).code).to.equal('no-reader');
    });

    it('refuses where it has no readers, and what makes no sense', async () => {
      const {rows: own, close} = await filled(withoutCheckpoint(database));
      expect((await rejection(own.list('task', {}))).code).to.equal('no-reader');
      close();
      const {rows: whole} = await lead();
      expect((await rejection(whole.list('task', {limit: -1}))).code).to.equal('invalid-query');
      expect((await rejection(whole.list('task', {after: 'gone'}))).code).to.equal('invalid-query');
    });
  });
});
