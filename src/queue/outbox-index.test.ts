import {expect} from '@open-wc/testing';
import {record} from '../../test/helpers/outbox.js';
import {type SeededRandom, seededRandom} from '../../testing/simulation/random.js';
import {OutboxIndex} from './outbox-index.js';
import {isUnanswered, type OutboxRecord} from './queue.js';

const STAGES = ['queued', 'sent', 'applied', 'failed', 'done'] as const;

/** What the index tells, by one look at all records. */
function model(records: ReadonlyMap<number, OutboxRecord>, lastSeq: number) {
  const all = [...records].sort(([a], [b]) => a - b);
  const pending = all.filter(([, {stage}]) => stage === 'queued' || stage === 'sent' || stage === 'applied');
  const unanswered = all.filter(([, each]) => isUnanswered(each));
  return {
    order: all.map(([seq]) => seq),
    floor: pending[0]?.[0] ?? lastSeq + 1,
    facts: {
      pending: pending.length,
      inFlight: all.filter(([, {stage}]) => stage === 'sent').length,
      failed: all.filter(([, {stage}]) => stage === 'failed').length,
      oldestPendingAt: pending[0]?.[1].createdAt ?? null,
    },
    bytes: all.reduce((sum, [, {bytes}]) => sum + bytes, 0),
    count: all.filter(([, {stage}]) => stage !== 'done').length,
    lanes: Object.fromEntries(
      ['a', 'b', 'c'].map(key => [key, unanswered.filter(([, each]) => each.key === key).map(([seq]) => seq)]),
    ),
    dependents: (seq: number): number[] => {
      const found = new Set([seq]);
      for (let before = 0; before !== found.size; ) {
        before = found.size;
        for (const [other, candidate] of unanswered) {
          for (const one of found) {
            const {id, key} = records.get(one) as OutboxRecord;
            if (other > one && (candidate.key === key || candidate.after?.includes(id))) found.add(other);
          }
        }
      }
      found.delete(seq);
      return [...found].sort((a, b) => a - b);
    },
  };
}

function look(index: OutboxIndex): Omit<ReturnType<typeof model>, 'dependents'> {
  const {floor, facts, bytes, count} = index;
  const lanes = Object.fromEntries(['a', 'b', 'c'].map(key => [key, [...(index.lane(key)?.keys() ?? [])]]));
  return {order: [...index.records.keys()], floor, facts, bytes, count, lanes};
}

/** As text: a thousand comparisons of objects take chai seconds. */
function same(actual: unknown, expected: unknown): void {
  expect(JSON.stringify(actual)).to.equal(JSON.stringify(expected));
}

function walk(random: SeededRandom): void {
  const index = new OutboxIndex();
  const records = new Map<number, OutboxRecord>();
  let last = 0;
  for (let step = 0; step < 60; step++) {
    const dice = random.below(10);
    // New ones mostly at the end; one that another tab wrote may come late.
    const seq = dice < 4 ? last + 1 + random.below(2) : 1 + random.below(last + 1);
    const before = records.get(seq);
    last = Math.max(last, seq);
    if (before && records.size > 1 && dice === 9) {
      records.delete(seq);
      index.set(seq, undefined);
    } else {
      const stage = random.pick(STAGES);
      const fresh = record(`o${seq}`, {
        key: random.pick(['a', 'b', 'c']),
        createdAt: random.below(1000),
        bytes: random.below(50),
        after: random.below(3) === 0 ? [`o${1 + random.below(last)}`] : [],
      });
      const after = {...(before ?? fresh), stage};
      records.set(seq, after);
      index.set(seq, after);
    }
    const {dependents, ...expected} = model(records, index.lastSeq);
    same(look(index), expected);
    const [each, its] = random.pick([...records]);
    same(index.find(its.id), {seq: each, record: its});
    same([each, index.dependents(each, its)], [each, dependents(each)]);
  }
}

describe('the index of the outbox', () => {
  it('tells what one look at all records would tell, after any changes: 100 walks', () => {
    for (let seed = 1; seed <= 100; seed++) {
      try {
        walk(seededRandom(seed));
      } catch (cause) {
        throw new Error(`seed ${seed}: ${cause}`, {cause});
      }
    }
  });
});
