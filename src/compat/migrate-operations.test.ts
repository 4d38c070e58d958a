import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {migrateQueuedOperations} from './migrate-operations.js';

describe('migrateQueuedOperations', () => {
  const note = (id: string, extra = {}) => ({
    type: 'upsert',
    entityType: 'note',
    entityId: id,
    payload: {id},
    ...extra,
  });
  const refused = ({refused: list}: Awaited<ReturnType<typeof migrateQueuedOperations>>) =>
    list.map(({index, error}) => [index, error.code]);

  it('reports what is durable, what stays in the page, what is refused and why', async () => {
    const fake = new FakeSyncService();
    const happened: string[] = [];
    const list = [
      note('1', {id: 'mine', resolve: () => void happened.push('resolved')}),
      {execute: () => void happened.push('run')},
      note('2', {payload: {when: new Date()}}),
      {type: 'send_message', payload: {hello: 1}},
    ];
    const report = await migrateQueuedOperations(list, {service: fake.service});
    expect(report.taken).to.deep.equal(fake.queued.map(({id}) => id));
    expect(report.taken[0]).to.equal('mine');
    expect(report.taken).to.have.length(2);
    expect(report.inPageOnly).to.deep.equal([1]);
    expect(refused(report)).to.deep.equal([[2, 'invalid-operation']]);
    fake.apply('mine');
    fake.goLive();
    await settle();
    expect(happened).to.deep.equal(['resolved', 'run']);
  });

  it('runs a function after the outcome of all that stood before it, however that is; data behind it does not wait', async () => {
    const fake = new FakeSyncService();
    fake.goLive();
    const happened: string[] = [];
    const run = (name: string) => ({execute: () => void happened.push(name)});
    const list = [note('1', {id: 'a'}), note('2', {id: 'b'}), run('first'), note('3', {id: 'c'}), run('second')];
    await migrateQueuedOperations(list, {service: fake.service});
    expect(
      fake.queued.map(({id}) => id),
      'all that is data is durable',
    ).to.deep.equal(['a', 'b', 'c']);
    fake.apply('a');
    await settle();
    expect(happened, 'one before it has no outcome yet').to.deep.equal([]);
    fake.refuse('b', new SyncError('conflict', 'x'));
    await settle();
    expect(happened).to.deep.equal(['first']);
    fake.apply('c');
    await settle();
    expect(happened).to.deep.equal(['first', 'second']);
  });

  it('taken over twice, also by another page, is the same operations; two that are alike are two', async () => {
    const fake = new FakeSyncService();
    let runs = 0;
    const list = () => [note('1'), note('1'), note('2')];
    const first = await migrateQueuedOperations(list(), {service: fake.service});
    const second = await migrateQueuedOperations(list(), {service: fake.service});
    expect([second.taken, second.known]).to.deep.equal([[], first.taken]);
    expect(fake.queued).to.have.length(3);
    for (const id of first.taken) fake.apply(id);
    const third = await migrateQueuedOperations(list(), {service: fake.service});
    expect([third.taken, third.known], 'also when they are settled').to.deep.equal([[], first.taken]);
    expect(fake.queued).to.have.length(3);
    const functions = [{execute: () => void runs++}];
    fake.goLive();
    await migrateQueuedOperations(functions, {service: fake.service});
    await migrateQueuedOperations(functions, {service: fake.service});
    await settle();
    expect(runs).to.equal(1);
  });

  it('a later list that says the same as an earlier one is another one by its name or its time stamps, or is told apart', async () => {
    const fake = new FakeSyncService();
    const done = (is: boolean, extra = {}) => [note('1', {payload: {done: is}, ...extra})];
    const migrate = async (list: object[], batch?: string) => {
      const options = {service: fake.service, ...(batch === undefined ? {} : {batch})};
      const {taken, known} = await migrateQueuedOperations(list as ReturnType<typeof done>, options);
      for (const id of taken) fake.apply(id);
      return [taken.length, known.length];
    };
    expect(await migrate(done(true), 'monday')).to.deep.equal([1, 0]);
    expect(await migrate(done(false), 'tuesday')).to.deep.equal([1, 0]);
    expect(await migrate(done(true), 'wednesday')).to.deep.equal([1, 0]);
    expect(await migrate(done(true), 'wednesday'), 'that list again').to.deep.equal([0, 1]);
    expect(await migrate(done(true, {timestamp: 1}))).to.deep.equal([1, 0]);
    expect(await migrate(done(true, {timestamp: 2}))).to.deep.equal([1, 0]);
    expect(await migrate(done(true, {createdAt: '2026-11-30'}))).to.deep.equal([1, 0]);
    expect(await migrate(done(true, {timestamp: 2}))).to.deep.equal([0, 1]);
    expect(await migrate(done(true))).to.deep.equal([1, 0]);
    expect(await migrate(done(true)), 'nobody can tell: it is said that nothing was queued').to.deep.equal([0, 1]);
  });

  it('when dry sees what the queue holds, and how much more it takes', async () => {
    const fake = new FakeSyncService();
    fake.limits = {...fake.limits, queueCount: 3, operationBytes: 200};
    await migrateQueuedOperations([note('1'), note('2', {id: 'own'})], {service: fake.service});
    const list = [note('1'), note('2', {id: 'own'}), note('3'), note('4', {payload: {x: 'x'.repeat(300)}}), note('5')];
    const dry = await migrateQueuedOperations(list, {service: fake.service, dryRun: true});
    expect([dry.taken.length, dry.known.length]).to.deep.equal([1, 2]);
    expect(refused(dry)).to.deep.equal([
      [3, 'operation-too-large'],
      [4, 'queue-full'],
    ]);
    expect(fake.queued).to.have.length(2);
  });

  it('changes nothing when dry, and reports the same', async () => {
    const fake = new FakeSyncService();
    fake.goLive();
    let ran = false;
    const list = [
      note('1'),
      {
        execute: () => {
          ran = true;
        },
      },
      note('2', {payload: 'text'}),
    ];
    const dry = await migrateQueuedOperations(list, {service: fake.service, dryRun: true});
    await settle();
    expect([fake.queued, ran]).to.deep.equal([[], false]);
    const done = await migrateQueuedOperations(list, {service: fake.service});
    expect([dry.taken, dry.inPageOnly, refused(dry)]).to.deep.equal([done.taken, done.inPageOnly, refused(done)]);
  });

  it('called again while the first is at it, runs and tells each once', async () => {
    const fake = new FakeSyncService();
    fake.goLive();
    const happened: string[] = [];
    const list = [note('1', {id: 'mine', resolve: () => happened.push('told')}), {execute: () => happened.push('run')}];
    const both = [1, 2].map(() => migrateQueuedOperations(list, {service: fake.service}));
    const [first, second] = await Promise.all(both);
    expect(second).to.deep.equal(first);
    fake.apply('mine');
    await settle();
    expect(happened).to.deep.equal(['told', 'run']);
  });

  it('refuses what is no operation, and the second of two that have one id', async () => {
    const fake = new FakeSyncService();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const list = [
      null,
      'text',
      {},
      note('1', {payload: circular}),
      note('2', {id: 'a'}),
      note('3', {id: 'a'}),
      note('2', {id: 'a'}),
    ];
    const report = await migrateQueuedOperations(list as Parameters<typeof migrateQueuedOperations>[0], {
      service: fake.service,
    });
    const codes = [0, 1, 2, 3].map(index => [index, 'invalid-operation']);
    expect(refused(report)).to.deep.equal([...codes, [5, 'id-reused']]);
    expect([report.taken, report.known], 'the very same once more is no other').to.deep.equal([['a'], ['a']]);
    expect(fake.queued).to.have.length(1);
  });

  it('does not queue again what it knew when it looked, and what is forgotten while it goes on', async () => {
    const fake = new FakeSyncService();
    const [old, fresh] = [note('1', {id: 'old'}), note('2', {id: 'new'})];
    await migrateQueuedOperations([old], {service: fake.service});
    fake.apply('old');
    const {enqueue} = fake;
    // As where a thousand newer ones have their outcome at once.
    fake.enqueue = operation => {
      fake.queued.length = 0;
      return enqueue.call(fake, operation);
    };
    const {taken, known} = await migrateQueuedOperations([fresh, {...old}], {service: fake.service});
    expect([taken, known]).to.deep.equal([['new'], ['old']]);
    expect(fake.queued.map(({id}) => id)).to.deep.equal(['new']);
  });

  it('refuses one whose id stands in the queue with another content, in a dry run too', async () => {
    const fake = new FakeSyncService();
    await migrateQueuedOperations([note('1', {id: 'a'})], {service: fake.service});
    for (const dryRun of [true, false]) {
      const report = await migrateQueuedOperations([note('2', {id: 'a'})], {service: fake.service, dryRun});
      expect(refused(report)).to.deep.equal([[0, 'id-reused']]);
    }
  });

  it('takes ten thousand in their order, many at a time, and stays out of the way', async () => {
    const fake = new FakeSyncService();
    const {enqueue} = fake;
    let [flying, most] = [0, 0];
    fake.enqueue = async operation => {
      most = Math.max(most, ++flying);
      const id = await enqueue.call(fake, operation);
      await settle();
      flying--;
      return id;
    };
    const list = Array.from({length: 2000}, (_, at) => note(`${at}`));
    const {taken} = await migrateQueuedOperations(list, {service: fake.service});
    expect(new Set(taken).size).to.equal(2000);
    expect(taken).to.deep.equal(fake.queued.map(({id}) => id));
    expect(fake.queued.map(({entityId}) => entityId)).to.deep.equal(list.map(({entityId}) => entityId));
    expect(most).to.be.within(2, 500);
  });

  it('is not upset by a callback that throws', async () => {
    const fake = new FakeSyncService();
    const resolve = () => {
      throw new Error('theirs');
    };
    await migrateQueuedOperations([note('1', {id: 'a', resolve})], {service: fake.service});
    fake.apply('a');
    await settle();
  });

  it('goes on behind one that the queue does not take', async () => {
    const fake = new FakeSyncService();
    const {enqueue} = fake;
    fake.enqueue = async operation => {
      if (operation.entityId === '1') throw new SyncError('queue-full', 'x');
      return enqueue.call(fake, operation);
    };
    const report = await migrateQueuedOperations([note('1'), note('2')], {service: fake.service});
    expect(refused(report)).to.deep.equal([[0, 'queue-full']]);
    expect(report.taken).to.have.length(1);
  });
});
