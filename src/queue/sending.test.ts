import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {record} from '../../test/helpers/outbox.js';
import {type SeededRandom, seededRandom} from '../../testing/simulation/random.js';
import {OutboxIndex} from './outbox-index.js';
import {entityKey, isUnanswered, type OutboxRecord} from './queue.js';
import {Sending, type SendLimits} from './sending.js';

type Given = [id: string, key: string, more?: Partial<OutboxRecord>];

interface State {
  /** Under way on this connection. */
  inFlight?: string[];
  /** Refused a moment ago: milliseconds to wait. */
  held?: Record<string, number>;
}

const WIDE: SendLimits = {window: {count: 1000, bytes: 1e9}, frame: {count: 1000, bytes: 1e9}};

function queueOf(given: readonly Given[], clock = new FakeClock()) {
  const index = new OutboxIndex();
  for (const [at, [id, key, more]] of given.entries()) {
    index.set(at + 1, record(id, {entityId: key, key: `task/${key}`, ...more}));
  }
  return {index, clock, sending: new Sending(index, clock)};
}

const idsOf = (taken: ReturnType<Sending['take']>) => taken.map(({record: {id}}) => id).join('');

function chosen(given: readonly Given[], {inFlight = [], held = {}}: State = {}, limits = WIDE): string {
  // What is under way went out while nothing else was there.
  const {index, sending} = queueOf(given.filter(([id]) => inFlight.includes(id)));
  const before = inFlight.length === 0 ? [] : [...index.records.values()];
  sending.take(WIDE);
  for (const each of before) index.set(index.find(each.id)?.seq ?? 0, undefined);
  for (const [at, [id, key, more]] of given.entries()) {
    index.set(at + 1, record(id, {entityId: key, key: `task/${key}`, ...more}));
  }
  for (const [id, wait] of Object.entries(held)) sending.hold(id, wait);
  return idsOf(sending.take(limits));
}

const failed = {stage: 'failed'} as const;
const applied = {stage: 'applied'} as const;
const done = {stage: 'done'} as const;
const sent = {stage: 'sent'} as const;
const urgent = {priority: 9};

