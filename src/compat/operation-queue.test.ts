import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {FakeSyncService} from '../../test/helpers/fake-sync-service.js';
import {SyncError} from '../protocol/protocol.js';
import {OperationQueue} from './operation-queue.js';

const note = (id: string, priority?: number) => ({
  ...{type: 'upsert', entityType: 'note', entityId: id, payload: {body: id}, id},
  ...(priority === undefined ? {} : {priority}),
});

describe('the old queue of operations', () => {
  let fake: FakeSyncService;
  let queue: OperationQueue;
  let happened: string[];
  beforeEach(() => {
    fake = new FakeSyncService();
    queue = new OperationQueue(() => fake.service);
    happened = [];
  });
  const log = (what: string) => () => void happened.push(what);
  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'resolved',
      error => error.code ?? error.message,
    );

  it('makes what is data durable at once, offline too, and resolves when the server has applied it', async () => {
    const outcome = queue.queueOperation({...note('1'), resolve: log('resolve'), reject: log('reject')});
    await settle();
    expect(fake.queued).to.deep.equal([note('1')]);
    expect(queue.length, 'nothing is in this page only').to.equal(0);
    expect(happened).to.deep.equal([]);
    fake.apply('1');
    await outcome;
    expect(happened).to.deep.equal(['resolve']);
  });

  it('rejects with the server’s reason', async () => {
    const outcome = codeOf(queue.queueOperation({...note('1'), reject: log('reject')}));
    await settle();
    fake.refuse('1', new SyncError('conflict', 'x'));
    expect(await outcome).to.equal('conflict');
    expect(happened).to.deep.equal(['reject']);
  });

  it('runs a function once the line is live, and never sends it', async () => {
    const outcome = queue.queueOperation({execute: log('run'), resolve: log('resolve')});
    await settle();
    expect(queue.length).to.equal(1);
    fake.become({status: 'syncing', isConnected: true});
    await settle();
    expect(happened, 'catching up is not live').to.deep.equal([]);
    fake.goLive();
    await outcome;
    expect(happened).to.deep.equal(['run', 'resolve']);
    expect(fake.queued).to.deep.equal([]);
    expect(queue.length).to.equal(0);
  });

  it('finds the function in the payload, where the plan put it', async () => {
    fake.goLive();
    await queue.queueOperation({type: 'custom_operation', payload: {execute: log('run'), priority: 1}});
    expect(happened).to.deep.equal(['run']);
  });

  it('keeps the order of functions and data', async () => {
    fake.goLive();
    void queue.queueOperation({...note('1'), resolve: log('1')});
    const run = queue.queueOperation({execute: log('run')});
    const last = queue.queueOperation({...note('2'), resolve: log('2')});
    await settle();
    expect(
      fake.queued.map(({id}) => id),
      'the second stands behind the function',
    ).to.deep.equal(['1']);
    expect(happened).to.deep.equal([]);
    fake.apply('1');
    await run;
    await settle();
    expect(fake.queued.map(({id}) => id)).to.deep.equal(['1', '2']);
    fake.apply('2');
    await last;
    expect(happened).to.deep.equal(['1', 'run', '2']);
  });

  it('does not run a function when the line was lost while others settled', async () => {
    fake.goLive();
    void queue.queueOperation(note('1'));
    void queue.queueOperation({execute: log('run')});
    await settle();
    fake.become({status: 'offline', isConnected: false});
    fake.apply('1');
    await settle();
    expect(happened).to.deep.equal([]);
    fake.goLive();
    await settle();
    expect(happened).to.deep.equal(['run']);
  });

  it('lets what is more urgent go first, also past a function that waits', async () => {
    void queue.queueOperation({execute: log('low')});
    void queue.queueOperation({execute: log('high'), priority: 5});
    void queue.queueOperation({...note('1', 9), resolve: log('urgent')});
    await settle();
    expect(fake.queued, 'urgent data is durable, though the line is down').to.deep.equal([note('1', 9)]);
    fake.apply('1');
    fake.goLive();
    await settle();
    expect(happened).to.deep.equal(['urgent', 'high', 'low']);
  });

  it('goes on behind a function that fails, at once or later', async () => {
    fake.goLive();
    const first = codeOf(
      queue.queueOperation({
        execute: () => {
          throw new Error('at once');
        },
      }),
    );
    const second = codeOf(queue.queueOperation({execute: async () => Promise.reject(new Error('later'))}));
    const third = queue.queueOperation({execute: log('run')});
    expect(await first).to.equal('at once');
    expect(await second).to.equal('later');
    await third;
  });

  it('begins with each that is data at once: what comes next does not wait until the one before is durable', async () => {
    const {enqueue} = fake;
    const durable = Promise.withResolvers<void>();
    fake.enqueue = async operation => {
      const id = await enqueue.call(fake, operation);
      await durable.promise;
      return id;
    };
    fake.goLive();
    for (let at = 0; at < 100; at++) void queue.queueOperation(note(`${at}`));
    const run = queue.queueOperation({execute: log('run')});
    await settle();
    expect(fake.queued.map(({id}) => id)).to.deep.equal(Array.from({length: 100}, (_, at) => `${at}`));
    expect(queue.length, 'the function').to.equal(1);
    durable.resolve();
    await settle();
    expect(happened).to.deep.equal([]);
    for (let at = 0; at < 100; at++) fake.apply(`${at}`);
    await run;
  });

  it('rejects where there is no service to be had, and works once there is', async () => {
    let broken = true;
    queue = new OperationQueue(() => {
      if (broken) throw new SyncError('invalid-url', 'x');
      return fake.service;
    });
    const outcomes = [queue.queueOperation(note('1')), queue.queueOperation({execute: log('run')})].map(codeOf);
    expect(await Promise.all(outcomes)).to.deep.equal(['invalid-url', 'invalid-url']);
    expect(queue.length).to.equal(0);
    broken = false;
    fake.goLive();
    await queue.queueOperation({execute: log('later')});
    expect(happened).to.deep.equal(['later']);
  });

  it('goes on where a callback throws', async () => {
    fake.goLive();
    await queue.queueOperation({
      execute: log('run'),
      resolve: () => {
        throw new Error('theirs');
      },
    });
    await queue.queueOperation({execute: log('next')});
    expect(happened).to.deep.equal(['run', 'next']);
  });

  it('when cleared tells all that wait, and none of it runs later', async () => {
    const waiting = [queue.queueOperation({execute: log('run')}), queue.queueOperation(note('1'))].map(codeOf);
    await queue.clearOperationQueue();
    expect(await Promise.all(waiting)).to.deep.equal(['cancelled', 'cancelled']);
    expect(fake.calls).to.deep.equal(['clearOperationQueue']);
    fake.goLive();
    await queue.queueOperation({execute: log('after')});
    expect(happened).to.deep.equal(['after']);
    expect(fake.listeners.count('state'), 'no listener is left').to.equal(0);
  });
});
