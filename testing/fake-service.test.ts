import {expect} from '@open-wc/testing';
import {SyncError} from '../src/index.js';
import {fakeService} from './index.js';

const codeOf = (work: Promise<unknown>) => work.then(String, thrown => SyncError.from(thrown).code);
const tasks = [
  {id: '1', title: 'Buy bread', done: false},
  {id: '2', title: 'Água', done: true},
  {id: '3', title: 'Call Ada', done: false},
];

describe('a fake service and its rows', () => {
  it('answers queries as the real one does', async () => {
    const service = fakeService({rows: {task: tasks}});
    const ids = async (query: object) => (await service.list('task', query)).map(row => row['id']);
    expect(await ids({orderBy: 'title'})).to.deep.equal(['2', '1', '3']);
    expect(await ids({where: {done: false}, orderBy: '-title'})).to.deep.equal(['3', '1']);
    expect(await ids({where: {title: {prefix: 'agu'}}})).to.deep.equal(['2']);
    expect(await ids({orderBy: 'title', after: '2', limit: 1})).to.deep.equal(['1']);
    expect(await service.count('task', {where: {done: true}})).to.equal(1);
    expect(await service.get('task', '3')).to.deep.equal(tasks[2]);
    expect(await service.list('nothing')).to.deep.equal([]);
    expect(await codeOf(service.list('task', {limit: -1}))).to.equal('invalid-query');
    expect(await codeOf(service.list('task', {after: 'gone'}))).to.equal('invalid-query');
  });

  it('tells live results when rows change, and nobody who has left', () => {
    const service = fakeService();
    const seen: unknown[] = [];
    const stop = service.live('task', {where: {done: false}}).subscribe(rows => seen.push(rows?.length));
    service.setRows('task', tasks);
    expect(service.listening).to.equal(1);
    stop();
    service.setRows('task', []);
    expect(seen).to.deep.equal([undefined, 0, 2]);
    expect(service.listening).to.equal(0);
  });
});

describe('a fake service and what a page writes', () => {
  it('shows it at once, and keeps it when the server has taken it', async () => {
    const service = fakeService({rows: {task: tasks}});
    const id = await service.patch('task', '1', {done: true});
    expect((await service.get('task', '1'))?.['done']).to.equal(true);
    expect(service.getState()).to.include({status: 'pending', pending: 1});
    const settled = service.settled(id);
    const told: string[] = [];
    service.addEventListener('operation_complete', ({id}) => told.push(id));
    service.settle(id);
    expect(await settled).to.include({id, status: 'applied'});
    expect(await service.settled(id)).to.include({id});
    expect(told).to.deep.equal([id]);
    expect(await service.operations()).to.deep.equal([]);
    expect((await service.get('task', '1'))?.['done']).to.equal(true);
    expect(service.getState()).to.include({status: 'synced', pending: 0});
  });

  it('takes it back where the server refuses it, until it is tried again', async () => {
    const service = fakeService({rows: {task: tasks}});
    const id = await service.remove('task', '1');
    service.refuse(id, {code: 'forbidden', message: 'Not yours'});
    expect(await codeOf(service.settled(id))).to.equal('forbidden');
    expect(await service.get('task', '1')).to.deep.equal(tasks[0]);
    expect(service.getState()).to.deep.include({status: 'error', failed: 1, pending: 0});
    expect(service.getState().error?.action).to.equal('review');
    await service.retry(id);
    expect(await service.get('task', '1')).to.equal(undefined);
    expect(service.getState()).to.include({status: 'pending', error: null});
    const flushed = service.flush();
    service.settle(id);
    await flushed;
    expect(service.getState().status).to.equal('synced');
  });

  it('drops and replaces what was refused', async () => {
    const service = fakeService({
      operations: [
        {id: 'a', stage: 'failed'},
        {id: 'b', stage: 'failed'},
      ],
    });
    expect(service.getState().failed).to.equal(2);
    await service.discard('a');
    expect(await codeOf(service.settled('a'))).to.equal('discarded');
    const payload = {title: 'Better'};
    await service.replace('b', {type: 'upsert', entityType: 'task', entityId: '1', payload});
    const [only] = await service.operations();
    expect(only).to.include({stage: 'queued', entityId: '1'});
    expect((await service.operations({stage: 'failed'})).length).to.equal(0);
    expect(await codeOf(service.retry('b'))).to.equal('unknown-operation');
    expect(await codeOf(service.settled('nothing'))).to.equal('unknown-operation');
  });

  it('refuses at once what the real one refuses', async () => {
    const service = fakeService();
    expect(await codeOf(service.put('task', '1', {when: new Date()} as never))).to.equal('invalid-operation');
    expect(service.getState().pending).to.equal(0);
  });
});

describe('a fake service and its state', () => {
  it('is what the test says, and follows the operations only while connected', async () => {
    const service = fakeService({state: {status: 'offline', isConnected: false}});
    const seen: string[] = [];
    const stop = service.onStateChange(({status, pending}) => seen.push(`${status} ${pending}`));
    await service.put('task', '1', {});
    await service.connect();
    service.setState({status: 'synced', isConnected: true});
    stop();
    service.setState({status: 'idle'});
    expect(seen).to.deep.equal(['offline 1', 'synced 1']);
    expect(service.calls.map(({method}) => method)).to.deep.equal(['put', 'connect']);
  });

  it('keeps its state frozen, and forgets everything at a logout', async () => {
    const service = fakeService({rows: {task: tasks}, operations: [{id: 'a'}]});
    expect(Object.isFrozen(service.getState())).to.equal(true);
    await service.logout({unsent: 'discard'});
    expect(await service.list('task')).to.deep.equal([]);
    expect(service.getState()).to.include({status: 'idle', pending: 0});
  });

  it('says when a method was called, before and after', async () => {
    const service = fakeService();
    const called = service.called('logout');
    await service.logout({unsent: 'keep'});
    expect((await called).args).to.deep.equal([{unsent: 'keep'}]);
    expect((await service.called('logout')).method).to.equal('logout');
  });

  it('lets every listener hear, though one of them throws', async () => {
    const service = fakeService();
    const heard: unknown[] = [];
    const thrown = new Promise(resolve => {
      const before = window.onerror;
      window.onerror = message => {
        window.onerror = before;
        resolve(message);
        return true;
      };
    });
    service.addEventListener('error', () => {
      throw new Error('mine');
    });
    service.addEventListener('error', error => heard.push(error.code));
    service.emit('error', new SyncError('storage-evicted', 'gone'));
    expect(heard).to.deep.equal(['storage-evicted']);
    expect(await thrown).to.contain('mine');
  });
});
