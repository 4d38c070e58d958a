/** What the plan named, line by line of docs/parity.md, in a real browser with the old names. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilState, untilSynced} from './harness.js';
import {loadOld, openOld, PlanServer} from './migration-site.js';
import {Site} from './site.js';

/** In tests' pages: methods of the service that were not called yet. */
declare global {
  var methodsLeft: Set<string>;
}

async function start(t: TestContext) {
  const site = await Site.start(t);
  const profile = await newProfile(await sharedBrowser(t));
  const page = await openOld(profile, site);
  return {site, profile, page};
}

test('WorkerSyncService: every method does its work', async t => {
  const {page} = await start(t);
  const uncalled = await page.evaluate(() => {
    const {prototype} = Object.getPrototypeOf(compat.workerSyncService).constructor;
    const methods = new Set(Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor'));
    const called = new Proxy(service, {
      get: (target, name) => {
        methods.delete(String(name));
        return Reflect.get(target, name);
      },
    });
    Object.assign(globalThis, {service: called, methodsLeft: methods});
    return methods.size;
  });
  assert.ok(uncalled > 30);
  const seen = await page.evaluate(async () => {
    const states: string[] = [];
    const events: string[] = [];
    service.onStateChange(({status}) => states.push(status));
    for (const name of ['connected', 'operation_complete', 'changes'] as const) {
      service.addEventListener(name, () => events.push(name));
    }
    const ready = await service.initialize();
    const connected = await service.connect();
    const live = service.live('note');
    const counts: number[] = [];
    const stop = live.subscribe(rows => rows && counts.push(rows.length));
    await service.settled(await service.put('note', '1', {id: '1', body: 'a'}), {until: 'echoed'});
    await service.settled(await service.patch('note', '1', {body: 'b'}));
    const {status} = await service.queueOperation({
      type: 'upsert',
      entityType: 'note',
      entityId: '2',
      payload: {id: '2'},
    });
    await service.flush();
    const rows = [
      await service.get('note', '1'),
      await service.list('note', {where: {id: '2'}}),
      await service.count('note'),
    ];
    await service.settled(await service.remove('note', '2'));
    await service.sendSyncMessage({hello: 1});
    await service.flush();
    const isUp = [service.isConnected(), service.isConnecting(), service.getNetworkStatus().online];
    await service.disconnect();
    const left = await service.enqueue({type: 'delete', entityType: 'note', entityId: '9'});
    const queued = (await service.operations()).map(({id}) => id);
    await service.clearOperationQueue();
    const after = await service.operations();
    await service.forceConnect();
    await service.resync();
    await service.flush();
    const refused = {type: 'no such type', payload: null};
    const failed: unknown[] = [];
    for (const id of ['retried', 'replaced', 'dropped']) {
      failed.push(
        await service.enqueue({...refused, id}).then(sent => service.settled(sent).catch(error => error.code)),
      );
    }
    await service.retry('retried');
    failed.push(await service.settled('retried').catch(error => error.code));
    await service.replace('replaced', {type: 'send_message', payload: {n: 2}});
    await service.discard('dropped');
    await service.discard();
    await service.flush();
    const open = (await service.operations()).length;
    const word = [service.getStatus(), service.getState().status];
    const {state} = await service.diagnostics();
    await service.logout({unsent: 'discard'});
    const gone = await service.count('note');
    stop();
    await service.cleanup();
    return {
      ready,
      connected,
      counts,
      status,
      rows,
      isUp,
      isLeft: queued.includes(left),
      after,
      failed,
      open,
      word,
      state,
      gone,
      states,
      events,
    };
  });
  assert.deepEqual([seen.ready, seen.connected, seen.status], [true, true, 'applied']);
  assert.deepEqual(seen.rows, [{id: '1', body: 'b'}, [{id: '2'}], 2]);
  assert.deepEqual([...seen.isUp, seen.isLeft], [true, false, true, true]);
  assert.deepEqual([seen.after, seen.gone], [[], 0]);
  assert.deepEqual(seen.failed, Array(4).fill('unknown-operation'));
  assert.deepEqual([seen.open, ...seen.word], [0, 'synced', 'synced']);
  assert.ok(seen.state !== undefined);
  assert.ok(seen.counts.includes(1));
  assert.ok(seen.states.includes('connecting') && seen.states.includes('pending'));
  for (const name of ['connected', 'operation_complete', 'changes']) assert.ok(seen.events.includes(name), name);
  assert.deepEqual(await page.evaluate(() => [...methodsLeft]), [], 'methods that this test forgot');
});

test('SyncWorkerManager: the plan’s methods, on the engine that is watched and replaced', async t => {
  const {site, page} = await start(t);
  const [connected, connecting, status, sent] = await page.evaluate(async () => {
    const manager = compat.syncWorkerManager;
    manager.on('connected', detail => happened.push(detail));
    const up = await manager.connect('/', 'label');
    const results = [up, manager.isConnecting(), manager.getStatus(), await manager.sendMessage({hello: 1})] as const;
    await service.flush();
    return results;
  });
  assert.deepEqual([connected, connecting, sent], [true, false, true]);
  assert.deepEqual([status.clientId, status.isConnected], ['label', true]);
  assert.deepEqual(site.messages, [{hello: 1}]);
  assert.equal(await page.evaluate(() => happened.length), 1);
  await page.evaluate(() => compat.syncWorkerManager.disconnect());
  await eventually('the line is closed', async () => site.sockets === 0);
  await page.evaluate(() => compat.syncWorkerManager.terminate());
});

test('SyncWorkerManager: a worker that is gone without a word is replaced, and what was asked of it is done', async t => {
  const {site, profile} = await start(t);
  await profile.addInitScript(() => {
    const workers: Worker[] = [];
    const Real = Worker;
    class Kept extends Real {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    }
    Object.assign(globalThis, {Worker: Kept, workers});
  });
  const page = await openOld(profile, site);
  await page.evaluate(() => compat.syncWorkerManager.connect());
  await untilSynced(page);
  await page.evaluate(() => {
    (globalThis as unknown as {workers: Worker[]}).workers[0]?.terminate();
    void service.put('note', '1', {id: '1', body: 'to a dead worker'});
  });
  await eventually('it has come to the server', async () => (await site.read('1')) !== undefined, 40_000);
  assert.equal(await page.evaluate(() => (globalThis as unknown as {workers: Worker[]}).workers.length), 2);
});

test('SyncWorker: works while the page is stuck, and is gone with terminate', async t => {
  const {site, profile, page} = await start(t);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  const other = await openOld(profile, site);
  await other.evaluate(() => service.connect());
  await untilState(other, "state.role === 'follower' && state.status === 'synced'");
  assert.equal(await page.evaluate(() => service.getState().mode), 'worker');
  let isStuck = true;
  const stuck = page
    .evaluate(() => {
      for (const until = performance.now() + 3000; performance.now() < until; );
    })
    .then(() => {
      isStuck = false;
    });
  await site.write('1', 'past a stuck page');
  await eventually('the other tab has the row', () =>
    other.evaluate(async () => (await service.get('note', '1')) !== undefined),
  );
  assert.ok(isStuck, 'it came through the worker of the tab whose page was stuck');
  await stuck;
  await other.close();
  await page.evaluate(() => service.cleanup());
  await eventually('no socket is left', async () => site.sockets === 0);
});

test('SyncWorker: answers a sync_request, and hands on what is none of ours', async t => {
  const server = await PlanServer.start(t);
  const page = await openOld(await newProfile(await sharedBrowser(t)), server);
  await page.evaluate(() => {
    compat.configureSync({dialect: compat.planDialect});
    service.addEventListener('message', detail => happened.push(detail));
    void service.connect();
  });
  await untilSynced(page);
  server.say({type: 'chat', text: 'hi'});
  server.say({type: 'sync_request'});
  await server.untilHeard('sync', 2);
  await eventually('it is heard', () => page.evaluate(() => happened.length > 0));
  assert.deepEqual(await page.evaluate(() => happened), [{type: 'chat', text: 'hi'}]);
});

test('Change processing: of many small transactions the page hears each, and of the state now and then', async t => {
  const {site, page} = await start(t);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  await page.evaluate(() => {
    service.addEventListener('changes', ({lsn}) => happened.push(lsn));
    service.addEventListener('state', ({lastLSN}) => happened.push(`state ${lastLSN}`));
  });
  const began = performance.now();
  for (let n = 0; n < 300; n++) await site.write(`${n % 7}`, `${n}`);
  await eventually('the last is told', () =>
    page.evaluate(() => {
      const lsn = happened.findLast(one => !String(one).startsWith('state'));
      return happened.at(-1) === `state ${lsn}` && service.getState().lastLSN === lsn;
    }),
  );
  await eventually(
    'all have come',
    async () => (await page.evaluate(async () => (await service.get('note', '5'))?.['body'])) === '299',
  );
  const [all, states] = await page.evaluate(() => [
    happened.length,
    happened.filter(one => String(one).startsWith('state')).length,
  ]);
  const most = 2 + (performance.now() - began) / 100;
  assert.ok(Number(states) <= most, `${states} states, ${most} at the most, of ${all} words`);
});

test('Change processing: what the server wrote in one transaction comes as one change', async t => {
  const {site, page} = await start(t);
  await page.evaluate(async () => {
    service.addEventListener('changes', ({ids}) => happened.push(ids));
    await service.connect();
  });
  await untilSynced(page);
  await page.evaluate(() => happened.splice(0));
  await site.source.transaction(async tx => {
    for (const id of ['1', '2', '3']) await tx.write('note', id, {body: id}, 'merge');
  });
  await eventually('it has come', () => page.evaluate(() => happened.length > 0));
  assert.deepEqual(await page.evaluate(() => happened), [['1', '2', '3']]);
});

test('Change processing: a batch is one transaction of a database, in the order it came, by the bulk path', async t => {
  const server = await PlanServer.start(t);
  const page = await openOld(await newProfile(await sharedBrowser(t)), server);
  await page.evaluate(async () => {
    // What each transaction that wrote rows was handed: the sizes of the bulks, and whose rows in which order.
    const transactions: {bulks: number[]; ids: string[]}[] = [];
    Object.assign(globalThis, {transactions});
    compat.configureSync({dialect: compat.planDialect, logger: 'silent'});
    await compat.initializeSync({
      async transaction(run) {
        const seen: (typeof transactions)[0] = {bulks: [], ids: []};
        const oneByOne = () => {
          throw new Error('the bulk path is there');
        };
        const result = await run({
          upsertEntity: oneByOne,
          deleteEntity: oneByOne,
          applyChanges: changes => {
            seen.bulks.push(changes.length);
            seen.ids.push(...changes.map(({type, entityType, entityId}) => `${type} ${entityType} ${entityId}`));
          },
        });
        if (seen.bulks.length > 0) transactions.push(seen);
        return result;
      },
    });
    void service.connect();
  });
  await untilSynced(page);
  // Types by turns, and a row that goes and comes back: in groups by type or by kind it would be another state.
  const data = Array.from({length: 1201}, (_, n) =>
    n % 3 === 2
      ? {type: 'delete', entityType: 'note', entityId: `${n - 2}`}
      : {type: 'update', entityType: n % 2 ? 'task' : 'note', entityId: `${n}`, data: {n}},
  );
  const expected = data.map(({type, entityType, entityId}) => `${type} ${entityType} ${entityId}`);
  server.say({type: 'batch_update', batchId: 'b', data, lsn: '0/5'});
  const seen = () =>
    page.evaluate(() => (globalThis as unknown as {transactions: {bulks: number[]; ids: string[]}[]}).transactions);
  await eventually('it is written', async () => (await seen()).length > 0);
  await untilState(page, "state.status === 'synced'");
  const [batch, ...more] = await seen();
  assert.deepEqual([batch?.bulks, more], [[500, 500, 201], []]);
  assert.deepEqual(batch?.ids, expected);
});

test('LSN tracking: after a reload it goes on from where the rows are', async t => {
  const {site, page} = await start(t);
  await site.write('1', 'a');
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  const before = await page.evaluate(() => service.getState().lastLSN);
  assert.match(before, /^[0-9A-F]+\/[0-9A-F]+$/);
  await page.reload();
  await loadOld(page);
  await page.evaluate(async () => {
    service.addEventListener('sync_started', ({mode}) => happened.push(mode));
    await service.connect();
  });
  await untilSynced(page);
  assert.equal(await page.evaluate(() => service.getState().lastLSN), before);
  assert.deepEqual(await page.evaluate(() => happened), ['live'], 'no snapshot');
});

test('OperationQueue: durable, and sent when the line is there', async t => {
  const {site, page} = await start(t);
  await page.evaluate(async () => {
    const queue = new compat.OperationQueue();
    queue.queueOperation({type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'kept'}}).catch(() => {});
    while ((await service.operations()).length === 0);
  });
  await page.reload();
  await loadOld(page);
  assert.equal(await page.evaluate(async () => (await service.operations()).length), 1);
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  assert.deepEqual(await site.read('1'), {id: '1', body: 'kept'});
});

