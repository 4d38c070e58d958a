import {expect} from '@open-wc/testing';
import {thrownCode} from '../../test/helpers/errors.js';
import {mutate, mutateValue, seededRandom} from '../../testing/simulation/random.js';
import {SyncError} from './errors.js';
import {parseServerFrame} from './parse-server-frame.js';

const change = {type: 'update', entityType: 'task', entityId: '1', data: {id: '1', title: 'a'}};
const limits = {operation: 1000, frame: 1000, operations: 10};

/** One good frame of each type, as the server writes it. */
const FRAMES: Record<string, Record<string, unknown>> = {
  welcome: {
    type: 'welcome',
    protocol: 1,
    subject: 'ana',
    generation: 'g',
    headLSN: '0/A',
    serverTime: 1.5,
    heartbeat: 15_000,
    limits,
    tokenExpires: 2,
  },
  sync_request: {type: 'sync_request'},
  sync_start: {
    type: 'sync_start',
    stream: 1,
    mode: 'backfill',
    generation: 'g',
    lsn: '0/A',
    mark: 'm',
    keep: ['task'],
    total: 5,
  },
  sync_data: {type: 'sync_data', stream: 1, n: 1, changes: [change], cursor: 'c'},
  changes: {
    type: 'changes',
    stream: 1,
    n: 1,
    prevLSN: '0/A',
    lsn: '0/B',
    mark: 'm',
    changes: [change, {type: 'delete', entityType: 'task', entityId: '2'}],
    part: 1,
    final: false,
  },
  head: {type: 'head', stream: 1, n: 2, prevLSN: '0/A', lsn: '0/B', mark: 'm', serverTime: 5},
  sync_complete: {type: 'sync_complete', stream: 1, generation: 'g', lsn: '0/B'},
  sync_error: {type: 'sync_error', code: 'slow-down', message: 'Later', retryAfter: 500, subject: 'bob'},
  reset: {type: 'reset', generation: 'h', reason: 'restored'},
  operation_ack: {type: 'operation_ack', id: 'o', status: 'applied', generation: 'g', lsn: '0/B'},
  operation_nack: {
    type: 'operation_nack',
    id: 'o',
    code: 'conflict',
    message: 'No',
    retryable: false,
    retryAfter: 5,
    row: {id: '1'},
  },
  ping: {type: 'ping', t: 5.5},
  pong: {type: 'pong', t: 5.5},
};

const changes = (...list: unknown[]) => ({...FRAMES['changes'], changes: list});
const parse = (frame: unknown) => parseServerFrame(JSON.stringify(frame));
const codeOf = (frame: unknown) => thrownCode(() => parse(frame));
const deep = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;

describe('a good frame', () => {
  for (const [type, frame] of Object.entries(FRAMES)) {
    it(`of type ${type} comes through as it was`, () => expect(parse(frame)).to.deep.equal(frame));
    it(`of type ${type} may carry fields of a later version, which are left out`, () => {
      expect(parse({...frame, later: {a: 1}})).to.deep.equal(frame);
    });
  }
  it('may leave out what is optional, or say null', () => {
    const {mark: _mark, total: _total, ...start} = FRAMES['sync_start'] ?? {};
    expect(parse({...start, mark: null})).to.deep.equal(start);
    expect(parse(start)).to.deep.equal(start);
  });
  it('has its LSNs in one spelling from here on', () => {
    expect(parse({...FRAMES['head'], prevLSN: '00000000/0000000a', lsn: '0/b'})).to.deep.equal(FRAMES['head']);
  });
  it('has insert taken as update', () => {
    expect(parse(changes({...change, type: 'insert'}))).to.deep.equal(changes(change));
  });
  it('may be a large one', () => {
    const many = Array.from({length: 20_000}, (_, id) => ({...change, entityId: String(id)}));
    expect(parse(changes(...many))).to.deep.equal(changes(...many));
  });
});

