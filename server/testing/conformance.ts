/** What every ChangeSource has to do, as tests: run over the memory source, PGlite, and whatever comes after them. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {compareLsn} from '../../src/protocol/protocol.js';
import {type ChangeSource, type LogChange, type LogPosition, WHOLE} from '../source/change-source.js';
import {normalisePublish, type Publish} from '../source/publication.js';
import {manyRows, write} from './harness.js';

/** An empty source with the tables task (id, title, owner, secret) and pair (a, b, note; key a, b), not yet started. */
export type MakeSource = () => Promise<ChangeSource>;

export const whole = (lsn: string): LogPosition => ({lsn, seq: WHOLE});

export async function readAll(source: ChangeSource, from: LogPosition, maxBytes = 1_000_000): Promise<LogChange[]> {
  const changes: LogChange[] = [];
  for (let position = from; ; ) {
    const chunks = await source.read(position, maxBytes);
    const last = chunks.at(-1);
    if (!last) return changes;
    for (const chunk of chunks) changes.push(...chunk.changes);
    position = last.end;
  }
}

/** An operation of instance `i` of subject `s`, with the position of its own transaction, which it returns. */
function save(source: ChangeSource, id: string, seq: number): Promise<string> {
  return source.transaction(async tx => {
    const lsn = await tx.position();
    await tx.saveRecord('s', {hash: 'h', lsn, generation: 'g', instance: 'i', id, seq});
    return lsn;
  });
}

const find = (source: ChangeSource, id: string, subject = 's') => source.transaction(tx => tx.findRecord(subject, id));

