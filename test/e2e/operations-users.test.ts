/** Whose operations: two people in one browser, and a logout while somebody still writes. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {newProfile, openTab, TestServer, untilState, untilSynced} from './harness.js';

const NOTES = {
  sql: 'CREATE TABLE IF NOT EXISTS note (id text PRIMARY KEY, body text)',
  publish: {note: true},
  tokens: true,
} as const;

/** Who sent what, as the server knows it. */
const sent = async (server: TestServer) =>
  (
    await server.query<{subject: string; id: string}>(
      'SELECT o.subject, n.id FROM sync.operation o JOIN note n ON n.body = o.id ORDER BY n.id',
    )
  ).map(({subject, id}) => `${subject} ${id}`);

test('two people at once, each tab told whose it is: neither sees, holds or sends what is the other’s', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const [ann, bob] = await Promise.all(
    ['ann', 'bob'].map(user => openTab(profile, server, {user, token: `user:${user}`})),
  );
  assert.ok(ann && bob);
  await Promise.all([untilSynced(ann), untilSynced(bob)]);
  for (const tab of [ann, bob]) await tab.evaluate(() => service.disconnect());
  const write = (tab: typeof ann, id: string) =>
    tab.evaluate(
      id => service.enqueue({id, type: 'upsert', entityType: 'note', entityId: id, payload: {body: id}}),
      id,
    );
  await write(ann, 'of-ann');
  await write(bob, 'of-bob');
  for (const [tab, own] of [
    [ann, 'of-ann'],
    [bob, 'of-bob'],
  ] as const) {
    const {rows, queued} = await tab.evaluate(async () => ({
      rows: await service.list('note'),
      queued: await service.operations(),
    }));
    assert.deepEqual([rows.map(({body}) => body), queued.map(({id}) => id)], [[own], [own]]);
  }
  // Another one's token takes nothing and sends nothing, also where it is the only one there is.
  await ann.close();
  const mixed = await openTab(profile, server, {user: 'ann', token: 'user:bob'});
  await untilState(mixed, "state.error?.code === 'wrong-subject'");
  assert.deepEqual(await sent(server), []);
  assert.deepEqual(
    (await mixed.evaluate(() => service.operations())).map(({id, stage}) => `${id} ${stage}`),
    ['of-ann queued'],
  );
  await mixed.close();
  const back = await openTab(profile, server, {user: 'ann', token: 'user:ann'});
  await bob.evaluate(() => service.connect());
  await Promise.all([untilSynced(back), untilSynced(bob)]);
  assert.deepEqual(await sent(server), ['ann of-ann', 'bob of-bob']);
});

test('two people at once whose tabs are not told whose they are: the server says it of each tab’s token', async t => {
  const server = await TestServer.start(t, NOTES);
  await server.query(`INSERT INTO note VALUES ('everybody''s', 'x')`);
  const profile = await newProfile(await sharedBrowser(t));
  const ann = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(ann);
  await ann.evaluate(() => service.put('note', 'of-ann', {body: 'a'} as never));
  // Never asked to connect: the line that it was part of was open, so its own is.
  const bob = await openTab(profile, server, {token: 'user:bob', connect: false});
  await untilState(bob, "state.role === 'leader' && state.status === 'synced'");
  // A second tab of Bob's begins with the database of whoever was verified last, and is a follower there.
  const other = await openTab(profile, server, {token: 'user:bob', connect: false});
  await untilState(other, "state.role === 'follower' && state.status === 'synced'");
  const second = await openTab(profile, server, {token: 'user:ann:99999999999999', connect: false});
  const {clientId} = await ann.evaluate(() => service.getState());
  await untilState(
    second,
    `state.clientId === '${clientId}' && state.role === 'follower' && state.status === 'synced'`,
  );

  const write = (tab: typeof ann, id: string) =>
    tab.evaluate(
      id =>
        service.queueOperation({id, type: 'upsert', entityType: 'note', entityId: id, payload: {body: id}} as never),
      id,
    );
  for (const [tab, id] of [
    [ann, 'ann-1'],
    [second, 'ann-2'],
    [bob, 'bob-1'],
    [other, 'bob-2'],
  ] as const) {
    await write(tab, id);
  }
  assert.deepEqual(await sent(server), ['ann ann-1', 'ann ann-2', 'bob bob-1', 'bob bob-2']);
  // A line for each person, and none left of those that only asked.
  const {connections, instances} = await server.stats();
  assert.deepEqual([connections, Object.values(instances)], [2, [1, 1]]);
  // One person's logout is nothing to the other, though both pages have been in each other's database.
  await other.evaluate(() => service.logout({unsent: 'flush'}));
  await untilState(bob, "state.clientId !== '' && !state.isConnected");
  assert.deepEqual(await bob.evaluate(() => service.list('note')), []);
  await write(second, 'ann-3');
  await untilSynced(ann);
  assert.equal(await ann.evaluate(async () => (await service.get('note', 'ann-3'))?.['body']), 'ann-3');
});

test('a write that crosses with a logout in another tab is discarded or turned away, and is not the next user’s', async t => {
  const server = await TestServer.start(t, NOTES);
  const profile = await newProfile(await sharedBrowser(t));
  const leaving = await openTab(profile, server, {token: 'user:ann'});
  await untilSynced(leaving);
  const writing = await openTab(profile, server, {token: 'user:ann'});
  await untilState(writing, "state.status === 'synced' && state.role === 'follower'");
  // Nobody gets at the outbox for as long as the page holds it: logout and writes stand behind one another.
  await writing.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({name = ''}) => name);
    const open = indexedDB.open(names.find(name => name.split('/').length > 2) ?? '');
    await new Promise(resolve => {
      open.onsuccess = resolve;
    });
    const hold = {on: true};
    const store = open.result.transaction('outbox', 'readwrite').objectStore('outbox');
    const again = () => {
      if (hold.on) store.get(-1).onsuccess = again;
      else open.result.close();
    };
    again();
    Object.assign(globalThis, {hold});
  });
  const logout = leaving.evaluate(() => service.logout({unsent: 'discard'}));
  const outcomes = writing.evaluate(async () => {
    const writes = Array.from({length: 20}, (_, at) =>
      service.put('note', `${at}`, {body: 'of Ann'} as never).then(
        () => 'saved',
        (error: {code: string}) => error.code,
      ),
    );
    (globalThis as unknown as {hold: {on: boolean}}).hold.on = false;
    return [...new Set(await Promise.all(writes))];
  });
  await logout;
  for (const outcome of await outcomes) assert.ok(['saved', 'logged-out'].includes(outcome), outcome);
  await Promise.all([leaving.close(), writing.close()]);
  const bob = await openTab(profile, server, {token: 'user:bob'});
  await untilSynced(bob);
  assert.deepEqual(await bob.evaluate(() => service.list('note')), []);
  assert.deepEqual(await server.query(`SELECT id FROM sync.operation WHERE subject = 'bob'`), []);
});
