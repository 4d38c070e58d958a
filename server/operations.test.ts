/** Operations: once each, in order, nothing that is not allowed; across restarts too. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {WireOperation} from '../src/protocol/protocol.js';
import {MemorySource, OperationRefused, type SyncServerOptions} from './index.js';
import {TestClient} from './testing/client.js';
import {type Running, startServer, TABLES, write} from './testing/harness.js';

const task = (id: string, payload: WireOperation['payload'], more: Partial<WireOperation> = {}) => ({
  id: `op-${Math.random()}`,
  entityType: 'task',
  entityId: id,
  payload: payload ?? {},
  ...more,
});

async function start(options: Partial<SyncServerOptions> = {}): Promise<Running & {client: TestClient}> {
  const running = await startServer(options);
  const client = await TestClient.greet(running.url, {instance: 'i'});
  await client.next('sync_complete');
  return {...running, client};
}

const row = ({source}: Running, id: string) => source.transaction(tx => tx.read('task', id));

/** Code of the refusal, or the status of the ack. */
async function outcome(client: TestClient, op: Partial<WireOperation> & {id: string}, settled = 0): Promise<string> {
  client.operations([op], settled);
  const answer = await client.answer(op.id);
  return answer.type === 'operation_ack' ? answer.status : answer.code;
}

/** All that was committed so far is older than what the server keeps. */
async function forgetLog({source}: Running): Promise<void> {
  while (await source.trim({rows: 0, milliseconds: 1e9}));
}

describe('an operation', () => {
  it('is acknowledged at the LSN at which its change comes', async () => {
    const running = await start();
    const op = task('a', {title: '1'});
    running.client.operations([op]);
    const changes = await running.client.next('changes');
    const ack = await running.client.answer(op.id);
    assert.ok(ack.type === 'operation_ack');
    assert.deepEqual([ack.status, ack.lsn, ack.generation], ['applied', changes.lsn, running.source.generation]);
    assert.deepEqual(await row(running, 'a'), {id: 'a', title: '1'});
  });

  it('that concerns nothing this client sees is followed by a head', async () => {
    const {url} = await startServer();
    const client = await TestClient.greet(url, {want: ['pair']});
    await client.next('sync_complete');
    const op = task('a', {title: '1'});
    client.operations([op]);
    const head = await client.next('head');
    const ack = await client.answer(op.id);
    assert.ok(ack.type === 'operation_ack');
    assert.equal(ack.lsn, head.lsn);
  });

  it('merges columns, or inserts; partial ones want a row; deletes of nothing do nothing', async () => {
    const running = await start();
    const {client} = running;
    assert.equal(await outcome(client, task('a', {title: '1'}, {partial: true})), 'not-found');
    assert.equal(await outcome(client, task('a', {title: '1', owner: 'x'})), 'applied');
    assert.equal(await outcome(client, task('a', {title: '2', id: 'a'}, {partial: true})), 'applied');
    assert.deepEqual(await row(running, 'a'), {id: 'a', title: '2', owner: 'x'});
    assert.equal(await outcome(client, task('a', {}, {type: 'delete'})), 'applied');
    assert.equal(await outcome(client, task('a', {}, {type: 'delete'})), 'applied');
    assert.equal(await row(running, 'a'), undefined);
  });

  it('sent again is a duplicate, at the LSN of the first time', async () => {
    const running = await start();
    const op = task('a', {title: '1', owner: 'x'});
    running.client.operations([op]);
    const first = await running.client.answer(op.id);
    await write(running.source, 'task', {a: {title: 'changed since'}});
    const again = await TestClient.greet(running.url, {instance: 'i', epoch: 2});
    again.operations([{...op, payload: {owner: 'x', title: '1'}}]);
    const second = await again.answer(op.id);
    assert.deepEqual(second, {...first, status: 'duplicate'});
    assert.equal((await row(running, 'a'))?.['title'], 'changed since');
  });

  it('is known again after a restart, from another instance too', async () => {
    const source = new MemorySource({tables: TABLES});
    const first = await start({source});
    const op = task('a', {title: '1'});
    assert.equal(await outcome(first.client, op), 'applied');
    await first.server.close();
    const second = await startServer({source: new MemorySource({tables: TABLES, state: source.save()})});
    const client = await TestClient.greet(second.url, {instance: 'copy'});
    assert.equal(await outcome(client, op), 'duplicate');
  });

  it('that is a duplicate from another generation carries the head', async () => {
    const source = new MemorySource({tables: TABLES});
    const first = await start({source});
    const op = task('a', {title: '1'});
    await outcome(first.client, op);
    const state = source.save();
    const second = await startServer({
      source: new MemorySource({tables: TABLES, state: {...state, generation: 'new'}}),
    });
    await write(second.source, 'task', {b: {title: '2'}});
    const client = await TestClient.greet(second.url, {instance: 'i'});
    client.operations([op]);
    const ack = await client.answer(op.id);
    assert.ok(ack.type === 'operation_ack');
    assert.deepEqual([ack.status, ack.generation, ack.lsn], ['duplicate', 'new', second.source.head.lsn]);
  });

  it('of a known id with another body is refused', async () => {
    const {client, url} = await start();
    const op = task('a', {title: '1'});
    await outcome(client, op);
    const again = await TestClient.greet(url, {instance: 'i', epoch: 2});
    assert.equal(await outcome(again, {...op, payload: {title: '2'}}), 'id-reused');
  });

  it('is a duplicate when the client has settled it, and stale once its record is gone with the log', async () => {
    const running = await start();
    const {client} = running;
    const op = task('a', {title: '1'}, {seq: 1});
    assert.equal(await outcome(client, op), 'applied');
    assert.equal(await outcome(client, task('a', {title: '2'}, {seq: 2}), 2), 'applied');
    const again = await TestClient.greet(running.url, {instance: 'i', epoch: 2, settled: 2});
    assert.equal(await outcome(again, op, 2), 'duplicate');
    await forgetLog(running);
    const late = await TestClient.greet(running.url, {instance: 'i', epoch: 2, settled: 2});
    assert.equal(await outcome(late, op, 2), 'stale-operation');
    assert.equal((await row(running, 'a'))?.['title'], '2');
  });
});

