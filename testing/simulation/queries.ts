/** The queries that pages ask, each by its number. */
import type {Condition, Query} from '../../src/protocol/protocol.js';
import {dice} from './dice.js';
import {WORDS} from './server-rows.js';

export type QueriedType = 'task' | 'pair' | 'own';

export interface Asked {
  type: QueriedType;
  query: Query;
}

/** @param profile whose keys and column are asked for among others */
export function queryOf(profile: string, number: number): Asked {
  const random = dice(number ^ 0x9e77);
  const type = random.pick(['task', 'pair', 'pair', 'own'] as const);
  const mine = `c${profile}`;
  const bound = () => random.below(10);
  const columns: Record<QueriedType, readonly [string, () => Condition][]> = {
    task: [
      [mine, () => ({prefix: random.pick(['v', 'V1', 'v2'])})],
      [mine, () => ({gt: 'v3'})],
      ['h', () => ({gte: 0})],
      ['whim', () => 'poison'],
    ],
    pair: [
      ['h', () => ({gte: bound(), lt: 8})],
      ['h', () => ({in: [bound(), bound()]})],
      ['h', bound],
      ['s', () => ({prefix: random.pick(['', 'e', 'É', 'za', 'x'])})],
      ['s', () => ({lte: random.pick(WORDS)})],
      ['id', () => ({in: ['a', 'b', 'i1', 'i2']})],
    ],
    own: [
      ['owner', () => random.pick(['ann', 'bob', 'anonymous'])],
      ['id', () => ({prefix: 'A'})],
    ],
  };
  const ids: Record<QueriedType, readonly string[]> = {
    task: ['s0', 's1', `${profile}-0`],
    pair: ['a', 'i0', 'i1', 'i2', 'i3'],
    own: ['ann-0', 'anonymous-1'],
  };
  const sorts: Record<QueriedType, readonly string[]> = {
    task: [mine, `-${mine}`, 'h', '-h'],
    pair: ['h', '-h', 's', '-s', 't', 'id'],
    own: ['owner', '-owner', 't'],
  };
  const query: Query = {};
  if (random.chance(0.4))
    query.where = Object.fromEntries([random.pick(columns[type])].map(([name, of]) => [name, of()]));
  if (random.chance(0.5)) query.orderBy = random.pick(sorts[type]);
  if (random.chance(0.4)) query.limit = random.pick([0, 1, 2, 2, 3, 5]);
  if (random.chance(0.2)) query.after = random.pick(ids[type]);
  return {type, query};
}
