/** A server that speaks only the plan's words, and acknowledges nothing. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {type TestContext, test} from 'node:test';
import type {Page} from 'playwright-core';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile, untilState, untilSynced} from './harness.js';
import {loadOld, openOld, PlanServer} from './migration-site.js';

const update = (entityId: string, body: string, lsn?: string) => ({
  ...{type: 'entity_update', entityType: 'note', entityId, data: {id: entityId, body}},
  ...(lsn === undefined ? {} : {lsn}),
});
const bodies = (page: Page) =>
  page.evaluate(async () => (await service.list('note')).map(({id, body}) => `${id} ${body}`));
const shows = (page: Page, ...expected: string[]) =>
  eventually(`the page shows ${expected}`, async () => String(await bodies(page)) === String(expected));

async function connect(page: Page): Promise<void> {
  await page.evaluate(() => {
    compat.configureSync({dialect: compat.planDialect, logger: 'silent'});
    void compat.connectToSyncServer();
  });
  await untilSynced(page);
}

async function start(
  test: TestContext,
  answer: PlanServer['answer'] = () => [],
): Promise<{server: PlanServer; page: Page}> {
  const server = await PlanServer.start(test);
  server.answer = answer;
  const page = await openOld(await newProfile(await sharedBrowser(test)), server);
  await connect(page);
  return {server, page};
}

test("The plan's wire dialect: rows come in every spelling of the plan, and the server is greeted with its own LSN after a reload", async t => {
  const {server, page} = await start(t, lastLSN =>
    lastLSN === '0/0'
      ? [
          {type: 'sync_start'},
          {type: 'sync_data', data: [{type: 'update', entityType: 'note', entityId: '1', data: {id: '1', body: 'a'}}]},
          {type: 'sync_complete', lsn: '16/B374D48'},
        ]
      : [],
  );
  assert.deepEqual(
    server.of('sync').map(({lastLSN}) => lastLSN),
    ['0/0'],
  );
  assert.ok(!('protocol' in (server.heard[0] ?? {})), 'only words of the plan');
  await shows(page, '1 a');
  server.say({
    type: 'changes',
    data: {
      lsn: '16/B374D49',
      changes: [{type: 'update', entityType: 'note', entityId: '2', data: {id: '2', body: 'b'}}],
    },
  });
  server.say({
    type: 'changes',
    lsn: '16/B374D4A',
    changes: [{type: 'insert', entityType: 'note', entityId: '3', data: {id: '3', body: 'c'}}],
  });
  server.say(update('1', 'older', '16/B374D47'));
  server.say({type: 'batch_update', batchId: 'x', data: [{type: 'delete', entityType: 'note', entityId: '2'}]});
  server.say(update('4', 'no lsn'));
  await shows(page, '1 a', '3 c', '4 no lsn');
  await page.reload();
  await loadOld(page);
  await connect(page);
  assert.deepEqual(
    server.of('sync').map(({lastLSN}) => lastLSN),
    ['0/0', '16/B374D4A'],
  );
  await shows(page, '1 a', '3 c', '4 no lsn');
  server.say({type: 'sync_request'});
  await server.untilHeard('sync', 3);
  server.say(update('1', 'after', '16/B374D4B'));
  await shows(page, '1 after', '3 c', '4 no lsn');
});

test("The plan's wire dialect: operations end as sent, go out once, show until the row changes, and nobody confirms", async t => {
  const {server, page} = await start(t);
  assert.equal(await page.evaluate(() => service.getState().confirms), false);
  const settlement = await page.evaluate(async () =>
    service.settled(await service.put('note', '1', {id: '1', body: 'mine'})),
  );
  assert.deepEqual([settlement.status, settlement.lsn], ['sent', undefined]);
  const message = await page.evaluate(async () =>
    service.settled(await service.sendSyncMessage({type: 'hello', a: 1})),
  );
  assert.equal(message.status, 'sent');
  await page.evaluate(async () => service.settled(await service.remove('note', 'none')));
  await untilSynced(page);
  const [sent] = server.of('entity_update');
  assert.deepEqual([sent?.['entityType'], sent?.['entityId'], sent?.['data']], ['note', '1', {id: '1', body: 'mine'}]);
  assert.deepEqual(server.of('hello'), [{type: 'hello', a: 1}]);
  assert.equal(server.of('entity_delete')[0]?.['entityId'], 'none');
  server.say(update('2', 'another row', '0/5'));
  await shows(page, '1 mine', '2 another row');

  server.drop();
  await server.untilHeard('sync', 2);
  await untilSynced(page);
  await page.evaluate(() => service.flush());
  assert.equal(server.of('entity_update').length, 1, 'not sent again');
  assert.deepEqual(await bodies(page), ['1 mine', '2 another row']);
  server.say(update('1', 'theirs'));
  await shows(page, '1 theirs', '2 another row');
});

test('a server that sends far more at once than the client has room for is heard to the end', async t => {
  const frames = 80;
  const body = 'x'.repeat(400);
  const {server, page} = await start(t, () =>
    Array.from({length: frames}, (_, frame) => ({
      type: 'sync_data',
      data: Array.from({length: 500}, (_, place) => {
        const id = `${frame}-${place}`;
        return {type: 'update', entityType: 'note', entityId: id, data: {id, body}};
      }),
    })),
  );
  await page.evaluate(() => void service.addEventListener('error', ({code}) => happened.push(code)));
  await eventually('all of it is there', () =>
    page.evaluate(count => service.count('note').then(there => there === count), frames * 500),
  );
  assert.deepEqual([server.of('sync').length, await page.evaluate(() => happened)], [1, []]);
});

test('a list of 1,200 that was sent, and emptied as the guide says, is not sent again; one that was not is, beyond the last 1,000', async t => {
  const {server, page} = await start(t);
  const count = 1200;
  await page.evaluate(count => {
    const list = Array.from({length: count}, (_, n) => ({type: 'send_message', payload: {type: 'chat', n}}));
    localStorage.setItem('old_queue', JSON.stringify(list));
  }, count);
  const asTheGuideSays = () =>
    page.evaluate(async () => {
      const read = () => JSON.parse(localStorage.getItem('old_queue') ?? '[]');
      const write = (list: object[]) => localStorage.setItem('old_queue', JSON.stringify(list));
      const unsent = read().map((each: object) => ({id: crypto.randomUUID(), ...each}));
      write(unsent);
      const {taken, known} = await compat.migrateQueuedOperations(unsent);
      const safe = new Set([...taken, ...known]);
      write(read().filter(({id}: {id: string}) => !safe.has(id)));
      await service.flush();
      return {unsent, taken: taken.length, known: known.length, left: read().length};
    });
  const {unsent, ...first} = await asTheGuideSays();
  assert.deepEqual(first, {taken: count, known: 0, left: 0});
  await server.untilHeard('chat', count);
  const {unsent: none, ...second} = await asTheGuideSays();
  assert.deepEqual([none, second], [[], {taken: 0, known: 0, left: 0}]);
  assert.deepEqual(
    server.of('chat').map(({n}) => n),
    Array.from({length: count}, (_, n) => n),
    'each once, in order',
  );

  // The bound that the guide tells: nobody here or there knows the others any more.
  const again = await page.evaluate(async list => {
    const {taken, known} = await compat.migrateQueuedOperations(
      list as Parameters<typeof compat.migrateQueuedOperations>[0],
    );
    await service.flush();
    return [taken.length, known.length];
  }, unsent as object[]);
  assert.deepEqual(again, [count - 1000, 1000]);
  assert.equal(server.of('chat').length, count + count - 1000);
});

test('a token without a user is refused, for good and with the reason; with one each person has rows of their own', async t => {
  const {server, page} = await start(t);
  await page.evaluate(async () => {
    await compat.cleanupBackgroundSync();
    compat.configureSync({dialect: compat.planDialect, database: 'signed in', getToken: () => 'ann’s'});
    void compat.connectToSyncServer();
  });
  await untilState(page, "state.status === 'error' && state.error.code === 'invalid-options'");
  assert.equal(server.of('sync').filter(({token}) => token !== undefined).length, 0, 'the server is not even asked');
  const signIn = (user: string) =>
    page.evaluate(async user => {
      await compat.cleanupBackgroundSync();
      compat.configureSync({user, getToken: () => `${user}’s`});
      void compat.connectToSyncServer();
    }, user);
  await signIn('ann');
  await untilSynced(page);
  server.say(update('1', 'for Ann'));
  await shows(page, '1 for Ann');
  // She closes the page without a word, and somebody else opens it.
  await signIn('bob');
  await untilSynced(page);
  assert.deepEqual(await bodies(page), []);
  assert.deepEqual(
    server.of('sync').flatMap(({token}) => token ?? []),
    ['ann’s', 'bob’s'],
  );
});

test('beside an old tab, on a server with one line for each client: with its label they throw each other out, without it they do not', async t => {
  const server = await PlanServer.start(t);
  server.oneLineEach = true;
  const profile = await newProfile(await sharedBrowser(t));
  const old = await openOld(profile, server);
  await old.evaluate(() => {
    localStorage.setItem('sync_client_id', 'old-client');
    const connect = () => {
      const socket = new WebSocket(new URL('/api/sync', location.href.replace(/^http/, 'ws')));
      socket.onopen = () => socket.send(JSON.stringify({type: 'sync', clientId: 'old-client', lastLSN: '0/0'}));
      socket.onclose = () => {
        happened.push('thrown out');
        setTimeout(connect, 100);
      };
      socket.onmessage = ({data}) => happened.push(JSON.parse(data));
    };
    connect();
  });
  await server.untilHeard('sync', 1);
  const page = await openOld(profile, server);
  await connect(page);
  server.say(update('1', 'for both'));
  await shows(page, '1 for both');
  await eventually('the old tab has it', () => old.evaluate(() => happened.length > 0));
  assert.deepEqual(await old.evaluate(() => happened.filter(each => each === 'thrown out')), []);
  assert.notEqual(server.of('sync')[1]?.['clientId'], 'old-client');

  await page.reload();
  await loadOld(page);
  await page.evaluate(() => {
    // Rows of a client that has begun keep its id.
    compat.configureSync({dialect: compat.planDialect, logger: 'silent', database: 'with its label'});
    compat.migrateLocalStorage();
    void compat.connectToSyncServer();
  });
  await eventually('neither keeps its line', () =>
    old.evaluate(() => happened.filter(each => each === 'thrown out').length >= 2),
  );
});

test('what was written offline goes out when the line is there', async t => {
  const server = await PlanServer.start(t);
  const page = await openOld(await newProfile(await sharedBrowser(t)), server);
  await page.evaluate(async () => {
    compat.configureSync({dialect: compat.planDialect, logger: 'silent'});
    await service.put('note', '1', {id: '1', body: 'offline'});
    void service.connect();
  });
  await server.untilHeard('entity_update', 1);
  await untilSynced(page);
});

test('a change that is none is not skipped: the client begins again from what it has', async t => {
  const {server, page} = await start(t);
  server.say(update('1', 'good', '0/5'));
  await shows(page, '1 good');
  server.say({...update('2', 'bad', '0/6'), entityType: 7});
  await server.untilHeard('sync', 2);
  assert.equal(server.of('sync')[1]?.['lastLSN'], '0/5');
  await untilSynced(page);
  assert.deepEqual(await bodies(page), ['1 good']);
});

test('the application’s own frames reach the page, the server’s complaints too, and words of ours mean nothing', async t => {
  const {server, page} = await start(t);
  await page.evaluate(() => {
    service.addEventListener('message', detail => happened.push(detail));
    service.addEventListener('error', ({code, message}) => happened.push(`${code}: ${message}`));
  });
  server.say({type: 'reset', generation: 'x', reason: 'x'});
  server.say({type: 'operation_ack', id: 'x', status: 'applied', generation: 'x', lsn: '0/1'});
  server.say({type: 'chat', text: 'hi'});
  server.say({type: 'sync_error', message: 'no'});
  await eventually('both are heard', () => page.evaluate(() => happened.length >= 2));
  assert.deepEqual(await page.evaluate(() => happened), [{type: 'chat', text: 'hi'}, 'server-error: no']);
  await untilState(page, "state.status === 'synced'");
  assert.equal(server.of('sync').length, 1, 'the line was not given up');
});

test('the dialect that the guide shows works, and what it throws is a malformed frame', async t => {
  const guide = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');
  const [, dialect = ''] = /```js\n(export default function rowDialect[\s\S]*?)```/.exec(guide) ?? [];
  const server = await PlanServer.start(t);
  const page = await openOld(await newProfile(await sharedBrowser(t)), server);
  server.files.set('/row-dialect.js', dialect);
  await page.evaluate(() => {
    compat.configureSync({dialect: '/row-dialect.js', logger: 'silent'});
    service.addEventListener('error', ({code}) => happened.push(code));
    void service.connect();
  });
  await untilSynced(page);
  assert.deepEqual(server.heard, [{all: true}]);
  server.say({entityType: 'note', entityId: '1', row: {id: '1', body: 'theirs'}});
  await shows(page, '1 theirs');
  const {status} = await page.evaluate(async () =>
    service.settled(await service.put('note', '2', {id: '2', body: 'mine'})),
  );
  assert.equal(status, 'sent');
  assert.deepEqual(server.heard[1], {row: {id: '2', body: 'mine'}, entityType: 'note', entityId: '2'});
  server.say('no JSON');
  await eventually('it begins again', async () => server.heard.length === 3);
  await untilSynced(page);
  assert.deepEqual(await page.evaluate(() => happened), ['bad-frame']);
});
