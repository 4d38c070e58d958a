import assert from 'node:assert/strict';
import {it} from 'node:test';
import {conformance} from '../../testing/conformance.js';
import {TABLES, write} from '../../testing/harness.js';
import {normalisePublish} from '../publication.js';
import {MemorySource} from './memory-source.js';

conformance('MemorySource', async () => new MemorySource({tables: TABLES}));

it('a copy that is put back has the generation of before, and other marks from there on', async () => {
  const first = new MemorySource({tables: TABLES});
  await first.start(normalisePublish(['task']));
  await write(first, 'task', {a: {title: '1'}});
  const copy = first.save();
  await write(first, 'task', {a: {title: '2'}});
  const second = new MemorySource({tables: TABLES, state: copy});
  await second.start(normalisePublish(['task']));
  assert.equal(second.generation, first.generation);
  assert.equal(await second.verify(first.head.lsn, first.head.mark), 'ahead');
  await write(second, 'task', {a: {title: '3'}});
  assert.equal(await second.verify(first.head.lsn, first.head.mark), 'unknown-mark');
});

it('other published columns are another history', async () => {
  const first = new MemorySource({tables: TABLES});
  await first.start(normalisePublish(['task']));
  const second = new MemorySource({tables: TABLES, state: first.save()});
  await second.start(normalisePublish({task: {columns: ['title']}}));
  assert.notEqual(second.generation, first.generation);
  assert.equal(await second.verify(second.head.lsn, second.head.mark), 'ok');
});
