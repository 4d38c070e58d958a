import {expect} from '@open-wc/testing';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {migrateEventListeners, migrateSyncState} from './migrate.js';
import {migrateLocalStorage} from './migrate-local-storage.js';
import {migrateQueuedOperations} from './migrate-operations.js';
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