describe('a laptop that comes back', () => {
  it('after the log was trimmed begins anew, and what it had sent before is still known', async () => {
    const source = new MemorySource({tables: TABLES});
    const {client, url} = await start({source});
    const op = task('a', {title: 'sent before it slept'});
    assert.equal(await outcome(client, op), 'applied');
    const checkpoint = {generation: source.generation, lastLSN: source.head.lsn, mark: source.head.mark, have: 'all'};
    await client.end();
    await write(source, 'task', {b: {title: '1'}});
    await write(source, 'task', {b: {title: '2'}});
    while (await source.trim({rows: 1, milliseconds: 0}));
    const back = await TestClient.greet(url, {instance: 'i', epoch: 1, ...checkpoint});
    assert.equal((await back.next('reset')).reason, 'trimmed');
    back.operations([op]);
    const answer = await back.answer(op.id);
    assert.ok(answer.type === 'operation_ack');
    assert.equal(answer.status, 'duplicate');
  });

  describe('from an older copy of its own disk', () => {
    async function since() {
      const running = await start();
      const op = task('a', {title: 'long ago'}, {seq: 7});
      assert.equal(await outcome(running.client, op), 'applied');
      // Settled, with enough behind it for the server to write that down.
      assert.equal(await outcome(running.client, task('a', {title: 'since'}, {seq: 2000}), 2000), 'applied');
      return {...running, op};
    }

    it('is not given its settled operation twice, though it goes by another name', async () => {
      const running = await since();
      const copy = await TestClient.greet(running.url, {instance: 'another name'});
      assert.equal(await outcome(copy, running.op), 'duplicate');
      assert.equal((await row(running, 'a'))?.['title'], 'since');
    });

    it('is told that it is stale, under its own name, when the server has forgotten it', async () => {
      const running = await since();
      await forgetLog(running);
      assert.equal(await running.source.transaction(tx => tx.findRecord('anonymous', running.op.id)), undefined);
      const copy = await TestClient.greet(running.url, {instance: 'i'});
      assert.equal(await outcome(copy, running.op), 'stale-operation');
      assert.equal((await row(running, 'a'))?.['title'], 'since');
    });
  });
});

