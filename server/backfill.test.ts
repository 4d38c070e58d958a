/** Another subscription than before: what is the same in both is kept, the rest comes; and greetings that lie about it. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {type Change, type SyncFrame, subscriptionHash, type Want} from '../src/protocol/protocol.js';
import type {SyncServerOptions} from './index.js';
import {MemorySource} from './index.js';
import type {ChangeSource} from './source/change-source.js';
import {TestClient} from './testing/client.js';
import {manyRows, type Running, sharedDatabase, startServer, TABLES, write} from './testing/harness.js';
import {replica} from './testing/replica.js';

const PUBLISH = {publish: ['task', 'note', 'pair']} as const;
const pglite = sharedDatabase();
const SQL = `
DROP SCHEMA IF EXISTS sync CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;
CREATE TABLE task (id text PRIMARY KEY, title text, owner text);
CREATE TABLE note (id text PRIMARY KEY, title text, owner text);
CREATE TABLE pair (a text, b text, note text, PRIMARY KEY (a, b));`;
const SOURCES: [name: string, open: () => Promise<ChangeSource>][] = [
  ['memory', async () => new MemorySource({tables: TABLES})],
  ['PGlite', () => pglite(SQL)],
];

interface Held {
  greeting: Partial<SyncFrame>;
  rows: Map<string, Change>;
}

/** A client that has synced what it wants, and gone. */
async function hold({url}: Running, want: Want[] | undefined, more: Partial<SyncFrame> = {}): Promise<Held> {
  const client = await TestClient.greet(url, {...(want ? {want} : {}), ...more});
  const start = await client.next('sync_start');
  const {generation, lsn} = await client.next('sync_complete');
  const marks = client.frames.flatMap(frame => ('mark' in frame && frame.mark !== undefined ? [frame.mark] : []));
  await client.end();
  const mark = marks.at(-1) ?? start.mark ?? '';
  const have = subscriptionHash(want);
  return {greeting: {generation, lastLSN: lsn, mark, have, had: want ?? 'all', ...more}, rows: replica(client)};
}

/** Greets with another wish, and is brought to the head. Returns the rows as a client has them that kept what it was told. */
async function ask({url}: Running, {greeting, rows}: Held, want: Want[] | undefined, more: Partial<SyncFrame> = {}) {
  const client = await TestClient.greet(url, {...greeting, ...(want ? {want} : {}), ...more});
  const start = await client.next('sync_start');
  await client.next('sync_complete');
  const kept = new Map([...rows].filter(([key]) => start.keep?.includes(key.split('/')[0] ?? '')));
  const sent = client.frames.flatMap(frame => (frame.type === 'sync_data' ? frame.changes : []));
  const types = [...new Set(sent.map(({entityType}) => entityType))].sort();
  return {client, start, sent, types, rows: replica(client, kept)};
}

const titles = (rows: ReadonlyMap<string, Change>) =>
  Object.fromEntries([...rows].map(([key, {data}]) => [key, data?.['title']]).sort());