describe('what goes out next', () => {
  const table: [what: string, given: Given[], expected: string, state?: State][] = [
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
      {inFlight: ['a']},
    ],
    [
      'not what waits for its time, nor those behind it',
      [
        ['a', 'x', sent],
        ['b', 'x'],
        ['c', 'y'],
      ],
      'c',
      {held: {a: 1}},
    ],
    [
      'what stands before one that waits for its time',
      [
        ['a', 'x'],
        ['b', 'x', sent],
        ['c', 'x'],
      ],
      'a',
      {held: {b: 1}},
    ],
    [
      'what has waited long enough',
      [
        ['a', 'x', sent],
        ['b', 'x'],
      ],
      'ab',
      {held: {a: 0}},
    ],
    [
      'not what waits for another, nor those behind it',
      [
        ['z', 'y'],
        ['a', 'x', {after: ['z']}],
        ['b', 'x'],
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
      'the first, where two wait for each other',
      [
        ['a', 'x', {after: ['b']}],
        ['b', 'y', {after: ['a']}],
        ['c', 'z'],
      ],
      'ac',
    ],
    [
      'what waits for one behind it in its key',
      [
        ['a', 'x', {after: ['b']}],
        ['b', 'x'],
      ],
      'ab',
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
  const limits = (window: Partial<SendLimits['window']>, frame: Partial<SendLimits['frame']> = {}): SendLimits => ({
    window: {...WIDE.window, ...window},
    frame: {...WIDE.frame, ...frame},
  });
  it('is no more than may be under way at once, those under way included', () => {
    const {index, sending} = queueOf(many);
    expect(idsOf(sending.take(limits({count: 4})))).to.equal('0123');
    expect(idsOf(sending.take(limits({count: 4})))).to.equal('');
    for (const seq of [2, 4]) index.set(seq, undefined);
    expect(idsOf(sending.take(limits({count: 4})))).to.equal('');
    sending.land('1');
    sending.land('3');
    expect(idsOf(sending.take(limits({count: 4})))).to.equal('45');
    expect(idsOf(sending.take(limits({count: 0})))).to.equal('');
  });
  it('is no more bytes than may be under way at once, though always one', () => {
    const {index, sending} = queueOf(many);
    expect(idsOf(sending.take(limits({bytes: 250})))).to.equal('01');
    expect(idsOf(sending.take(limits({bytes: 250})))).to.equal('');
    index.set(1, undefined);
    sending.land('0');
    expect(idsOf(sending.take(limits({bytes: 250})))).to.equal('2');
    sending.lost();
    expect(idsOf(sending.take(limits({bytes: 1})))).to.equal('1');
  });
  it('is no more than a frame holds, by count and by bytes, though always one', () => {
    expect(chosen(many, {}, limits({}, {count: 3}))).to.equal('012');
    expect(chosen(many, {}, limits({}, {bytes: 300}))).to.equal('012');
    expect(chosen(many, {}, limits({}, {bytes: 299}))).to.equal('01');
    expect(chosen(many, {}, limits({}, {bytes: 1}))).to.equal('0');
  });
  it('leaves no gap in a key where the limit cuts it, and sends the rest when all before it have landed', () => {
    const {index, sending} = queueOf([
      ['a', 'x', {bytes: 10}],
      ['b', 'x', {bytes: 10}],
      ['c', 'x', {bytes: 10}],
      ['d', 'y', {bytes: 10}],
    ]);
    expect(idsOf(sending.take(limits({}, {bytes: 20})))).to.equal('ab');
    expect(idsOf(sending.take(WIDE))).to.equal('d');
    for (const [seq, id] of [
      [2, 'b'],
      [1, 'a'],
    ] as const) {
      expect(idsOf(sending.take(WIDE))).to.equal('');
      index.set(seq, undefined);
      sending.land(id);
    }
    expect(idsOf(sending.take(WIDE))).to.equal('c');
  });
});

describe('what has gone out', () => {
  it('goes out again, in its order, when the connection is gone', () => {
    const {sending} = queueOf([
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'y'],
    ]);
    expect(idsOf(sending.take(WIDE))).to.equal('abc');
    sending.lost();
    expect(sending.isSending).to.equal(false);
    expect(idsOf(sending.take(WIDE))).to.equal('abc');
  });
  it('is answered once on a connection, and by nobody else’s answer', () => {
    const {sending} = queueOf([['a', 'x']]);
    expect(sending.answer('a')).to.equal(undefined);
    sending.take(WIDE);
    const flight = sending.answer('a');
    expect(flight).to.not.equal(undefined);
    expect(sending.answer('a')).to.equal(undefined);
    sending.lost();
    sending.take(WIDE);
    sending.land('a', flight);
    expect(sending.isSending).to.equal(true);
  });
  it('is overdue when nothing was answered for half a minute, not where a slow server answers one by one', async () => {
    const {sending, clock, index} = queueOf(Array.from({length: 30}, (_, at) => [`o${at}`, `k${at}`]));
    sending.take(WIDE);
    for (let at = 0; at < 23; at++) {
      await clock.advance(25_000);
      expect(sending.isOverdue, `after ${at}`).to.equal(false);
      const flight = sending.answer(`o${at}`);
      index.set(at + 1, undefined);
      sending.land(`o${at}`, flight);
    }
    await clock.advance(25_001);
    expect(sending.isOverdue).to.equal(true);
  });
});

/** The same rules as one look at everything: what `take` has to give, whatever was changed in whichever order before. */
function model(
  index: OutboxIndex,
  away: ReadonlySet<string>,
  held: ReadonlyMap<string, number>,
  now: number,
): string[] {
  const lanes = new Map<string, [seq: number, record: OutboxRecord][]>();
  for (const [seq, each] of index.records) {
    if (isUnanswered(each)) lanes.set(each.key, [...(lanes.get(each.key) ?? []), [seq, each]]);
  }
  const unsettled = new Map([...lanes.values()].flat().map(([seq, {id}]) => [id, seq]));
  const ready: {id: string; seq: number; urgency: number}[] = [];
  for (const [key, lane] of lanes) {
    if (away.has(key)) continue;
    const blocked = lane.findIndex(
      ([seq, {id, after = []}]) =>
        (held.get(id) ?? 0) > now || after.some(other => (unsettled.get(other) ?? seq) < seq),
    );
    let head = lane.slice(0, blocked < 0 ? undefined : blocked);
    const own = head.findIndex(([, each]) => each.key !== entityKey(each));
    if (own >= 0) head = head.slice(0, Math.max(1, own));
    for (const [at, [seq, {id}]] of head.entries()) {
      ready.push({id, seq, urgency: Math.max(...head.slice(at).map(([, {priority}]) => priority))});
    }
  }
  return ready.sort((a, b) => b.urgency - a.urgency || a.seq - b.seq).map(({id}) => id);
}

/** A queue, changed at random a hundred times; what goes out is held against the model each time. */
async function walk(random: SeededRandom): Promise<void> {
  const {index, clock, sending} = queueOf([]);
  const away = new Map<string, string>();
  const held = new Map<string, number>();
  let seq = 0;
  const enqueue = () => {
    const id = `o${++seq}`;
    const key = `k${random.below(5)}`;
    const more: Partial<OutboxRecord> = {bytes: 1 + random.below(50), entityId: key, key: `task/${key}`};
    if (random.below(4) === 0) more.priority = random.below(3) - 1;
    if (random.below(6) === 0) more.key = 'own';
    if (random.below(5) === 0) more.after = [`o${1 + random.below(seq + 1)}`].filter(other => other !== id);
    index.set(seq, record(id, more));
  };
  const take = () => {
    const expected = model(index, new Set(away.values()), held, clock.monotonic());
    const limits = {
      window: {count: 1 + random.below(12), bytes: 1 + random.below(300)},
      frame: {count: 1 + random.below(6), bytes: 1 + random.below(150)},
    };
    const taken = sending.take(limits);
    const ids = taken.map(({record: {id}}) => id);
    expect(ids).to.deep.equal(expected.slice(0, ids.length));
    const room = away.size < limits.window.count && ids.length < limits.frame.count;
    // Where the limits left room, all that may go has gone, but for what was too large.
    if (room && away.size === 0 && ids.length === 0) expect(expected).to.deep.equal([]);
    for (const {record: each} of taken) away.set(each.id, each.key);
  };
  const settle = () => {
    const [id] = [...away.keys()].slice(random.below(away.size));
    const found = id === undefined ? undefined : index.find(id);
    if (id === undefined) return;
    if (random.below(3) > 0) {
      if (found) index.set(found.seq, random.below(2) === 0 ? undefined : {...found.record, stage: 'applied'});
    } else {
      const wait = random.below(100);
      held.set(id, clock.monotonic() + wait);
      sending.hold(id, wait);
      if (found) index.set(found.seq, {...found.record, attempts: found.record.attempts + 1});
    }
    sending.land(id);
    away.delete(id);
  };
  const giveBack = () => {
    const applied = [...index.stage('applied')];
    const [at, each] = applied[random.below(applied.length)] ?? [];
    if (at !== undefined && each) index.set(at, {...each, stage: 'sent'});
  };
  for (let step = 0; step < 100; step++) {
    const dice = random.below(20);
    if (dice < 8) enqueue();
    else if (dice < 12) take();
    else if (dice < 16) settle();
    else if (dice < 17) giveBack();
    else if (dice < 18) {
      sending.lost();
      away.clear();
    } else await clock.advance(random.below(50));
  }
  take();
}

describe('the order of sending', () => {
  it('is the model’s, after whatever has happened: 300 walks', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      try {
        await walk(seededRandom(seed));
      } catch (cause) {
        throw new Error(`seed ${seed}: ${cause}`, {cause});
      }
    }
  });
  it('costs what goes out, not what is queued', () => {
    const {index, sending} = queueOf(Array.from({length: 20_000}, (_, at) => [`o${at}`, `k${at}`]));
    const narrow = {window: {count: 10, bytes: 1e9}, frame: {count: 10, bytes: 1e9}};
    let looks = 0;
    const lane = index.lane.bind(index);
    index.lane = key => {
      looks++;
      return lane(key);
    };
    sending.take(narrow);
    looks = 0;
    for (let at = 0; at < 100; at++) {
      index.set(at + 1, undefined);
      sending.land(`o${at}`);
      sending.take(narrow);
    }
    expect(looks).to.be.below(1000);
  });
});