describe('a frame that lacks a field, or has a wrong one', () => {
  const optional = new Set(['mark', 'keep', 'total', 'tokenExpires', 'retryAfter', 'subject', 'part', 'final', 'row']);
  for (const [type, frame] of Object.entries(FRAMES)) {
    for (const field of Object.keys(frame).filter(name => name !== 'type')) {
      const needed = !optional.has(field) || (type === 'welcome' && field === 'subject');
      if (needed) {
        it(`${type} without ${field} is bad`, () => {
          const {[field]: _gone, ...rest} = frame;
          expect(codeOf(rest)).to.equal('bad-frame');
          expect(codeOf({...rest, [field]: null})).to.equal('bad-frame');
        });
      }
      it(`${type} with a strange ${field} is bad`, () => {
        const wrong = [
          [[]],
          ...(field === 'row' ? [] : [{toString: 1, valueOf: 1}]),
          '\0'.repeat(20_000),
          ...(typeof frame[field] === 'number' ? ['1', true] : [1]),
          ...(/lsn/i.test(field) ? ['', '0/', '/0', 'G/0', '-1/0', '0x1/0', '0/123456789', '0/1 ', 5] : []),
        ];
        for (const value of wrong)
          expect(codeOf({...frame, [field]: value}), JSON.stringify(value)).to.equal('bad-frame');
      });
    }
  }
  it('does not find it on a prototype', () => {
    expect(codeOf({type: 'sync_error', code: 'c', __proto__: {message: 'm'}})).to.equal('bad-frame');
    const smuggled = '{"type":"sync_error","code":"c","__proto__":{"message":"m"}}';
    expect(thrownCode(() => parseServerFrame(smuggled))).to.equal('bad-frame');
  });
  it('counts in whole numbers from 0 to 2^53', () => {
    for (const n of [-1, 0.5, 2 ** 53, 1e300]) expect(codeOf({...FRAMES['head'], n}), String(n)).to.equal('bad-frame');
    const infinite = JSON.stringify(FRAMES['head']).replace('"n":2', '"n":1e999');
    expect(thrownCode(() => parseServerFrame(infinite))).to.equal('bad-frame');
  });
});

describe('a time to wait', () => {
  it('is an hour at the most: what is longer, by mistake or in malice, would be never', () => {
    for (const type of ['sync_error', 'operation_nack'] as const) {
      const waits = [0, 77_000, 3_600_000, 3_600_001, 2 ** 53 - 1];
      const taken = waits.map(retryAfter => (parse({...FRAMES[type], retryAfter}) as {retryAfter: number}).retryAfter);
      expect(taken, type).to.deep.equal([0, 77_000, 3_600_000, 3_600_000, 3_600_000]);
    }
  });
});

describe('JSON that is none of ours', () => {
  const good = JSON.stringify(FRAMES['changes']);
  const texts: [what: string, text: string][] = [
    ['nothing', ''],
    ['blank', ' '],
    ['null', 'null'],
    ['an array', '[]'],
    ['an array of frames', `[${good}]`],
    ['text', '"welcome"'],
    ['a number', '5'],
    ['a boolean', 'true'],
    ['an object without a type', '{}'],
    ['two frames', `${good}${good}`],
    ['a frame and a rest', `${good}x`],
    ['a byte order mark', `\ufeff${good}`],
    ['NUL', `${good}\0`],
    ['undefined', 'undefined'],
    ['NaN', '{"type": "ping", "t": NaN}'],
    ['a type that is a number', '{"type": 5}'],
    ['a type that is null', '{"type": null}'],
    ['a type that is an object with a hostile toString', '{"type": {"toString": 1, "valueOf": 1}}'],
    ['a type that is an array 100,000 levels deep', `{"type": ${deep(100_000)}}`],
    ['a type that is empty', '{"type": ""}'],
    ['the type __proto__', '{"type": "__proto__"}'],
    ['the type constructor', '{"type": "constructor"}'],
    ['a type with NUL', '{"type": "a\\u0000"}'],
    ['a type with half a character', '{"type": "\\ud800"}'],
    ['a type of 256 characters', JSON.stringify({type: 'x'.repeat(256)})],
    ['a frame 100,000 levels deep', deep(100_000)],
    ['an unknown frame with a body 100,000 levels deep', `{"type": "mine", "body": ${deep(100_000)}}`],
    ['an unknown frame with an infinite number', '{"type": "mine", "body": 1e999}'],
  ];
  for (const [what, text] of texts) {
    it(`${what}: bad-frame`, () => expect(thrownCode(() => parseServerFrame(text))).to.equal('bad-frame'));
  }
  it('cut off anywhere: bad-frame', () => {
    for (let end = 0; end < good.length; end++) {
      expect(
        thrownCode(() => parseServerFrame(good.slice(0, end))),
        String(end),
      ).to.equal('bad-frame');
    }
  });
  it('with a field twice: the last one counts, and is checked', () => {
    expect(parseServerFrame('{"type": "pong", "t": 1, "type": "ping", "t": 2}')).to.deep.equal({
      type: 'ping',
      t: 2,
    });
    expect(thrownCode(() => parseServerFrame('{"type": "ping", "t": 1, "t": "x"}'))).to.equal('bad-frame');
  });
  it('of 10 MB: frame-too-large, before it is parsed', () => {
    expect(thrownCode(() => parseServerFrame('['.repeat(10_000_000)))).to.equal('frame-too-large');
    const long = JSON.stringify(changes({...change, data: {a: 'x'.repeat(10_000_000)}}));
    expect(thrownCode(() => parseServerFrame(long))).to.equal('frame-too-large');
  });
  it('of just the limit is read, of one more is not', () => {
    const text = JSON.stringify(FRAMES['ping']);
    expect(parseServerFrame(text, text.length)).to.deep.equal(FRAMES['ping']);
    expect(thrownCode(() => parseServerFrame(text, text.length - 1))).to.equal('frame-too-large');
  });
  it('with a million elements: bad-frame', () => {
    const million = Array.from({length: 1_000_000}, () => 1);
    expect(codeOf({...FRAMES['changes'], changes: million})).to.equal('bad-frame');
  });
});