for (const [name, open] of SOURCES) {
  describe(`a changed subscription, from ${name}`, () => {
    const start = async (options: Partial<SyncServerOptions> = {}) => {
      const running = await startServer({...PUBLISH, ...options, source: await open()});
      await write(running.source, 'task', {a: {title: 'a', owner: 'ann'}, b: {title: 'b', owner: 'bob'}});
      await write(running.source, 'note', {n: {title: 'n', owner: 'ann'}});
      return running;
    };

    it('that has grown brings the rows of what is new, and no others', async () => {
      const running = await start();
      const held = await hold(running, ['task']);
      const {start: started, types, rows} = await ask(running, held, ['note', 'task']);
      assert.deepEqual([started.mode, started.keep, started.total], ['backfill', ['task'], 1]);
      assert.equal(started.lsn, held.greeting.lastLSN);
      assert.deepEqual(types, ['note']);
      assert.deepEqual(titles(rows), {'task/a': 'a', 'task/b': 'b', 'note/n': 'n'});
    });

    it('has what was written since laid over kept rows and new ones alike', async () => {
      const running = await start();
      const held = await hold(running, ['task']);
      await write(running.source, 'task', {a: {title: 'later'}, b: null, c: {title: 'c'}});
      await write(running.source, 'note', {n: null, m: {title: 'm'}});
      const {rows} = await ask(running, held, ['note', 'task']);
      assert.deepEqual(titles(rows), {'task/a': 'later', 'task/c': 'c', 'note/m': 'm'});
    });

    it('that has shrunk brings no rows at all', async () => {
      const running = await start();
      const held = await hold(running, undefined);
      await write(running.source, 'task', {a: {title: 'later'}});
      const {start: started, sent, rows} = await ask(running, held, ['task']);
      assert.deepEqual([started.mode, started.keep, started.total], ['backfill', ['task'], 0]);
      assert.deepEqual(sent, []);
      assert.deepEqual(titles(rows), {'task/a': 'later', 'task/b': 'b'});
    });

    it('whose filter is another one brings the rows of that type alone', async () => {
      const running = await start();
      const held = await hold(running, ['note', {type: 'task', where: {owner: 'ann'}}]);
      const {start: started, rows} = await ask(running, held, ['note', {type: 'task', where: {owner: 'bob'}}]);
      assert.deepEqual(started.keep, ['note']);
      assert.deepEqual(titles(rows), {'task/b': 'b', 'note/n': 'n'});
    });

    it('keeps a type whose filters are the same in another spelling', async () => {
      const running = await start();
      const filters = [{type: 'task', where: {owner: 'ann', title: 'a'}}, 'pair', {type: 'task', where: {title: 'b'}}];
      const held = await hold(running, filters);
      const turned = [{type: 'task', where: {title: 'b'}}, {type: 'task', where: {title: 'a', owner: 'ann'}}, 'note'];
      const {start: started} = await ask(running, held, turned);
      assert.deepEqual(started.keep, ['task']);
    });

    it('that has nothing in common with the one before is a snapshot', async () => {
      const running = await start();
      const {start: started} = await ask(running, await hold(running, ['task']), ['note']);
      assert.deepEqual([started.mode, started.keep], ['snapshot', undefined]);
    });

    it('is gone on with behind its cursor, and what was kept stays so', async () => {
      const running = await start();
      await write(running.source, 'note', manyRows(3000, 100));
      const held = await hold(running, ['task']);
      const first = await TestClient.connect(running.url);
      first.acknowledge = false;
      first.sync({...held.greeting, want: ['note', 'task'], window: 1, instance: 'resumer'});
      const {lsn} = await first.next('sync_start');
      const page = await first.next('sync_data');
      await first.end();
      await write(running.source, 'task', {a: {title: 'later'}});
      await write(running.source, 'note', {r000000: null});
      const want = ['note', 'task'];
      const resumed = {want, instance: 'resumer', snapshot: {lsn, cursor: page.cursor}};
      const second = await TestClient.greet(running.url, resumed);
      const started = await second.next('sync_start');
      assert.deepEqual([started.mode, started.keep, started.lsn], ['backfill', ['task'], lsn]);
      await second.next('sync_complete');
      const sent = second.frames.flatMap(frame => (frame.type === 'sync_data' ? frame.changes : []));
      assert.ok(sent.every(({entityType, entityId}) => entityType === 'note' && entityId > 'r000000'));
      const rows = replica(second, new Map([...held.rows, ...replica(first)]));
      assert.equal(rows.get('task/a')?.data?.['title'], 'later');
      assert.equal(rows.size, 2 + 1 + 2999);
    });

    it('under other permissions than the checkpoint’s is a snapshot', async () => {
      let owner = 'ann';
      const running = await start({rows: table => (table === 'task' ? {owner} : true)});
      const held = await hold(running, ['task', 'pair']);
      assert.deepEqual([...held.rows.keys()], ['task/a']);
      const same = await ask(running, held, ['task', 'note']);
      assert.deepEqual(same.start.keep, ['task']);
      owner = 'bob';
      const {start: started, rows} = await ask(running, held, ['task', 'note']);
      assert.equal(started.mode, 'snapshot');
      assert.deepEqual(titles(rows), {'task/b': 'b', 'note/n': 'n'});
    });
  });
}