export function conformance(name: string, make: MakeSource): void {
  async function started(publish: Publish = ['task', 'pair']): Promise<ChangeSource> {
    const source = await make();
    await source.start(normalisePublish(publish));
    return source;
  }

  describe(`${name} as a ChangeSource`, () => {
    it('begins with a head that can be verified', async () => {
      const source = await started();
      assert.notEqual(source.generation, '');
      assert.equal(await source.verify(source.head.lsn, source.head.mark), 'ok');
      assert.deepEqual(await source.read(whole(source.head.lsn), 1000), []);
    });

    it('refuses to publish what is not there', async () => {
      const source = await make();
      await assert.rejects(source.start(normalisePublish(['nothing'])), {code: 'unknown-table'});
    });

    it('gives each transaction one position, in commit order, with the images before and after', async () => {
      const source = await started();
      const from = whole(source.head.lsn);
      await write(source, 'task', {a: {title: '1'}, b: {title: '2'}});
      await write(source, 'task', {a: {title: '3'}});
      await write(source, 'task', {b: null});
      const chunks = await source.read(from, 1_000_000);
      assert.equal(chunks.length, 3);
      assert.deepEqual(
        chunks.map(chunk => chunk.changes.map(change => change.id)),
        [['a', 'b'], ['a'], ['b']],
      );
      assert.ok(chunks.every((chunk, index) => index === 0 || compareLsn(chunk.lsn, chunks[index - 1]?.lsn ?? '') > 0));
      const [first, second, third] = chunks.map(chunk => chunk.changes[0]);
      assert.equal(first?.old, null);
      assert.equal(JSON.parse(second?.old ?? '').title, '1');
      assert.equal(JSON.parse(second?.row ?? '').title, '3');
      assert.equal(third?.row, null);
      assert.deepEqual({lsn: chunks[2]?.lsn, mark: chunks[2]?.mark}, {...source.head});
    });

    it('leaves nothing of a transaction that was rolled back, not even a position', async () => {
      const source = await started();
      const {head} = source;
      const failing = source.transaction(async tx => {
        await tx.position();
        await tx.write('task', 'a', {title: '1'}, 'merge');
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.deepEqual(source.head, head);
      assert.equal(await source.count('task', []), 0);
      assert.deepEqual(await source.read(whole(head.lsn), 1000), []);
    });

    it('gives a transaction a position on request, though it changes nothing', async () => {
      const source = await started();
      const from = whole(source.head.lsn);
      const lsn = await source.transaction(tx => tx.position());
      assert.equal(source.head.lsn, lsn);
      const [chunk] = await source.read(from, 1000);
      assert.deepEqual([chunk?.lsn, chunk?.changes, chunk?.complete], [lsn, [], true]);
    });

    it('calls its subscribers after a commit, and no longer once they are removed', async () => {
      const source = await started();
      const seen = new Promise<string>(resolve => {
        const remove = source.subscribe(() => {
          remove();
          resolve(source.head.lsn);
        });
      });
      await write(source, 'task', {a: {title: '1'}});
      assert.equal(await seen, source.head.lsn);
      await write(source, 'task', {a: {title: '2'}});
    });

    it('reads a huge transaction in pieces that add up', async () => {
      const source = await started();
      const from = whole(source.head.lsn);
      await write(source, 'task', manyRows(2500));
      await write(source, 'task', {last: {title: 'z'}});
      const chunks = await source.read(from, 20_000);
      assert.equal(chunks[0]?.complete, false);
      const changes = await readAll(source, from, 20_000);
      assert.equal(changes.length, 2501);
      assert.equal(new Set(changes.map(change => change.id)).size, 2501);
      assert.equal(changes.at(-1)?.id, 'last');
    });

    it('reads many transactions across its own limits', async () => {
      const source = await started();
      const from = whole(source.head.lsn);
      for (let index = 0; index < 520; index++) await source.transaction(tx => tx.position());
      await write(source, 'task', {a: {title: '1'}});
      assert.deepEqual(
        (await readAll(source, from)).map(change => change.id),
        ['a'],
      );
    });

    it('judges checkpoints: ahead, of another history, trimmed', async () => {
      const source = await started();
      const {head} = source;
      await write(source, 'task', {a: {title: '1'}});
      assert.equal(await source.verify(head.lsn, head.mark), 'ok');
      assert.equal(await source.verify(head.lsn, 'another'), 'unknown-mark');
      assert.equal(await source.verify('FFFFFFFF/FFFFFFFF', undefined), 'ahead');
      assert.equal(await source.verify('0/0', undefined), 'trimmed');
    });

    it('trims by rows, and keeps the boundary good to go on from', async () => {
      const source = await started();
      const start = source.head;
      for (const title of ['1', '2', '3', '4']) await write(source, 'task', {a: {title}});
      const two = (await source.read(whole(start.lsn), 1_000_000))[1];
      while (await source.trim({rows: 2, milliseconds: 1e9}));
      assert.equal(await source.verify(start.lsn, start.mark), 'trimmed');
      assert.equal(await source.verify(two?.lsn ?? '', two?.mark), 'ok');
      assert.equal((await readAll(source, whole(two?.lsn ?? ''))).length, 2);
      await assert.rejects(source.read(whole(start.lsn), 1000), {code: 'log-trimmed'});
      while (await source.trim({rows: 0, milliseconds: 1e9}));
      assert.equal(await source.verify(source.head.lsn, source.head.mark), 'ok');
    });

    it('trims by age', async () => {
      const source = await started();
      const start = source.head;
      await write(source, 'task', {a: {title: '1'}});
      while (await source.trim({rows: 1e6, milliseconds: -60_000}));
      assert.equal(await source.verify(start.lsn, start.mark), 'trimmed');
      assert.equal(await source.verify(source.head.lsn, source.head.mark), 'ok');
    });

    it('pages through rows in key order, with and without filters', async () => {
      const source = await started();
      await write(source, 'task', {
        a: {title: '1', owner: 'x'},
        b: {title: '2', owner: 'y'},
        c: {title: '3', owner: 'x'},
        d: {title: '4', owner: null},
      });
      const ids = async (after: string | undefined, limit: number, filters: [string, string | null][][] = []) => {
        const page = await source.page({table: 'task', after, filters, limit});
        return [page.rows.map(row => row.id).join(''), page.done];
      };
      assert.deepEqual(await ids(undefined, 3), ['abc', false]);
      assert.deepEqual(await ids('c', 3), ['d', true]);
      assert.deepEqual(await ids(undefined, 9, [[['owner', 'x']]]), ['ac', true]);
      assert.deepEqual(await ids(undefined, 9, [[['owner', 'x']], [['owner', null]]]), ['acd', true]);
      assert.equal(await source.count('task', []), 4);
      assert.equal(
        await source.count('task', [
          [
            ['owner', 'x'],
            ['title', '1'],
          ],
        ]),
        1,
      );
    });

    it('knows a composite key as the JSON array of its columns', async () => {
      const source = await started();
      const from = whole(source.head.lsn);
      const ids = ['["a","b"]', '["a","\\"\\n\\u0001é"]', '["b","a"]'];
      await write(source, 'pair', Object.fromEntries(ids.map(id => [id, {note: 'n'}])));
      assert.deepEqual(
        (await readAll(source, from)).map(change => change.id),
        ids,
      );
      const {rows} = await source.page({table: 'pair', after: undefined, filters: [], limit: 9});
      assert.deepEqual(rows.map(row => row.id).sort(), [...ids].sort());
      const [first] = rows;
      const rest = await source.page({table: 'pair', after: first?.id, filters: [], limit: 9});
      assert.equal(rest.rows.length, 2);
      assert.deepEqual(await source.transaction(tx => tx.read('pair', '["b","a"]')), {
        a: 'b',
        b: 'a',
        note: 'n',
      });
    });

    for (const after of [
      '',
      'x',
      '[]',
      '["a"]',
      '["a","b","c"]',
      '["a",1]',
      '["a", "b"]',
      '{"a":1}',
      '["a","\\u0000"]',
    ]) {
      it(`takes ${JSON.stringify(after)} for no key of two columns`, async () => {
        const source = await started();
        await assert.rejects(source.page({table: 'pair', after, filters: [], limit: 1}), {
          code: 'invalid-cursor',
        });
      });
    }

    it('merges columns, inserts, updates only what is there, deletes', async () => {
      const source = await started();
      await source.transaction(async tx => {
        assert.equal(await tx.write('task', 'a', {title: '1'}, 'update'), false);
        assert.equal(await tx.write('task', 'a', {title: '1', owner: 'x'}, 'merge'), true);
        assert.equal(await tx.write('task', 'a', {title: '2'}, 'update'), true);
        const {title, owner} = (await tx.read('task', 'a')) ?? {};
        assert.deepEqual({title, owner}, {title: '2', owner: 'x'});
        assert.equal(await tx.remove('task', 'a'), true);
        assert.equal(await tx.remove('task', 'a'), false);
        assert.equal(await tx.read('task', 'a'), undefined);
      });
    });

    it('keeps operation records with their transaction', async () => {
      const source = await started();
      const lsn = await save(source, 'one', 1);
      const record = {hash: 'h', lsn, generation: 'g', instance: 'i', id: 'one', seq: 1};
      assert.deepEqual(await find(source, 'one'), {...(await find(source, 'one')), ...record});
      assert.equal(await find(source, 'one', 'another'), undefined);
      await source.saveInstance('s', 'i', {epoch: 3, settled: 2});
      assert.deepEqual({...(await source.loadInstance('s', 'i'))}, {epoch: 3, settled: 2});
      assert.equal(await source.loadInstance('s', 'j'), undefined);
    });

    it('forgets operation records that are settled and older than the log, in whichever order they became so', async () => {
      const source = await started();
      for (const [seq, id] of ['one', 'two', 'three', 'four'].entries()) await save(source, id, seq + 1);
      const known = async () => {
        const ids = ['one', 'two', 'three', 'four'];
        const found = await Promise.all(ids.map(id => find(source, id)));
        return ids.filter((_, at) => found[at]).join(' ');
      };
      await source.saveInstance('s', 'i', {epoch: 3, settled: 3});
      assert.equal(await known(), 'one two three four', 'settled, but a copy of the client may send them again');
      await source.transaction(tx => tx.write('task', 'a', {title: '1'}, 'merge'));
      while (await source.trim({rows: 0, milliseconds: 1e9}));
      assert.equal(await known(), 'three four', 'not settled');
      await source.saveInstance('s', 'i', {epoch: 3, settled: 4});
      assert.equal(await known(), 'four');
    });

    it('sends published columns and keys only', async () => {
      const source = await started({task: {columns: ['title']}});
      const from = whole(source.head.lsn);
      await source.transaction(async tx => {
        await tx.write('task', 'a', {title: '1'}, 'merge');
      });
      const [change] = await readAll(source, from);
      assert.deepEqual(JSON.parse(change?.row ?? ''), {id: 'a', title: '1'});
      assert.deepEqual(await source.transaction(tx => tx.read('task', 'a')), {id: 'a', title: '1'});
    });
  });
}
