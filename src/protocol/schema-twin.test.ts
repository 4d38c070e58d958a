/**
 * The checks of both parsers against a second reading of docs/protocol.md, written as data: whatever becomes of a good frame,
 * both must take it or both refuse it. Nothing of src/protocol is used for the second reading.
 */
import {expect} from '@open-wc/testing';
import {type SeededRandom, seededRandom} from '../../testing/simulation/random.js';
import {parseClientFrame} from './parse-client-frame.js';
import {parseServerFrame} from './parse-server-frame.js';

type Test = (value: unknown) => boolean;
/** Fields and what they must be. A question mark: it may be missing or null. */
type Shape = Record<string, Test>;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]';
const text =
  (max: number): Test =>
  value =>
    typeof value === 'string' && value.length <= max;
const hasLoneHalf = (value: string) => [...value].some(one => /^[\ud800-\udfff]$/.test(one));
const id: Test = value => text(1024)(value) && value !== '' && !/\0/.test(String(value)) && !hasLoneHalf(String(value));
const name: Test = value =>
  id(value) && text(255)(value) && !['__proto__', 'constructor', 'prototype'].includes(String(value));
const count: Test = value =>
  typeof value === 'number' && value >= 0 && value % 1 === 0 && value <= 9_007_199_254_740_991;
const time: Test = value => typeof value === 'number' && Math.abs(value) <= Number.MAX_VALUE;
const flag: Test = value => value === true || value === false;
const lsn: Test = value => typeof value === 'string' && /^[\da-f]{1,8}\/[\da-f]{1,8}$/i.test(value);
const one =
  (...values: string[]): Test =>
  value =>
    values.some(each => each === value);
const list =
  (item: Test): Test =>
  value =>
    Array.isArray(value) && value.every(each => item(each));
const object =
  (shape: Shape): Test =>
  value =>
    isPlain(value) &&
    Object.entries(shape).every(([field, test]) => {
      const isOptional = field.endsWith('?');
      const key = isOptional ? field.slice(0, -1) : field;
      const found = Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
      return (isOptional && (found === undefined || found === null)) || test(found);
    });
const both =
  (...tests: Test[]): Test =>
  value =>
    tests.every(test => test(value));
/** JSON that fits structured clone and Postgres: no deeper than 64, numbers that are, no whole ones beyond 2^53. */
const json =
  (depth = 64): Test =>
  value => {
    if (typeof value === 'number') return time(value) && (value % 1 !== 0 || Math.abs(value) < 2 ** 53);
    if (typeof value !== 'object' || value === null) return true;
    return depth > 0 && Object.values(value).every(json(depth - 1));
  };
const want: Test = value => name(value) || (isPlain(value) && name(value['type']) && isFilter(value['where']));
const isFilter: Test = value => value === undefined || (isPlain(value) && json()(value));
const change: Test = value =>
  object({
    type: one('insert', 'update', 'delete'),
    entityType: name,
    entityId: id,
    'timestamp?': time,
    'partial?': flag,
  })(value) &&
  ((value as {type: string}).type === 'delete' || object({data: both(isPlain, json())})(value));
const position = {stream: count, n: count, prevLSN: lsn, lsn, 'mark?': text(4096)};

const SERVER: Record<string, Shape> = {
  welcome: {
    protocol: count,
    subject: id,
    generation: id,
    headLSN: lsn,
    serverTime: time,
    heartbeat: count,
    limits: object({operation: count, frame: count, operations: count}),
    'tokenExpires?': time,
    'confirms?': flag,
  },
  sync_start: {
    stream: count,
    mode: one('snapshot', 'backfill', 'catchup', 'live'),
    generation: id,
    lsn,
    'mark?': text(4096),
    'keep?': list(name),
    'total?': count,
  },
  sync_data: {stream: count, n: count, changes: list(change), cursor: text(8192)},
  changes: {...position, changes: list(change), 'part?': count, 'final?': flag},
  head: {...position, serverTime: time},
  batch_update: {data: list(change), 'lsn?': lsn},
  sync_complete: {stream: count, generation: id, lsn, 'last?': count},
  sync_error: {code: text(255), message: text(4096), 'retryAfter?': count, 'subject?': id},
  reset: {generation: id, reason: text(4096)},
  operation_ack: {id, status: one('applied', 'duplicate', 'sent'), generation: id, lsn},
  operation_nack: {id, code: text(255), message: text(4096), retryable: flag, 'retryAfter?': count},
  ping: {t: time},
};
const CLIENT: Record<string, Shape> = {
  sync: {
    protocol: count,
    clientId: id,
    instance: id,
    epoch: count,
    stream: count,
    'subject?': id,
    'token?': text(16_384),
    'generation?': id,
    'lastLSN?': lsn,
    'mark?': text(4096),
    'have?': text(4096),
    'had?': value => value === 'all' || list(want)(value),
    'want?': list(want),
    'snapshot?': object({lsn, cursor: text(8192)}),
    settled: count,
    window: count,
  },
  received: {stream: count, n: count},
  operations: {
    ops: list(
      object({
        id,
        seq: count,
        type: name,
        'entityType?': id,
        'entityId?': id,
        'payload?': json(),
        'partial?': flag,
        'base?': json(),
        timestamp: time,
      }),
    ),
    settled: count,
  },
  token: {token: text(16_384)},
  ping: {t: time},
};