describe('the frames of the plan without a chain', () => {
  const row = {type: 'update', entityType: 'task', entityId: '1', data: {a: 1}};
  it('are read as one', () => {
    expect(parse({type: 'batch_update', batchId: 'b', data: [row], lsn: '0/0a'})).to.deep.equal({
      type: 'batch_update',
      changes: [row],
      lsn: '0/A',
    });
    expect(parse({...row, type: 'entity_update', timestamp: 5})).to.deep.equal({
      type: 'batch_update',
      changes: [{...row, timestamp: 5}],
    });
    const {data: _data, ...gone} = row;
    expect(parse({...gone, type: 'entity_delete', lsn: '1/1'})).to.deep.equal({
      type: 'batch_update',
      changes: [{...gone, type: 'delete'}],
      lsn: '1/1',
    });
  });
  const bad: [what: string, frame: object][] = [
    ['a batch without rows', {type: 'batch_update', batchId: 'b'}],
    ['a batch of something else', {type: 'batch_update', data: [5]}],
    ['a batch with a bad LSN', {type: 'batch_update', data: [], lsn: 'G/0'}],
    ['an update without data', {type: 'entity_update', entityType: 'task', entityId: '1'}],
    ['an update of a __proto__', {...row, type: 'entity_update', entityType: '__proto__'}],
    ['a delete without an id', {type: 'entity_delete', entityType: 'task'}],
    ['digits that would be lost', {...row, type: 'entity_update', data: {a: 2 ** 60}}],
  ];
  for (const [what, frame] of bad) {
    it(`${what}: bad-frame`, () => expect(codeOf(frame)).to.equal('bad-frame'));
  }
});

describe('a frame of a type that is not ours', () => {
  it("is the application's own, whatever its name", () => {
    for (const type of ['chat', 'toString', 'hasOwnProperty', 'SYNC_START', 'prototypes']) {
      expect(parse({type, body: {a: [1]}})).to.deep.equal({
        foreign: true,
        type,
        body: {type, body: {a: [1]}},
      });
    }
  });
  it('may have a million elements', () => {
    const million = Array.from({length: 1_000_000}, () => 1);
    expect(parse({type: 'chat', million})).to.have.property('foreign', true);
  });
});

