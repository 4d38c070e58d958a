/** The old names themselves, line by line of docs/parity.md, and what migrating carries over. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilSynced} from './harness.js';
import {loadOld, openOld} from './migration-site.js';
import {Site} from './site.js';

async function start(t: TestContext) {
  const site = await Site.start(t);
  const profile = await newProfile(await sharedBrowser(t));
  return {site, profile, page: await openOld(profile, site)};
}

test('SyncClientCompat: the old client’s whole life', async t => {
  const {site, page} = await start(t);
  const seen = await page.evaluate(async () => {
    const client = compat.syncClientCompat;
    const states: string[] = [];
    compat.configureSync({logger: {...console, warn: message => happened.push(message)}});
    const before = client.getState();
    client.onStateChange = ({status}) => states.push(status);
    const ready = await client.initialize();
    const connected = await client.connect();
    await new Promise<void>(resolve =>
      client.queueOperation({type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'x'}, resolve}),
    );
    await new Promise<void>(resolve => client.queueOperation({execute: () => states.push('ran'), resolve}));
    await client.forceConnect();
    const online = client.getNetworkStatus();
    await client.disconnect(false);
    const {isConnected, lastLSN} = client.getState();
    await client.cleanup();
    const again = await client.initialize();
    return {before, ready, connected, states, online, isConnected, lastLSN, again};
  });
  assert.deepEqual([seen.before.lastLSN, seen.before.isConnected, seen.before.reconnectAttempts], ['0/0', false, 0]);
  assert.deepEqual(
    [seen.ready, seen.connected, seen.online, seen.isConnected, seen.again],
    [true, true, true, false, true],
  );
  assert.notEqual(seen.lastLSN, '0/0');
  for (const status of ['connecting', 'pending', 'ran']) assert.ok(seen.states.includes(status), status);
  assert.deepEqual(await site.read('1'), {id: '1', body: 'x'});
  const notes = await page.evaluate(() => happened.map(String).filter(note => note.includes('old name')));
  assert.equal(new Set(notes).size, notes.length, 'one note a name, however often it is used');
  for (const name of ['SyncClientCompat', 'syncClientCompat.queueOperation', 'syncClientCompat.onStateChange'])
    assert.equal(notes.filter(note => note.startsWith(`${name} `)).length, 1, name);
});

test('Module functions: each does what it says, and after cleanup all begins anew', async t => {
  const {site, page} = await start(t);
  const seen = await page.evaluate(async () => {
    const ready = await compat.initializeSync();
    const connected = await compat.connectToSyncServer();
    const sent = [await compat.sendSyncMessage(), await compat.sendSyncMessage({hello: 1})];
    await compat.default.flush();
    const status = compat.getSyncStatus();
    const closed = await compat.disconnectFromSyncServer();
    const isConnected = compat.syncClient.isConnected();
    await compat.cleanupBackgroundSync();
    const again = await compat.connectToSyncServer();
    const same =
      compat.default === compat.syncClient &&
      compat.syncClient.getState() === compat.workerSyncService.getState() &&
      compat.syncClientLegacy.getState().clientId === compat.syncClientCompat.getState().clientId;
    const refused = await compat
      .initializeSync({transaction: async run => run({} as never)})
      .catch(error => error.code);
    return {ready, connected, sent, status, closed, isConnected, again, same, refused};
  });
  assert.deepEqual(seen, {
    ...{ready: true, connected: true, sent: [true, true], status: 'synced', closed: true, isConnected: false},
    ...{again: true, same: true, refused: 'already-started'},
  });
  assert.deepEqual(site.messages, [{hello: 1}]);
});

test('SyncClientCompat: rows go to the database that the old client was initialised with', async t => {
  const {site, page} = await start(t);
  await site.write('1', 'there before');
  const seen = await page.evaluate(async () => {
    const rows = new Map<string, object>();
    // Of the plan's kind: a transaction, an upsert, a delete.
    const database: Parameters<typeof compat.initializeSync>[0] = {
      async transaction(run) {
        const draft = new Map(rows);
        const result = await run({
          upsertEntity: (type, id, data) => void draft.set(`${type}/${id}`, data),
          deleteEntity: (type, id) => void draft.delete(`${type}/${id}`),
        });
        rows.clear();
        for (const [key, row] of draft) rows.set(key, row);
        return result;
      },
    };
    Object.assign(globalThis, {rows});
    const {syncClientCompat: client} = compat;
    client.onStateChange = ({status}) => happened.push(status);
    const before = client.getState().status;
    const ready = [await client.initialize(database), await client.initialize(database), await compat.initializeSync()];
    const other = await client.initialize({...database}).catch(error => error.code);
    await client.connect();
    await new Promise<void>(resolve =>
      client.queueOperation({
        type: 'upsert',
        entityType: 'note',
        entityId: '2',
        payload: {id: '2', body: 'mine'},
        resolve,
      }),
    );
    const read = await service.get('note', '1').catch(error => error.code);
    return {before, ready, other, read};
  });
  assert.deepEqual(seen, {before: 'idle', ready: [true, true, true], other: 'already-started', read: 'no-reader'});
  const has = (key: string, body?: string) =>
    eventually(`${key} is ${body}`, () =>
      page.evaluate(
        ([key, body]) => (globalThis as unknown as {rows: Map<string, {body: string}>}).rows.get(key)?.body === body,
        [key, body] as const,
      ),
    );
  await has('note/1', 'there before');
  await has('note/2', 'mine');
  await site.write('1', 'changed');
  await has('note/1', 'changed');
  assert.ok((await page.evaluate(() => happened)).includes('synced'));
});

test('Migration helpers: queued work, listeners and state of the old client are carried over, once', async t => {
  const {site, page} = await start(t);
  await site.write('there', 'before');
  const migrate = () =>
    page.evaluate(async () => {
      localStorage.setItem('sync_client_id', 'old-client');
      // Far ahead of the server, and its rows are not here.
      localStorage.setItem('sync_last_lsn', 'FF/0');
      localStorage.setItem('sync_connection_status', '{"connectedClients":["old-client"],"lastUpdated":1}');
      localStorage.setItem('sync_connection_attempt', 'garbage');
      const dry = compat.migrateLocalStorage({dryRun: true});
      const keys = compat.migrateLocalStorage();
      const listeners = compat.migrateEventListeners(
        new Map([
          ['sync_completed', new Set([() => happened.push('completed')])],
          ['no such', new Set([() => {}])],
        ]),
      );
      const old = [
        {type: 'upsert', entityType: 'note', entityId: '1', payload: {body: 'queued in the old client'}},
        {type: 'send_message', payload: {hello: 1}},
        {type: 'custom_operation', payload: {execute: () => happened.push('ran')}},
        {type: 'upsert', entityType: 'note', entityId: '2', payload: {when: new Date()}},
      ];
      const report = await compat.migrateQueuedOperations(old as Parameters<typeof compat.migrateQueuedOperations>[0]);
      return {
        same: JSON.stringify(dry) === JSON.stringify(keys),
        keys,
        unknown: listeners.unknown,
        ...report,
        refused: report.refused.map(({index}) => index),
      };
    });
  const first = await migrate();
  assert.deepEqual([first.same, first.unknown, first.inPageOnly, first.refused], [true, ['no such'], [2], [3]]);
  assert.deepEqual(first.keys, {
    ...{sync_client_id: 'taken', sync_last_lsn: 'not-used', sync_connection_status: 'dropped'},
    ...{sync_connection_attempt: 'dropped', sync_connection_last_updated: 'absent'},
  });

  // Nobody was there to hear of it: the page is closed before it ever connects, and opened again.
  await page.reload();
  await loadOld(page);
  const second = await migrate();
  assert.deepEqual([second.taken, second.known], [[], first.taken], 'the same operations');
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  await page.evaluate(() => service.flush());
  assert.deepEqual(await site.read('1'), {id: '1', body: 'queued in the old client'});
  assert.deepEqual(site.messages, [{hello: 1}], 'once');
  assert.equal(
    await page.evaluate(async () => (await service.get('note', 'there'))?.['body']),
    'before',
    'a snapshot came',
  );
  assert.equal(await page.evaluate(() => service.getState().clientId), 'old-client');
  await eventually('the function ran', () =>
    page.evaluate(() => happened.includes('ran') && happened.includes('completed')),
  );
});

test('nothing of the dialect is loaded unless it is named', async t => {
  const {page} = await start(t);
  const asked: string[] = [];
  page.on('request', request => asked.push(request.url()));
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  assert.deepEqual(
    asked.filter(url => url.includes('plan-dialect')),
    [],
  );
  assert.equal(await page.evaluate(() => service.getState().confirms), true);
});

test('what goes back to the old client is what is queued: what the server has, or may have, is listed beside it', async t => {
  const {site, page} = await start(t);
  await page.evaluate(async () => {
    await service.connect();
    // Done, and not to be done again by anybody.
    await service.settled(await service.sendSyncMessage({n: 1}));
  });
  const {taken, answer} = site.holdMessages();
  await page.evaluate(() => void service.enqueue({type: 'send_message', payload: {n: 2}, id: 'sent'}));
  await taken;
  const stages = await page.evaluate(async () => {
    // Not graceful: the answer does not come in time.
    await service.disconnect(false);
    await service.enqueue({type: 'send_message', payload: {n: 3}, id: 'queued'});
    await service.enqueue({type: 'no such type', payload: null, id: 'also queued'});
    const all = await service.operations();
    const queued = await service.operations({stage: 'queued'});
    for (const {id} of queued) await service.discard(id);
    return {all: all.map(({id, stage}) => `${id}: ${stage}`), queued: queued.map(({id}) => id)};
  });
  assert.deepEqual(stages, {
    all: ['sent: sent', 'queued: queued', 'also queued: queued'],
    queued: ['queued', 'also queued'],
  });
  answer();
  await page.evaluate(() => service.connect());
  await untilSynced(page);
  assert.deepEqual(
    site.messages,
    [{n: 1}, {n: 2}],
    'what was sent is settled here, what went back is not sent from here',
  );
});