const CHANGES = [
  {type: 'update', entityType: 'task', entityId: '1', data: {id: '1', deep: [{a: 1}]}, timestamp: 5, partial: true},
  {type: 'delete', entityType: 'task', entityId: '2'},
];
const at = {stream: 1, n: 2, prevLSN: '0/A', lsn: '0/B', mark: 'm'};
const GOOD: Record<'server' | 'client', Record<string, object>> = {
  server: {
    welcome: {
      ...{protocol: 1, subject: 'ana', generation: 'g', headLSN: '0/A', serverTime: 1.5, heartbeat: 15_000},
      ...{limits: {operation: 1, frame: 1, operations: 1}, tokenExpires: 2, confirms: true},
    },
    sync_start: {stream: 1, mode: 'backfill', generation: 'g', lsn: '0/A', mark: 'm', keep: ['task'], total: 5},
    sync_data: {stream: 1, n: 1, changes: CHANGES, cursor: 'c'},
    changes: {...at, changes: CHANGES, part: 1, final: false},
    head: {...at, serverTime: 5},
    batch_update: {data: CHANGES, lsn: '0/A'},
    sync_complete: {stream: 1, generation: 'g', lsn: '0/B'},
    sync_error: {code: 'slow-down', message: 'Later', retryAfter: 500, subject: 'bob'},
    reset: {generation: 'h', reason: 'restored'},
    operation_ack: {id: 'o', status: 'applied', generation: 'g', lsn: '0/B'},
    operation_nack: {id: 'o', code: 'conflict', message: 'No', retryable: false, retryAfter: 5},
    ping: {t: 5.5},
  },
  client: {
    sync: {
      ...{protocol: 1, clientId: 'c', instance: 'i', epoch: 3, stream: 1, subject: 'ana', token: 't', generation: 'g'},
      ...{lastLSN: '0/A', mark: 'm', have: 'all', had: ['a', {type: 'b'}], want: ['a', {type: 'b', where: {x: 1}}]},
      ...{snapshot: {lsn: '0/A', cursor: 'c'}, settled: 1, window: 1024},
    },
    received: {stream: 1, n: 5},
    operations: {
      ops: [
        {
          ...{id: 'o', seq: 1, type: 'upsert', entityType: 'task', entityId: '1', payload: {a: [1]}, partial: true},
          ...{base: {rev: 1}, timestamp: 5},
        },
        {id: 'p', seq: 2, type: 'custom', timestamp: 6},
      ],
      settled: 1,
    },
    token: {token: 't'},
    ping: {t: 1},
  },
};

/** A tower of arrays. */
const tower = (height: number): unknown => JSON.parse(`${'['.repeat(height)}${']'.repeat(height)}`);
const STRANGE: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 0.5, 2 ** 53 - 1, 2 ** 53, 2 ** 31, -(2 ** 53)],
  ...['', 'a', 'all', 'live', 'insert', 'delete', '__proto__', 'constructor', 'prototype', 'toString', ' ', 'a\0b'],
  ...['\ud800', '😀', '0/A', '0/a', '00000000/00000001', '000000000/1', '0/1 ', 'G/0', '1', 'x'.repeat(255)],
  ...['x'.repeat(256), 'x'.repeat(1024), 'x'.repeat(1025), 'x'.repeat(4096), 'x'.repeat(4097), 'x'.repeat(8192)],
  ...['x'.repeat(8193), 'x'.repeat(16_384), 'x'.repeat(16_385), [], {}, [[]], [null], ['task'], [{}], [{type: 'task'}]],
  ...[{a: 1}, tower(63), tower(64), tower(65), tower(66), {type: 'task', where: {}}, CHANGES, CHANGES[1]],
];

/** Swaps, drops or adds one thing somewhere in a value. */
function mutated(value: unknown, random: SeededRandom): unknown {
  if (typeof value !== 'object' || value === null || random.below(6) === 0) return random.pick(STRANGE);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.below(6) === 0) return [...value, random.pick(STRANGE)];
    const place = random.below(value.length);
    return value.map((item, index) => (index === place ? mutated(item, random) : item));
  }
  const entries = Object.entries(value);
  const kind = random.below(8);
  if (kind === 0 || entries.length === 0) return {...value, extra: random.pick(STRANGE)};
  const place = random.below(entries.length);
  if (kind === 1) return Object.fromEntries(entries.filter((_, index) => index !== place));
  return Object.fromEntries(entries.map(([key, item], index) => [key, index === place ? mutated(item, random) : item]));
}

const SIDES = [
  ['server', SERVER, (source: string) => parseServerFrame(source)],
  ['client', CLIENT, (source: string) => parseClientFrame(source)],
] as const;
const ROUNDS = 400;

for (const [side, shapes, parse] of SIDES) {
  describe(`the schema twin of a ${side}'s frames`, () => {
    for (const [type, good] of Object.entries(GOOD[side])) {
      it(`takes and refuses the same: ${type}`, () => {
        const shape = object(shapes[type] ?? {});
        const seed = 1 + Object.keys(GOOD[side]).indexOf(type);
        const random = seededRandom(seed);
        const counts = {taken: 0, refused: 0};
        for (let round = 0; round < ROUNDS; round++) {
          const changed = round === 0 ? good : mutated(good, random);
          if (!isPlain(changed)) continue;
          // As it would come: without what JSON can't say.
          const source = JSON.stringify({...changed, type});
          const expected = shape(JSON.parse(source));
          let isTaken = true;
          try {
            parse(source);
          } catch {
            isTaken = false;
          }
          expect(isTaken, `seed ${seed}, round ${round}: ${source.slice(0, 400)}`).to.equal(expected);
          counts[isTaken ? 'taken' : 'refused']++;
        }
        // Not one word of agreement is worth anything where all went one way.
        expect(counts.taken).to.be.above(20);
        expect(counts.refused).to.be.above(20);
      });
    }
  });
}