describe('order within a key', () => {
  it('blocks what stands behind a refused one in its frame, and nothing else', async () => {
    const running = await start();
    const ops = [
      task('a', {title: '1'}),
      task('a', {nothing: 1}, {partial: true, base: {title: 'other'}}),
      task('b', {title: 'b'}),
      task('a', {title: '3'}),
    ];
    running.client.operations(ops);
    const answers = await Promise.all(ops.map(op => running.client.answer(op.id)));
    assert.deepEqual(
      answers.map(answer => (answer.type === 'operation_ack' ? answer.status : `${answer.code} ${answer.retryable}`)),
      ['applied', 'conflict false', 'applied', 'blocked false'],
    );
    assert.equal((await row(running, 'a'))?.['title'], '1');
    assert.equal(await outcome(running.client, task('a', {title: '4'})), 'applied');
  });

  it('blocks for another try what stands behind one that can be retried', async () => {
    let busy = true;
    const {client} = await start({
      authorize: () => {
        if (!busy) return true;
        busy = false;
        throw new OperationRefused('busy', 'Not now', {retryable: true, retryAfter: 7});
      },
    });
    const ops = [task('a', {title: '1'}), task('a', {title: '2'})];
    client.operations(ops);
    const [first, second] = await Promise.all(ops.map(op => client.answer(op.id)));
    assert.ok(first?.type === 'operation_nack' && second?.type === 'operation_nack');
    assert.deepEqual([first.code, first.retryable, first.retryAfter], ['busy', true, 7]);
    assert.deepEqual([second.code, second.retryable], ['blocked', true]);
  });

  it('holds over many frames', async () => {
    const running = await start();
    const ops = Array.from({length: 300}, (_, index) => task('a', {title: String(index)}, {seq: index}));
    for (let index = 0; index < ops.length; index += 10) running.client.operations(ops.slice(index, index + 10));
    await running.client.answer(ops.at(-1)?.id ?? '');
    const titles = running.client.frames.flatMap(frame => (frame.type === 'changes' ? frame.changes : []));
    await running.client.next('changes', frame => frame.lsn === running.source.head.lsn);
    assert.deepEqual(
      titles.map(change => Number(change.data?.['title'])),
      titles.map((_, index) => index),
    );
    assert.equal((await row(running, 'a'))?.['title'], '299');
  });
});

