import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {migrateEventListeners, migrateQueuedOperations, migrateSyncState} from './migrate.js';
import {migrateLocalStorage} from './migrate-local-storage.js';
import {configureSync, currentService, endService, isStarted} from './shared.js';

describe('migrateEventListeners', () => {
  it('puts each listener on once, however often it is called, and takes them off', () => {
    const fake = new FakeSyncService();
    const heard: unknown[] = [];
    const listener = (detail: unknown) => void heard.push(detail);
    const old = new Map([['connected', new Set([listener])]]);
    const remove = migrateEventListeners(old, {service: fake.service});
    const again = migrateEventListeners(old, {service: fake.service});
    expect([remove.taken, again.taken]).to.deep.equal([1, 0]);
    again();
    fake.listeners.emit('connected', {clientId: 'a'});
    expect(heard).to.deep.equal([{clientId: 'a'}]);
    remove();
    fake.listeners.emit('connected', {clientId: 'b'});
    expect(heard).to.have.length(1);
    expect(migrateEventListeners(old, {service: fake.service}).taken, 'taken off, it can be put on').to.equal(1);
  });

  it('names the events there are not, and does nothing when dry', () => {
    const fake = new FakeSyncService();
    const old = new Map([
      ['error', new Set([() => {}, () => {}])],
      ['toString', new Set([() => {}])],
      ['message_received', new Set([() => {}])],
    ]);
    const dry = migrateEventListeners(old, {service: fake.service, dryRun: true});
    expect(dry.taken).to.equal(2);
    expect(dry.unknown).to.deep.equal(['toString', 'message_received']);
    expect(fake.listeners.count('error')).to.equal(0);
    expect(migrateEventListeners(old, {service: fake.service}).taken).to.equal(2);
    expect(fake.listeners.count('error')).to.equal(2);
  });
});

describe('on the service that the old names share, the helpers', () => {
  afterEach(endService);

  it('make none to look, so that it can still be told where to connect', async () => {
    const old = new Map([['connected', new Set([() => {}])]]);
    migrateEventListeners(old, {dryRun: true});
    await migrateQueuedOperations([{type: 'send_message', payload: 1}], {dryRun: true});
    migrateSyncState({clientId: 'x'}, {dryRun: true});
    const remove = migrateEventListeners(old);
    expect(remove.taken).to.equal(1);
    remove();
    expect(isStarted()).to.equal(false);
  });

  it('keep listeners over a cleanup, on whatever service comes next', async () => {
    const heard: string[] = [];
    const old = new Map([
      ['state', new Set([({pending}: {pending: number}) => void heard.push(`${pending} pending`)])],
    ]);
    const remove = migrateEventListeners(old as unknown as Parameters<typeof migrateEventListeners>[0]);
    currentService();
    await endService();
    configureSync({database: `test ${crypto.randomUUID()}`, mode: 'page', logger: 'silent'});
    await currentService().enqueue({type: 'send_message', payload: 1});
    expect(heard).to.include('1 pending');
    expect(migrateEventListeners(old as unknown as Parameters<typeof migrateEventListeners>[0]).taken).to.equal(0);
    remove();
    await currentService().clearOperationQueue();
  });
});

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
    expect(happened.sort()).to.deep.equal(['resolved', 'run']);
  });

  it('taken over twice, also by another page, is the same operations; two that are alike are two', async () => {
    const fake = new FakeSyncService();
    let runs = 0;
    const list = () => [note('1'), note('1'), note('2')];
    const first = await migrateQueuedOperations(list(), {service: fake.service});
    const second = await migrateQueuedOperations(list(), {service: fake.service});
    expect(second.taken).to.deep.equal(first.taken);
    expect(fake.queued).to.have.length(3);
    const functions = [{execute: () => void runs++}];
    fake.goLive();
    await migrateQueuedOperations(functions, {service: fake.service});
    await migrateQueuedOperations(functions, {service: fake.service});
    await settle();
    expect(runs).to.equal(1);
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
    expect(happened.sort()).to.deep.equal(['run', 'told']);
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
    expect(report.taken, 'the very same once more is no other').to.deep.equal(['a', 'a']);
    expect(fake.queued).to.have.length(1);
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

describe('migrateSyncState and migrateLocalStorage', () => {
  afterEach(endService);

  it('take the client id as the label of a client that has not begun', () => {
    expect(migrateSyncState({clientId: 'old', lastLSN: '16/b374d48'})).to.deep.equal({
      clientId: 'taken',
      lastLSN: 'not-used',
    });
    expect(currentService().getState().clientId).to.equal('old');
    expect(currentService().getState().lastLSN, 'an LSN without its rows says nothing').to.equal('');
    expect(migrateSyncState({clientId: 'other'})).to.deep.equal({clientId: 'kept', lastLSN: 'absent'});
    expect(currentService().getState().clientId).to.equal('old');
  });

  it('take nothing when dry, and no label from an application that has chosen one', () => {
    configureSync({clientId: undefined as unknown as string});
    expect(migrateSyncState({clientId: 'old'}, {dryRun: true}).clientId).to.equal('taken');
    configureSync({clientId: 'mine'});
    expect(migrateSyncState({clientId: 'old'}).clientId).to.equal('kept');
    expect(migrateSyncState({clientId: 'mine'}).clientId, 'again is the same as once').to.equal('taken');
    expect(isStarted(), 'nobody has used it').to.equal(false);
    expect(currentService().getState().clientId).to.equal('mine');
  });

  it('read whatever stands in the old keys', () => {
    const values = new Map<string, string>([
      ['sync_client_id', 'old\0id'],
      ['sync_last_lsn', '0/100000000000'],
      ['sync_connection_status', '{"connectedClients":'],
      ['sync_connection_last_updated', 'NaN'],
      ['theirs', 'x'],
    ]);
    const storage = {
      getItem: (key: string) => values.get(key) ?? null,
      removeItem: (key: string) => void values.delete(key),
    };
    const report = {
      sync_client_id: 'malformed',
      sync_last_lsn: 'malformed',
      sync_connection_status: 'dropped',
      sync_connection_attempt: 'absent',
      sync_connection_last_updated: 'dropped',
    };
    expect(migrateLocalStorage({storage, dryRun: true, remove: true})).to.deep.equal(report);
    expect(migrateLocalStorage({storage})).to.deep.equal(report);
    expect(values.size, 'there is a way back until told otherwise').to.equal(5);
    expect(migrateLocalStorage({storage, remove: true})).to.deep.equal(report);
    expect([...values.keys()]).to.deep.equal(['theirs']);
    expect(new Set(Object.values(migrateLocalStorage({storage})))).to.deep.equal(new Set(['absent']));
  });

  it('configureSync comes before the first use', () => {
    currentService();
    expect(() => configureSync({url: '/elsewhere'}))
      .to.throw(SyncError)
      .with.property('code', 'already-started');
  });
});