test('Operation results: told by the promise, by the event, and to the old callbacks', async t => {
  const {page} = await start(t);
  const results = await page.evaluate(async () => {
    service.addEventListener('operation_complete', ({id, status}) => happened.push([id, status]));
    service.addEventListener('operation_error', ({id, error}) => happened.push([id, error.code]));
    await service.connect();
    const told = (operation: {
      type: string;
      entityType: string;
      entityId: string;
      payload: {body: string};
      id: string;
    }) =>
      new Promise(resolve =>
        compat.syncClientCompat.queueOperation({
          ...operation,
          resolve: () => resolve('resolve'),
          reject: error => resolve((error as {code: string}).code),
        }),
      );
    const good = {type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'x'}, id: 'good'};
    return [await told(good), await told({...good, type: 'no such type', id: 'bad'})];
  });
  assert.deepEqual(results, ['resolve', 'unknown-operation']);
  assert.deepEqual(await page.evaluate(() => happened), [
    ['good', 'applied'],
    ['bad', 'unknown-operation'],
  ]);
});

test('GlobalConnectionTracker: one tab at a time, and a crashed one holds nothing', async t => {
  const {site, profile, page} = await start(t);
  const other = await openOld(profile, site);
  assert.equal(await page.evaluate(() => compat.globalConnectionTracker.startConnectionAttempt('a').turn), true);
  await eventually('the other hears of it', () =>
    other.evaluate(() => compat.globalConnectionTracker.isAttemptingConnection('a')),
  );
  const code = await other.evaluate(() =>
    compat.globalConnectionTracker.waitForExistingAttempt('a', {timeout: 50}).catch(error => error.code),
  );
  assert.equal(code, 'timed-out');
  const ended = other.evaluate(() => compat.globalConnectionTracker.waitForExistingAttempt('a', {timeout: 20_000}));
  await page.goto('chrome://crash').catch(() => {});
  await ended;
  await eventually('it is forgotten', () =>
    other.evaluate(() => !compat.globalConnectionTracker.isAttemptingConnection('a')),
  );
  assert.equal(await other.evaluate(() => compat.globalConnectionTracker.registerConnection('a')), true);
  const third = await openOld(profile, site);
  await eventually('a third tab knows of it', () =>
    third.evaluate(() => compat.globalConnectionTracker.isClientConnected('a')),
  );
  assert.equal(
    await third.evaluate(() => compat.globalConnectionTracker.registerConnection('a')),
    false,
    'one at a time',
  );
  await third.evaluate(() => {
    compat.globalConnectionTracker.startConnectionAttempt('b');
    compat.globalConnectionTracker.endConnectionAttempt('b');
  });
  assert.equal(await third.evaluate(() => compat.globalConnectionTracker.isAttemptingConnection('b')), false);
  await other.evaluate(() => compat.globalConnectionTracker.closeConnection('a'));
  await eventually('it is free', () => third.evaluate(() => !compat.globalConnectionTracker.isClientConnected('a')));
  assert.equal(await third.evaluate(() => compat.globalConnectionTracker.registerConnection('a')), true);
  await third.evaluate(() => compat.globalConnectionTracker.cleanup());
  await eventually('what was given up is known to be', () =>
    other.evaluate(() => !compat.globalConnectionTracker.isClientConnected('a')),
  );
  await other.evaluate(() => compat.globalConnectionTracker.cleanup());
});

test('State management: what is pending and where the rows are is known after a reload, offline', async t => {
  const {site, page} = await start(t);
  await site.write('1', 'a');
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  const before = await page.evaluate(async () => {
    await service.disconnect();
    await service.put('note', '2', {id: '2', body: 'b'});
    return service.getState().lastLSN;
  });
  await page.reload();
  await loadOld(page);
  await page.evaluate(() => service.initialize());
  await untilState(page, `state.pending === 1 && state.lastLSN === '${before}'`);
  assert.equal(await page.evaluate(() => service.count('note')), 2);
});
