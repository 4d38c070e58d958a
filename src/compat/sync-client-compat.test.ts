import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {syncClientCompat, syncMessageHandler, syncWorkerManager} from './functions.js';
import {configureSync, currentService, endService, isStarted} from './shared.js';
import {SyncClientCompat} from './sync-client-compat.js';
import {SyncWorkerManager} from './sync-worker-manager.js';

describe('SyncClientCompat', () => {
  let fake: FakeSyncService;
  let client: SyncClientCompat;
  beforeEach(() => {
    fake = new FakeSyncService();
    client = new SyncClientCompat(fake.service);
  });

  it('hands the old calls on', async () => {
    expect(await client.initialize()).to.equal(true);
    expect(await client.connect()).to.equal(true);
    await client.forceConnect();
    await client.disconnect();
    await client.disconnect(false);
    expect(fake.calls).to.deep.equal(['initialize', 'connect', 'forceConnect', 'disconnect true', 'disconnect false']);
  });

  it('stands on a service that has its rows already: a database comes too late', async () => {
    const error = await client.initialize({transaction: async () => Promise.reject()}).catch(thrown => thrown);
    expect(error.code).to.equal('already-started');
    expect(fake.calls).to.deep.equal([]);
  });

  it('answers with a promise whatever is wrong, and logs what nobody listens for', async () => {
    const broken = new SyncClientCompat(
      new Proxy(fake.service, {
        get: () => {
          throw new SyncError('invalid-url', 'x');
        },
      }),
    );
    for (const call of [
      () => broken.initialize(),
      () => broken.connect(),
      () => broken.disconnect(),
      () => broken.forceConnect(),
    ]) {
      expect((await call().catch(error => error)).code).to.equal('invalid-url');
    }
    const rejected = await new Promise(reject => broken.queueOperation({type: 'a', payload: 1, reject}));
    expect((rejected as SyncError).code).to.equal('invalid-url');
    broken.queueOperation(null as never);
    await settle();
  });

  it('shows the five old fields, with an LSN where there is none yet', () => {
    const {clientId, lastLSN, isConnected, isConnecting, reconnectAttempts} = client.getState();
    expect({clientId, lastLSN, isConnected, isConnecting, reconnectAttempts}).to.deep.equal({
      clientId: 'label',
      lastLSN: '0/0',
      isConnected: false,
      isConnecting: false,
      reconnectAttempts: 0,
    });
    fake.become({lastLSN: '0/A'});
    expect(client.getState().lastLSN).to.equal('0/A');
  });

  it('answers getNetworkStatus with a boolean', () => {
    expect(client.getNetworkStatus()).to.equal(true);
    fake.become({online: false});
    expect(client.getNetworkStatus()).to.equal(false);
  });

  it('has one state listener: a second takes the place of the first, null of any', () => {
    const heard: string[] = [];
    client.onStateChange = ({status}) => heard.push(`first ${status}`);
    fake.become({status: 'connecting'});
    client.onStateChange = ({status}) => heard.push(`second ${status}`);
    expect(fake.listeners.count('state')).to.equal(1);
    fake.become({status: 'pending', pending: 1});
    client.onStateChange = null;
    fake.become({status: 'synced'});
    expect(heard).to.deep.equal(['first connecting', 'second pending']);
    expect(fake.listeners.count('state')).to.equal(0);
    expect(client.onStateChange).to.equal(null);
  });

  it('tells the outcome of an operation by its own callbacks, and returns nothing', async () => {
    const heard: string[] = [];
    const operation = {
      ...{type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'x'}, id: 'a'},
      resolve: () => void heard.push('resolve'),
    };
    expect(client.queueOperation(operation)).to.equal(undefined);
    client.queueOperation({execute: () => heard.push('run')});
    await settle();
    expect(client.pageOnly).to.equal(1);
    fake.apply('a');
    fake.goLive();
    await settle();
    expect(heard).to.deep.equal(['resolve', 'run']);
    expect(client.pageOnly).to.equal(0);
  });

  it('cleanup tells what waits in the page, and takes the listener off', async () => {
    const heard: string[] = [];
    client.onStateChange = () => heard.push('state');
    client.queueOperation({
      execute: () => heard.push('run'),
      reject: error => void heard.push((error as {code: string}).code),
    });
    await client.cleanup();
    fake.goLive();
    await settle();
    expect(heard).to.deep.equal(['cancelled']);
    expect(fake.calls).to.deep.equal(['cleanup']);
    expect(fake.listeners.count('state')).to.equal(0);
  });
});

describe('the old names before anybody has begun', () => {
  const database = {transaction: async () => Promise.reject(new Error('not asked'))};
  afterEach(endService);

  it('can be looked at and listened to, and the database is still to come', async () => {
    expect(syncClientCompat.getState()).to.include({isConnected: false, lastLSN: '0/0', reconnectAttempts: 0});
    expect(syncClientCompat.getNetworkStatus()).to.equal(true);
    expect([syncWorkerManager.isConnecting(), syncWorkerManager.getStatus().status]).to.deep.equal([false, 'idle']);
    syncClientCompat.onStateChange = () => {};
    expect(isStarted()).to.equal(false);
    configureSync({database});
    expect(() => currentService()).not.to.throw();
    const other = await syncClientCompat.initialize({...database}).catch(error => error);
    expect(other.code).to.equal('already-started');
  });

  it('end with a promise, also where nothing has begun, and the client ends what others have', async () => {
    await Promise.all(
      [syncClientCompat.cleanup(), syncWorkerManager.terminate(), syncMessageHandler.cleanup()].map(end => end.then()),
    );
    currentService();
    await syncClientCompat.cleanup();
    expect(isStarted()).to.equal(false);
  });
});

describe('SyncWorkerManager of the plan', () => {
  it('stands on the service', async () => {
    const fake = new FakeSyncService();
    const manager = new SyncWorkerManager(fake.service);
    expect(await manager.connect('wss://ignored.example', 'ignored', '0/1')).to.equal(true);
    await manager.disconnect(false);
    expect(manager.isConnecting()).to.equal(false);
    fake.become({isConnecting: true, reconnectAttempts: 2});
    expect(manager.isConnecting()).to.equal(true);
    expect(manager.getStatus().reconnectAttempts).to.equal(2);
    expect(await manager.sendMessage({hello: 1})).to.equal(true);
    const operation = {type: 'delete', entityType: 'note', entityId: '1', payload: null, id: 'a'};
    expect(await manager.sendMessage({type: 'operation', operation})).to.equal(true);
    expect(fake.queued).to.deep.equal([operation]);
    await manager.terminate();
    expect(fake.calls).to.deep.equal(['connect', 'disconnect false', 'message {"hello":1}', 'cleanup']);
  });

  it('hands events on until the remover is called, and none of a name that there is not', () => {
    const fake = new FakeSyncService();
    const manager = new SyncWorkerManager(fake.service);
    const heard: unknown[] = [];
    const remove = manager.on('message', detail => heard.push(detail));
    manager.on('toString', detail => heard.push(detail));
    fake.listeners.emit('message', {a: 1});
    remove();
    fake.listeners.emit('message', {a: 2});
    expect(heard).to.deep.equal([{a: 1}]);
  });

  it('takes its listeners off when it is terminated', async () => {
    const fake = new FakeSyncService();
    const manager = new SyncWorkerManager(fake.service);
    manager.on('message', () => {});
    await manager.terminate();
    expect(fake.listeners.count('message')).to.equal(0);
  });
});
