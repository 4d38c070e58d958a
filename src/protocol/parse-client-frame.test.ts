import {expect} from '@open-wc/testing';
import {thrownCode} from '../../test/helpers/errors.js';
import {mutate, mutateValue, seededRandom} from '../../testing/simulation/random.js';
import {SyncError} from './errors.js';
import {parseClientFrame} from './parse-client-frame.js';

const op = {
  id: 'o',
  seq: 1,
  type: 'upsert',
  entityType: 'task',
  entityId: '1',
  payload: {title: 'a'},
  partial: true,
  base: {rev: 1},
  timestamp: 5,
};

const FRAMES: Record<string, Record<string, unknown>> = {
  sync: {
    type: 'sync',
    protocol: 1,
    clientId: 'label',
    instance: 'i',
    epoch: 3,
    stream: 1,
    subject: 'ana',
    token: 't',
    generation: 'g',
    lastLSN: '0/A',
    mark: 'm',
    have: 'all',
    had: ['a', {type: 'b'}],
    want: ['a', {type: 'b', where: {x: 1}}, {type: 'c'}],
    snapshot: {lsn: '0/A', cursor: 'c'},
    settled: 1,
    window: 1024,
  },
  received: {type: 'received', stream: 1, n: 5},
  operations: {type: 'operations', ops: [op, {id: 'p', seq: 2, type: 'custom', timestamp: 6}], settled: 1},
  token: {type: 'token', token: 't'},
  ping: {type: 'ping', t: 1},
  pong: {type: 'pong', t: 1},
};

const parse = (frame: unknown) => parseClientFrame(JSON.stringify(frame));
const codeOf = (frame: unknown) => thrownCode(() => parse(frame));
const operations = (...ops: unknown[]) => ({...FRAMES['operations'], ops});
const deep = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;

describe("a client's frame", () => {
  for (const [type, frame] of Object.entries(FRAMES)) {
    it(`of type ${type} comes through as it was, without what is of a later version`, () => {
      expect(parse(frame)).to.deep.equal(frame);
      expect(parse({...frame, later: 1})).to.deep.equal(frame);
    });
  }
  it('may say that it had all in a word', () => {
    expect(parse({...FRAMES['sync'], had: 'all'})).to.include({had: 'all'});
    expect(codeOf({...FRAMES['sync'], want: 'all'})).to.equal('bad-frame');
  });
  it('of another type is named, not refused', () => {
    for (const type of ['toString', '__proto__', 'welcome']) {
      expect(parse({type})).to.deep.equal({unknown: true, type});
    }
  });

  const optional = new Set(['subject', 'token', 'generation', 'lastLSN', 'mark', 'have', 'had', 'want', 'snapshot']);
  for (const [type, frame] of Object.entries(FRAMES)) {
    for (const field of Object.keys(frame).filter(name => name !== 'type')) {
      it(`of type ${type} with a strange ${field} is bad`, () => {
        const wrong = [[[]], {toString: 1, valueOf: 1}, '\0'.repeat(20_000), true];
        for (const value of wrong) expect(codeOf({...frame, [field]: value})).to.equal('bad-frame');
        const {[field]: _gone, ...rest} = frame;
        if (type === 'sync' && optional.has(field)) expect(parse(rest)).to.deep.equal(rest);
        else expect(codeOf(rest)).to.equal('bad-frame');
      });
    }
  }

  const bad: [what: string, text: string][] = [
    ['nothing', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['text', '"sync"'],
    ['no type', '{}'],
    ['a hostile type', '{"type": {"toString": 1, "valueOf": 1}}'],
    ['a type 100,000 levels deep', `{"type": ${deep(100_000)}}`],
    ['100,000 levels', deep(100_000)],
    ['a byte order mark', '\ufeff{"type": "ping", "t": 1}'],
    ['an infinite time', '{"type": "ping", "t": 1e999}'],
    ['a wanted type __proto__', JSON.stringify({...FRAMES['sync'], want: ['__proto__']})],
    ['a thousand and one wanted types', JSON.stringify({...FRAMES['sync'], want: Array(1001).fill('a')})],
    ['a condition too deep', `{"type":"sync","want":[{"type":"a","where":{"x":${deep(70)}}}]}`],
    ['a snapshot without cursor', JSON.stringify({...FRAMES['sync'], snapshot: {lsn: '0/1'}})],
    ['an LSN that is none', JSON.stringify({...FRAMES['sync'], lastLSN: '0/'})],
    ['NUL in an id', JSON.stringify({...FRAMES['sync'], instance: 'a\0'})],
    ['half a character in an id', JSON.stringify({...FRAMES['sync'], instance: '\ud800'})],
  ];
  for (const [what, text] of bad) {
    it(`that is ${what}: bad-frame`, () => expect(thrownCode(() => parseClientFrame(text))).to.equal('bad-frame'));
  }
  it('of more than the limit: frame-too-large, before it is parsed', () => {
    expect(thrownCode(() => parseClientFrame('['.repeat(10_000_000)))).to.equal('frame-too-large');
    expect(thrownCode(() => parseClientFrame('{"type":"ping","t":1}', 20))).to.equal('frame-too-large');
  });
});

describe("a client's operation", () => {
  const bad: [what: string, item: unknown][] = [
    ['null', null],
    ['an array', []],
    ['without id', {...op, id: undefined}],
    ['with NUL in its id', {...op, id: '\0'}],
    ['without number', {...op, seq: undefined}],
    ['with a negative number', {...op, seq: -1}],
    ['of type __proto__', {...op, type: '__proto__'}],
    ['of no type', {...op, type: ''}],
    ['whose entity id is an object', {...op, entityId: {}}],
    ['whose payload is too deep', {...op, payload: JSON.parse(deep(65))}],
    ['whose base is too deep', {...op, base: JSON.parse(deep(65))}],
    ['whose partial is text', {...op, partial: 'yes'}],
    ['without time', {...op, timestamp: undefined}],
  ];
  for (const [what, item] of bad) {
    it(`${what}: bad-frame`, () => expect(codeOf(operations(op, item))).to.equal('bad-frame'));
  }
  it('with a number whose digits are lost: bad-frame', () => {
    const text = JSON.stringify(operations({...op, payload: {a: 12321}}));
    expect(thrownCode(() => parseClientFrame(text.replace('12321', '9007199254740993')))).to.equal('bad-frame');
    expect(thrownCode(() => parseClientFrame(text.replace('12321', '1e999')))).to.equal('bad-frame');
    expect(parseClientFrame(text.replace('12321', '1e21'))).to.have.property('type', 'operations');
  });
  it('may carry what does not fit its table: that is for the operation to say', () => {
    const strange = operations({
      id: 'o',
      seq: 0,
      type: 'upsert',
      entityType: '__proto__',
      payload: [1],
      timestamp: 0,
    });
    expect(parse(strange)).to.deep.equal(strange);
  });
});

describe("a client's damaged frame", () => {
  it('parses or is bad, and nothing else', () => {
    for (let seed = 1; seed <= 4000; seed++) {
      const random = seededRandom(seed);
      const frame = random.pick(Object.values(FRAMES));
      const texts = [mutate(JSON.stringify(frame), random), JSON.stringify(mutateValue(frame, random)) ?? ''];
      for (const text of texts) {
        try {
          parseClientFrame(text);
        } catch (error) {
          if (error instanceof SyncError && error.code === 'bad-frame') continue;
          throw new Error(`seed ${seed}: ${String(error)} from ${text.slice(0, 300)}`);
        }
      }
    }
  });
});
