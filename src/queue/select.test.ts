import {expect} from '@open-wc/testing';
import {record} from '../../test/helpers/outbox.js';
import type {OutboxRecord} from './queue.js';
import {type SendState, selectSendable} from './select.js';

type Given = [id: string, key: string, more?: Partial<OutboxRecord>];

const limits = {count: 10, bytes: 1000};

function chosen(given: readonly Given[], state: Partial<SendState> = {}, within = limits): string {
  const records = new Map(
    given.map(([id, key, more], index) => [index + 1, record(id, {entityId: key, key: `task/${key}`, ...more})]),
  );
  const whole = {inFlight: new Set<string>(), notBefore: new Map<string, number>(), now: 1000, ...state};
  return selectSendable(records, whole, within)
    .map(({record: {id}}) => id)
    .join('');
}

const failed = {stage: 'failed'} as const;
const applied = {stage: 'applied'} as const;
const done = {stage: 'done'} as const;
const sent = {stage: 'sent'} as const;
const urgent = {priority: 9};

describe('what goes out next', () => {
  const table: [what: string, given: Given[], expected: string, state?: Partial<SendState>][] = [
    ['nothing of nothing', [], ''],
    [
      'oldest first, across keys',
      [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'x'],
      ],
      'abc',
    ],
    [
      'what was sent on a connection that is gone',
      [
        ['a', 'x', sent],
        ['b', 'y'],
      ],
      'ab',
    ],
    [
      'nothing that is settled',
      [
        ['a', 'x', failed],
        ['b', 'y', applied],
        ['c', 'z', done],
        ['d', 'x'],
      ],
      'd',
    ],
    [
      'urgent before old',
      [
        ['a', 'x'],
        ['b', 'y', urgent],
        ['c', 'z'],
      ],
      'bac',
    ],
    [
      'equally urgent in their order',
      [
        ['a', 'x', urgent],
        ['b', 'y', urgent],
      ],
      'ab',
    ],
    [
      'negative priorities last',
      [
        ['a', 'x', {priority: -1}],
        ['b', 'y'],
      ],
      'ba',
    ],
    [
      'what stands before an urgent one of its key, as urgent as that',
      [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'y', urgent],
      ],
      'bca',
    ],
    [
      'never an urgent one before its elder of the same key',
      [
        ['a', 'x'],
        ['b', 'x', urgent],
      ],
      'ab',
    ],
    [
      'nothing of a key with one under way',
      [
        ['a', 'x', sent],
        ['b', 'x'],
        ['c', 'y'],
      ],
      'c',
      {inFlight: new Set(['a'])},
    ],
    [
      'not what waits for its time, nor those behind it',
      [
        ['a', 'x', sent],
        ['b', 'x'],
        ['c', 'y'],
      ],
      'c',
      {notBefore: new Map([['a', 1001]])},
    ],
    [
      'what stands before one that waits for its time',
      [
        ['a', 'x'],
        ['b', 'x', sent],
        ['c', 'x'],
      ],
      'a',
      {notBefore: new Map([['b', 1001]])},
    ],
    [
      'what has waited long enough',
      [
        ['a', 'x', sent],
        ['b', 'x'],
      ],
      'ab',
      {notBefore: new Map([['a', 1000]])},
    ],
    [
      'not what waits for another, nor those behind it',
      [
        ['a', 'x', {after: ['z']}],
        ['b', 'x'],
        ['z', 'y'],
      ],
      'z',
    ],
    [
      'not even in one frame with what it waits for',
      [
        ['z', 'y'],
        ['a', 'x', {after: ['z']}],
      ],
      'z',
    ],
    [
      'what waited for one that was applied',
      [
        ['z', 'y', applied],
        ['a', 'x', {after: ['z']}],
      ],
      'a',
    ],
    ['what waits for one that nobody knows', [['a', 'x', {after: ['gone']}]], 'a'],
    [
      'what waits for two, when both are settled',
      [
        ['y', 'y', done],
        ['z', 'z'],
        ['a', 'x', {after: ['y', 'z']}],
      ],
      'z',
    ],
    [
      'all others, where two wait for each other',
      [
        ['a', 'x', {after: ['b']}],
        ['b', 'y', {after: ['a']}],
        ['c', 'z'],
      ],
      'c',
    ],
  ];
  for (const [what, given, expected, state] of table) {
    it(`is ${what}`, () => expect(chosen(given, state)).to.equal(expected));
  }

  it('is one at a time in a key of the application’s own, which the server does not know', () => {
    const own = {key: 'own'};
    expect(
      chosen([
        ['a', 'x', own],
        ['b', 'y', own],
        ['c', 'z'],
      ]),
    ).to.equal('ac');
    expect(
      chosen([
        ['a', 'x'],
        ['b', 'y', {key: 'task/x'}],
        ['c', 'x'],
      ]),
    ).to.equal('a');
  });

  const many: Given[] = Array.from({length: 9}, (_, index) => [String(index), `k${index}`, {bytes: 100}]);
  it('is no more than may be under way at once, those under way included', () => {
    expect(chosen(many, {}, {count: 4, bytes: 10_000})).to.equal('0123');
    expect(chosen(many, {inFlight: new Set(['x', 'y', 'z'])}, {count: 4, bytes: 10_000})).to.equal('0');
    expect(chosen(many, {inFlight: new Set(['u', 'x', 'y', 'z'])}, {count: 4, bytes: 10_000})).to.equal('');
    expect(chosen(many, {}, {count: 0, bytes: 10_000})).to.equal('');
  });
  it('is no more bytes than fit, though always one', () => {
    expect(chosen(many, {}, {count: 10, bytes: 300})).to.equal('012');
    expect(chosen(many, {}, {count: 10, bytes: 299})).to.equal('01');
    expect(chosen(many, {}, {count: 10, bytes: 1})).to.equal('0');
  });
  it('leaves no gap in a key where the limit cuts it', () => {
    const one: Given[] = [
      ['a', 'x', {bytes: 10}],
      ['b', 'x', {bytes: 5000}],
      ['c', 'x', {bytes: 10}],
    ];
    expect(chosen(one, {}, {count: 10, bytes: 100})).to.equal('a');
  });
});