describe('a greeting that lies about what it had', () => {
  const start = async () => {
    const running = await startServer(PUBLISH);
    await write(running.source, 'task', {a: {title: 'a'}});
    return {running, held: await hold(running, ['task'])};
  };
  const lies: [what: string, more: Partial<SyncFrame>][] = [
    ['spells another subscription than its hash says', {had: ['note', 'task']}],
    ['says that it had all', {had: 'all'}],
    ['spells nothing', {had: []}],
    ['has no mark', {mark: undefined as unknown as string}],
    ['names a type that is none', {had: ['nothing'], have: subscriptionHash(['nothing'])}],
  ];
  for (const [what, more] of lies) {
    it(`and ${what} gets a snapshot`, async () => {
      const {running, held} = await start();
      const {start: started, rows} = await ask(running, held, ['note', 'task'], more);
      assert.deepEqual([started.mode, started.keep], ['snapshot', undefined]);
      assert.deepEqual(titles(rows), {'task/a': 'a'});
    });
  }

  it('and stands where nothing is known of gets a reset', async () => {
    const {running, held} = await start();
    const {client, start: started} = await ask(running, held, ['note', 'task'], {mark: 'another'});
    assert.equal(client.frames.find(frame => frame.type === 'reset')?.reason, 'unknown-mark');
    assert.equal(started.mode, 'snapshot');
  });

  it('in its cursor, of types that it may keep, gets a snapshot', async () => {
    const {running, held} = await start();
    await write(running.source, 'note', manyRows(3000, 100));
    const first = await TestClient.connect(running.url);
    first.acknowledge = false;
    const want = ['note', 'task'];
    first.sync({...held.greeting, want, window: 1});
    const {lsn} = await first.next('sync_start');
    const {cursor} = await first.next('sync_data');
    await first.end();
    const forged: [what: string, keep: unknown][] = [
      ['a type that is not wanted', ['pair']],
      ['the type it is in', ['note']],
      ['no list', 'task'],
      ['no names', [1]],
    ];
    for (const [what, keep] of forged) {
      const parts = (JSON.parse(cursor) as unknown[]).with(7, keep);
      const client = await TestClient.greet(running.url, {want, snapshot: {lsn, cursor: JSON.stringify(parts)}});
      assert.equal((await client.next('sync_start')).mode, 'snapshot', what);
      await client.end();
    }
  });
});

describe('a subscription of which a part is not published', () => {
  const PARTS: [what: string, part: Want, code: string][] = [
    ['type', 'nothing', 'unknown-type'],
    ['column', {type: 'task', where: {'a\0b': '\0'}}, 'unknown-column'],
  ];
  for (const [what, part, code] of PARTS) {
    it(`has the rest served, and is told of the ${what}`, async () => {
      const running = await startServer(PUBLISH);
      await write(running.source, 'note', {n: {title: 'n'}});
      const client = await TestClient.greet(running.url, {want: [part, 'note'], instance: 'typist'});
      assert.equal((await client.next('sync_error')).code, code);
      await client.next('sync_complete');
      assert.deepEqual([...replica(client).keys()], ['note/n']);
      client.sync({want: ['note'], instance: 'typist', stream: 2});
      await client.next('sync_complete');
      assert.equal(client.frames.filter(frame => frame.type === 'sync_error').length, 1);
    });
  }
});