describe('an operation is refused', () => {
  const rules: Partial<SyncServerOptions> = {
    publish: {task: {columns: ['title', 'owner'], writable: ['title']}, pair: true, note: {}},
  };
  for (const [code, op] of [
    ['forbidden-type', {entityType: 'secrets', entityId: 'a'}],
    ['forbidden-type', {entityType: '__proto__', entityId: 'a'}],
    ['forbidden-type', {entityType: 'toString', entityId: 'a'}],
    ['forbidden-type', {entityType: 'note', entityId: 'a'}],
    ['forbidden-type', {type: 'delete', entityType: 'task', entityId: 'a'}],
    ['forbidden-column', {entityType: 'task', entityId: 'a', payload: {owner: 'me'}}],
    ['forbidden-column', {entityType: 'task', entityId: 'a', payload: JSON.parse('{"__proto__":1}')}],
    ['forbidden-column', {entityType: 'task', entityId: 'a', payload: {constructor: 1}}],
    ['invalid-value', {entityType: 'task', entityId: 'a', payload: {id: 'b'}}],
    ['invalid-value', {entityType: 'pair', entityId: 'a', payload: {note: 'x'}}],
    ['invalid-value', {entityType: 'pair', entityId: '["a"]', payload: {note: 'x'}}],
    ['invalid-operation', {entityType: 'task', entityId: 'a', payload: 'text'}],
    ['invalid-operation', {entityType: 'task', entityId: 'a', payload: [1]}],
    ['invalid-operation', {entityType: 'task', entityId: 'a', payload: {title: '1'}, base: 'x'}],
    ['invalid-operation', {entityType: 'task', payload: {title: '1'}}],
    ['unknown-operation', {type: 'toString'}],
    ['unknown-operation', {type: 'send_message', payload: {text: 'hi'}}],
    ['operation-too-large', {entityType: 'task', entityId: 'a', payload: {title: 'x'.repeat(1_000_000)}}],
  ] as [string, Partial<WireOperation>][]) {
    it(`with ${code}: ${JSON.stringify(op).slice(0, 80)}`, async () => {
      const running = await start(rules);
      const {head} = running.source;
      assert.equal(await outcome(running.client, {id: 'x', payload: {}, ...op}), code);
      assert.deepEqual(running.source.head, head);
    });
  }

  it('with a conflict that brings the row', async () => {
    const running = await start();
    await write(running.source, 'task', {a: {title: 'theirs', owner: 'x'}});
    const good = task('a', {title: 'mine'}, {base: {title: 'theirs'}});
    const bad = task('a', {title: 'mine'}, {base: {title: 'ours'}});
    running.client.operations([bad]);
    const answer = await running.client.answer(bad.id);
    assert.ok(answer.type === 'operation_nack');
    assert.deepEqual([answer.code, answer.row], ['conflict', {id: 'a', title: 'theirs', owner: 'x'}]);
    assert.equal(await outcome(running.client, good), 'applied');
  });

  it("by the host's word", async () => {
    const running = await start({
      authorize: (op, {identity}) =>
        op.entityId === 'no' ? false : {code: 'quota', message: `not ${identity.subject}`},
    });
    assert.equal(await outcome(running.client, task('no', {title: '1'})), 'forbidden');
    assert.equal(await outcome(running.client, task('a', {title: '1'})), 'quota');
  });

  it('by the host’s word on its columns, which depends on who sends it', async () => {
    const running = await startServer({
      authenticate: ({token}) => ({subject: token ?? '', permissions: token}),
      authorize: (op, {identity}) =>
        'secret' in Object(op.payload) && identity.permissions !== 'manager'
          ? {code: 'forbidden-column', message: 'Only managers may'}
          : true,
    });
    const clerk = await TestClient.greet(running.url, {token: 'clerk'});
    const manager = await TestClient.greet(running.url, {token: 'manager'});
    assert.equal(await outcome(clerk, task('a', {title: '1', secret: 'x'})), 'forbidden-column');
    assert.equal(await row(running, 'a'), undefined);
    assert.equal(await outcome(clerk, task('a', {title: '1'})), 'applied');
    assert.equal(await outcome(manager, task('a', {secret: 'x'})), 'applied');
    assert.deepEqual(await row(running, 'a'), {id: 'a', title: '1', secret: 'x'});
  });

  it('outside the rows a client may see, coming or going', async () => {
    const running = await start({rows: () => ({owner: 'me'})});
    await write(running.source, 'task', {theirs: {owner: 'them', title: 'secret'}, mine: {owner: 'me'}});
    for (const op of [
      task('theirs', {title: '1'}),
      task('theirs', {owner: 'me'}),
      task('theirs', {}, {type: 'delete'}),
      task('theirs', {title: '1'}, {base: {title: 'guess'}}),
      task('mine', {owner: 'them'}),
      task('new', {owner: 'them'}),
    ]) {
      assert.equal(await outcome(running.client, op), 'forbidden');
    }
    assert.equal(await outcome(running.client, task('mine', {title: '1'})), 'applied');
    assert.equal(await outcome(running.client, task('new', {owner: 'me'})), 'applied');
  });
});

describe("the host's operations", () => {
  it('run in the transaction of their record, which a failure takes back', async () => {
    let calls = 0;
    const running = await start({
      onMessage: (op, _tx, {identity}) => {
        assert.deepEqual([op.payload, identity.subject], [{text: 'hi'}, 'anonymous']);
      },
      operations: {
        twice: async (_op, tx) => {
          calls++;
          await tx.write('task', 'a', {title: '1'}, 'merge');
          await tx.write('task', 'b', {title: '1'}, 'merge');
        },
        fail: async (_op, tx) => {
          await tx.write('task', 'c', {title: '1'}, 'merge');
          throw new Error('secret detail');
        },
      },
    });
    const {client} = running;
    assert.equal(await outcome(client, {id: 'm', type: 'send_message', payload: {text: 'hi'}}), 'applied');
    assert.equal(await outcome(client, {id: 't', type: 'twice'}), 'applied');
    assert.equal((await client.next('changes')).changes.length, 2);
    client.operations([{id: 't', type: 'twice'}]);
    client.operations([{id: 'f', type: 'fail'}]);
    const failed = await client.answer('f');
    assert.ok(failed.type === 'operation_nack');
    assert.deepEqual([failed.code, failed.retryable, failed.message.includes('secret')], ['internal', true, false]);
    assert.equal(calls, 1);
    assert.equal(await row(running, 'c'), undefined);
  });
});