describe('a change', () => {
  it('is taken with another key in its data than the one it names: which column is the key only the server knows', () => {
    const odd = {...change, data: {id: 'another', title: 'a'}};
    const frame = {type: 'sync_data', stream: 1, n: 1, changes: [odd], cursor: 'c'};
    expect(parse(frame)).to.deep.equal(frame);
  });
  const bad: [what: string, item: unknown][] = [
    ['null', null],
    ['text', 'update'],
    ['an array', []],
    ['of an unknown type', {...change, type: 'upsert'}],
    ['of type toString', {...change, type: 'toString'}],
    ['of no type', {...change, type: undefined}],
    ['of the entity type __proto__', {...change, entityType: '__proto__'}],
    ['of the entity type constructor', {...change, entityType: 'constructor'}],
    ['of the entity type prototype', {...change, entityType: 'prototype'}],
    ['of no entity type', {...change, entityType: ''}],
    ['of an entity type that is a number', {...change, entityType: 5}],
    ['without id', {...change, entityId: undefined}],
    ['with an empty id', {...change, entityId: ''}],
    ['with an id that is a number', {...change, entityId: 5}],
    ['with an id that is NaN, which JSON calls null', {...change, entityId: Number.NaN}],
    ['with an id that is an object', {...change, entityId: {id: 1}}],
    ['with an id that is an array', {...change, entityId: ['a', 1]}],
    ['with NUL in its id', {...change, entityId: 'a\0'}],
    ['with half a character in its id', {...change, entityId: '\ud800'}],
    ['with an id of 1,025 characters', {...change, entityId: 'x'.repeat(1025)}],
    ['without data', {...change, data: undefined}],
    ['whose data is null', {...change, data: null}],
    ['whose data is an array', {...change, data: []}],
    ['whose data is text', {...change, data: '{}'}],
    ['whose data is too deep', {...change, data: {a: JSON.parse(deep(65))}}],
    ['whose timestamp is text', {...change, timestamp: '2030'}],
    ['whose partial is text', {...change, partial: 'false'}],
  ];
  for (const [what, item] of bad) {
    it(`${what}: bad-frame, though the one before it is good`, () => {
      expect(codeOf(changes(change, item))).to.equal('bad-frame');
      expect(codeOf({...FRAMES['sync_data'], changes: [change, item]})).to.equal('bad-frame');
    });
  }
  it('that deletes needs no data', () => {
    expect(parse(changes({type: 'delete', entityType: 'task', entityId: '1'}))).to.have.property('type', 'changes');
  });
  it('with 1e999: bad-frame', () => {
    const text = JSON.stringify(changes({...change, data: {a: 12321}})).replace('12321', '1e999');
    expect(thrownCode(() => parseServerFrame(text))).to.equal('bad-frame');
  });
  it('with 2^53 + 1: bad-frame, for digits would be lost', () => {
    const text = JSON.stringify(changes({...change, data: {a: 12321}}));
    expect(thrownCode(() => parseServerFrame(text.replace('12321', '9007199254740993')))).to.equal('bad-frame');
    expect(parseServerFrame(text.replace('12321', '"9007199254740993"'))).to.have.property('type', 'changes');
    expect(parseServerFrame(text.replace('12321', '1e21'))).to.have.property('type', 'changes');
    expect(parseServerFrame(text.replace('12321', '[1e21, 0.30000000000000004]'))).to.have.property('type', 'changes');
  });
  it('with a great number behind 7 million characters of text is still only a change', () => {
    const data = {a: 'x'.repeat(7_000_000), b: 1e21};
    const text = JSON.stringify(changes({...change, data})).replace('1e+21', '1e21');
    expect(parseServerFrame(text)).to.have.property('type', 'changes');
  });
  it('may have half a character, NUL and machine names in its data', () => {
    const data = {a: '\ud800', b: '\0', constructor: 1, toString: 'x', hasOwnProperty: null};
    expect(parse(changes({...change, data}))).to.deep.equal(changes({...change, data}));
  });
  it('with __proto__ anywhere pollutes nothing', () => {
    const text = JSON.stringify(changes({...change, data: {a: {}}}))
      .replace('"a":{}', '"__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}')
      .replace('{"type"', '{"__proto__":{"polluted":1},"type"');
    const frame = parseServerFrame(text);
    expect((frame as {polluted?: number}).polluted).to.equal(undefined);
    expect(({} as {polluted?: number}).polluted).to.equal(undefined);
    const [{data = {}} = {}] = (frame as unknown as {changes: {data?: Record<string, unknown>}[]}).changes;
    expect(data['polluted']).to.equal(undefined);
    expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
  });
});

describe('a damaged frame', () => {
  const survives = (text: string, seed: number) => {
    try {
      parseServerFrame(text);
    } catch (error) {
      if (error instanceof SyncError && ['bad-frame', 'frame-too-large'].includes(error.code)) return;
      throw new Error(`seed ${seed}: ${String(error)} from ${text.slice(0, 300)}`);
    }
  };
  it('parses or is bad, and nothing else, however its text is damaged', () => {
    for (let seed = 1; seed <= 4000; seed++) {
      const random = seededRandom(seed);
      survives(mutate(JSON.stringify(random.pick(Object.values(FRAMES))), random), seed);
    }
  });
  it('parses or is bad, and nothing else, however its values are swapped', () => {
    for (let seed = 1; seed <= 4000; seed++) {
      const random = seededRandom(seed);
      survives(JSON.stringify(mutateValue(random.pick(Object.values(FRAMES)), random)) ?? '', seed);
    }
    expect(({} as {polluted?: number}).polluted).to.equal(undefined);
  });
});
