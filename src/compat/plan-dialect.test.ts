/** The dialect between two lists: what the server is sent, and what the client hears. */
import {expect} from '@open-wc/testing';
import {type ClientFrame, parseServerFrame, type SyncFrame, type WireOperation} from '../protocol/protocol.js';
import planDialect from './plan-dialect.js';

type Frame = Record<string, unknown>;

const update = (entityId: string, data: object = {n: 1}) => ({type: 'update', entityType: 'note', entityId, data});
const greeting = (more: Partial<SyncFrame> = {}): ClientFrame => ({
  ...{type: 'sync', protocol: 1, clientId: 'c', instance: 'i', epoch: 1, stream: 1, settled: 1, window: 10_000},
  ...more,
});

describe('the plan’s dialect', () => {
  let sent: Frame[];
  let texts: string[];
  let dialect: ReturnType<typeof planDialect>;
  beforeEach(() => {
    sent = [];
    texts = [];
    dialect = planDialect({
      send: text => void sent.push(JSON.parse(text)),
      hear: text => void texts.push(text),
    });
  });
  /** What the client hears of what happens in `during`. */
  const hears = (during: () => void): Frame[] => {
    const before = texts.length;
    during();
    return texts.slice(before).map(text => JSON.parse(text));
  };
  const says = (frame: object) => dialect.receive(JSON.stringify(frame));
  const at = ({type, n, prevLSN, lsn, mark}: Frame) => [type, n, prevLSN, lsn, mark];
  const operate = (op: Partial<WireOperation> & {type: string}) =>
    dialect.send({
      type: 'operations',
      settled: 1,
      ops: [{id: 'a', seq: 1, payload: null, timestamp: 5, ...op} as WireOperation],
    });

  it('greets in the plan’s words, and has the client begin with an empty snapshot', () => {
    const [welcome, ...rest] = hears(() => dialect.send(greeting({token: 't', subject: 'ann'})));
    expect(sent).to.deep.equal([{type: 'sync', clientId: 'c', lastLSN: '0/0', token: 't'}]);
    expect(welcome).to.include({type: 'welcome', protocol: 1, generation: 'plan', confirms: false, headLSN: '0/0'});
    expect(rest).to.deep.equal([
      {type: 'sync_start', stream: 1, mode: 'snapshot', mark: '0/0', generation: 'plan', lsn: '0/0'},
      {type: 'sync_complete', stream: 1, generation: 'plan', lsn: '0/0'},
    ]);
  });

  it('does not take a token without being told whose it is: the next person would see what the one before had', () => {
    for (const subject of [{}, {subject: 'anybody'}]) {
      expect(() => dialect.send(greeting({token: 't', ...subject})))
        .to.throw('user')
        .with.property('code', 'invalid-options');
    }
    expect([sent, texts]).to.deep.equal([[], []]);
    const [welcome] = hears(() => dialect.send(greeting({token: 't', subject: 'ann'})));
    expect(welcome).to.include({subject: 'ann'});
  });

  it('greets a server with the server’s own LSN, and the client goes on from its position', () => {
    const goesOn = {generation: 'plan', lastLSN: '0/9', mark: '0/5'};
    const frames = hears(() => dialect.send(greeting(goesOn)));
    expect(sent[0]?.['lastLSN']).to.equal('0/5');
    expect(frames.map(({type, mode, lsn}) => [type, mode, lsn])).to.deep.equal([
      ['welcome', undefined, undefined],
      ['sync_start', 'live', '0/9'],
    ]);
  });

  it('takes the position of another server’s history for none', () => {
    dialect.send(greeting({generation: 'ours', lastLSN: '0/9', mark: '0/5'}));
    expect(sent[0]?.['lastLSN']).to.equal('0/0');
  });

  it('makes a chain of what comes: at the LSN where there is one, else at the next position', () => {
    dialect.send(greeting());
    const frames = hears(() => {
      says({type: 'sync_data', data: [update('1')]});
      says({type: 'sync_complete', lsn: '16/b374d48'});
      says({...update('2'), type: 'entity_update', lsn: '16/B374D48'});
      says({...update('2'), type: 'entity_update'});
      says({type: 'changes', data: {lsn: '16/B374D49', changes: [update('3')]}});
      says({type: 'changes', lsn: '17/0', changes: []});
    });
    expect(frames.map(at)).to.deep.equal([
      ['changes', 1, '0/0', '0/1', '0/0'],
      ['head', 2, '0/1', '16/B374D48', '16/B374D48'],
      ['changes', 3, '16/B374D48', '16/B374D49', '16/B374D48'],
      ['changes', 4, '16/B374D49', '16/B374D4A', '16/B374D48'],
      ['changes', 5, '16/B374D4A', '16/B374D4B', '16/B374D49'],
      ['head', 6, '16/B374D4B', '17/0', '17/0'],
    ]);
  });

  it('drops what is older than what was seen, by the server’s LSN and not by the position', () => {
    dialect.send(greeting({generation: 'plan', lastLSN: '0/9', mark: '0/5'}));
    expect(hears(() => says({type: 'changes', lsn: '0/4', changes: [update('1')]}))).to.deep.equal([]);
    const [same] = hears(() => says({type: 'changes', lsn: '0/5', changes: [update('1')]}));
    expect(same && at(same)).to.deep.equal(['changes', 1, '0/9', '0/A', '0/5']);
  });

  it('says nothing that the client can’t read, whatever the server says', () => {
    dialect.send(greeting());
    says({...update('1'), type: 'entity_update', lsn: '0/1'});
    says({type: 'sync_complete', lsn: '0/2'});
    says({type: 'sync_error', code: 7, message: {}});
    operate({type: 'upsert', entityType: 'note', entityId: '1', payload: {n: 2}});
    operate({type: 'delete', entityType: 'note', entityId: '1'});
    dialect.send({type: 'ping', t: 3});
    for (const text of texts) expect(() => parseServerFrame(text), text).not.to.throw();
  });

  const malformed: [what: string, text: string][] = [
    ['no JSON', 'x'],
    ['no object', '[]'],
    ['no list of changes', '{"type":"changes","lsn":"0/1"}'],
    ['no LSN', '{"type":"changes","lsn":"zero","changes":[]}'],
    ['no row', '{"type":"entity_update","entityType":7,"entityId":"1","data":{}}'],
    [
      'an integer that lost digits',
      '{"type":"sync_data","data":[{"type":"update","entityType":"a","entityId":"1","data":{"n":9007199254740993}}]}',
    ],
  ];
  for (const [what, text] of malformed) {
    it(`lets the client complain of what is malformed: ${what}`, () => {
      dialect.send(greeting());
      texts = [];
      dialect.receive(text);
      expect(texts).to.have.length(1);
      expect(() => parseServerFrame(texts[0] ?? ''))
        .to.throw()
        .with.property('code', 'bad-frame');
    });
  }

  it('hands the application’s frames on as they are, and none that would pass for ours', () => {
    dialect.send(greeting());
    const own = ['welcome', 'head', 'reset', 'operation_ack', 'operation_nack', 'ping', 'pong', 'sync_start'];
    expect(hears(() => own.forEach(type => void says({type, id: 'a'})))).to.deep.equal([]);
    texts = [];
    dialect.receive('{"type":"chat", "text":"hi"}');
    says({type: 'sync_request'});
    expect(texts).to.deep.equal(['{"type":"chat", "text":"hi"}', '{"type":"sync_request"}']);
  });

  it('tells the server’s complaint, cut to what a complaint may be', () => {
    const [bare, full] = hears(() => {
      says({type: 'sync_error'});
      says({type: 'sync_error', code: 'x'.repeat(300), message: 'no'});
    });
    expect(bare).to.deep.equal({type: 'sync_error', code: 'server-error', message: ''});
    expect(full).to.deep.equal({type: 'sync_error', code: 'x'.repeat(255), message: 'no'});
  });

  it('answers pings itself, and has no word for the rest', () => {
    dialect.send(greeting());
    sent = [];
    expect(hears(() => dialect.send({type: 'ping', t: 3}))).to.deep.equal([{type: 'pong', t: 3}]);
    dialect.send({type: 'pong', t: 3});
    dialect.send({type: 'token', token: 't'});
    expect(sent).to.deep.equal([]);
  });

  describe('an operation', () => {
    beforeEach(() => dialect.send(greeting()));

    it('that writes goes out as the plan’s word, lies in the rows from then on, and is acknowledged as sent', () => {
      const op = {type: 'upsert', entityType: 'note', entityId: '1', payload: {n: 2}} as const;
      const [row, ack] = hears(() => operate(op));
      expect(sent.at(-1)).to.deep.include({type: 'entity_update', entityType: 'note', entityId: '1', data: {n: 2}});
      expect(sent.at(-1)).not.to.have.property('payload');
      expect(row?.['changes']).to.deep.equal([{...update('1', {n: 2}), timestamp: 5, partial: true}]);
      expect(ack).to.deep.equal({type: 'operation_ack', id: 'a', status: 'sent', generation: 'plan', lsn: '0/1'});
      expect(row?.['mark'], 'the server has told no new LSN').to.equal('0/0');
    });

    it('that deletes likewise', () => {
      const [row] = hears(() => operate({type: 'delete', entityType: 'note', entityId: '1'}));
      expect(sent.at(-1)).to.deep.include({type: 'entity_delete', entityType: 'note', entityId: '1'});
      expect(row?.['changes']).to.deep.equal([{type: 'delete', entityType: 'note', entityId: '1', timestamp: 5}]);
    });

    it('that is a message goes out as it is, any other as itself, and neither changes a row', () => {
      const frames = hears(() => {
        operate({type: 'send_message', payload: {type: 'chat', text: 'hi'}});
        operate({type: 'archive', payload: {id: 1}});
      });
      expect(sent.at(-2)).to.deep.equal({type: 'chat', text: 'hi'});
      expect(sent.at(-1)).to.deep.include({type: 'archive', payload: {id: 1}, id: 'a'});
      expect(frames.map(({type}) => type)).to.deep.equal(['operation_ack', 'operation_ack']);
    });
  });

  describe('of a server that sends all it has at once', () => {
    const WINDOW = 1000;
    const flood = (count: number) => {
      for (let at = 1; at <= count; at++) {
        says({type: 'changes', lsn: `0/${at.toString(16)}`, changes: [update(`${at}`, {text: 'x'.repeat(200)})]});
      }
    };
    const received = (n: number, stream = 1) => dialect.send({type: 'received', stream, n});
    const numbers = (frames: Frame[]) => frames.map(({n}) => n);
    beforeEach(() => dialect.send(greeting({window: WINDOW})));

    it('gives the client no more than its window, and the rest in order as that is kept', () => {
      const first = hears(() => flood(50));
      const size = texts.at(-1)?.length ?? 0;
      expect(numbers(first)).to.deep.equal(Array.from({length: Math.floor(WINDOW / size)}, (_, at) => at + 1));
      let kept = first.length;
      while (kept < 50) {
        const more = hears(() => received(kept));
        expect(numbers(more)).to.deep.equal(Array.from({length: more.length}, (_, at) => kept + 1 + at));
        expect(more.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0)).to.be.within(1, WINDOW);
        kept += more.length;
      }
    });

    it('gives one that is larger than the window by itself', () => {
      says({type: 'changes', lsn: '0/1', changes: [update('1')]});
      expect(
        hears(() => says({type: 'changes', lsn: '0/2', changes: [update('2', {text: 'x'.repeat(5000)})]})),
      ).to.deep.equal([]);
      expect(numbers(hears(() => received(1)))).to.deep.equal([2]);
    });

    it('lets life and answers pass what waits', () => {
      flood(50);
      const frames = hears(() => {
        dialect.send({type: 'ping', t: 1});
        operate({type: 'upsert', entityType: 'note', entityId: 'x', payload: {}});
      });
      expect(frames.map(({type}) => type)).to.deep.equal(['pong', 'operation_ack']);
    });

    it('forgets what waits where the client greets anew, and what was said of the stream before', () => {
      flood(50);
      dialect.send(greeting({stream: 2, window: WINDOW}));
      expect(sent.at(-1)?.['lastLSN']).to.equal('0/0');
      const [first] = hears(() => flood(50));
      expect(first && at(first).slice(0, 4)).to.deep.equal(['changes', 1, '0/0', '0/1']);
      expect(numbers(hears(() => received(50, 1))), 'of the stream before').to.deep.equal([]);
      expect(numbers(hears(() => received(1, 2)))).to.have.length(1);
      expect(first?.['stream']).to.equal(2);
    });
  });
});
