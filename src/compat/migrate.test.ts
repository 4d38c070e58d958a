import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {migrateEventListeners, migrateQueuedOperations, migrateSyncState} from './migrate.js';
import {migrateLocalStorage} from './migrate-local-storage.js';
import {configureSync, currentService, endService} from './shared.js';

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

  it('take nothing when dry', () => {
    configureSync({clientId: 'mine'});
    expect(migrateSyncState({clientId: 'old'}, {dryRun: true}).clientId).to.equal('taken');
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
