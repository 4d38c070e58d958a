import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {update} from '../../test/helpers/replica.js';
import {Disk} from '../../test/helpers/storage.js';
import type {ClientStore, CommittedRecord, Stage} from '../database/database.js';
import {Journal} from '../database/journal.js';
import {Replica} from '../database/replica.js';
import {pageClock} from '../platform/browser-page.js';
import type {Clock} from '../platform/platform.js';
import type {StorageDatabase} from '../platform/storage.js';
import {type Change, parseServerFrame, subscriptionHash, type Want} from '../protocol/protocol.js';
import type {HandlerOptions} from './handler.js';
import {isStreamFrame} from './stream-frame.js';
import {SyncMessageHandler} from './sync-message-handler.js';

const row = (id: string, more = {}): Change => update(id, {id, ...more});

/** A server's side of one stream: numbers and links its frames by itself. */
class Stream {
  readonly stream: number;
  lsn: string;
  n = 0;

  constructor(stream: number, lsn = '0/0') {
    this.stream = stream;
    this.lsn = lsn;
  }

  start(mode: string, lsn: string, more: object = {}) {
    this.lsn = lsn;
    return {type: 'sync_start', stream: this.stream, mode, generation: 'g', lsn, mark: `m${lsn}`, ...more};
  }
  rows(cursor: string, ...changes: Change[]) {
    return {type: 'sync_data', stream: this.stream, n: ++this.n, changes, cursor};
  }
  changes(lsn: string, ...changes: Change[]) {
    return this.#linked('changes', lsn, {changes});
  }
  part(lsn: string, part: number, final: boolean, ...changes: Change[]) {
    const prevLSN = this.lsn;
    const frame = this.#linked('changes', lsn, {changes, part, final});
    if (!final) this.lsn = prevLSN;
    return frame;
  }
  head(lsn: string) {
    return this.#linked('head', lsn, {serverTime: 0});
  }
  complete() {
    return {type: 'sync_complete', stream: this.stream, generation: 'g', lsn: this.lsn};
  }
  #linked(type: string, lsn: string, more: object) {
    const prevLSN = this.lsn;
    this.lsn = lsn;
    return {type, stream: this.stream, n: ++this.n, prevLSN, lsn, mark: `m${lsn}`, ...more};
  }
}

describe('the message handler', () => {
  let disk: Disk;
  let database: StorageDatabase<ClientStore>;
  let handler: SyncMessageHandler;
  let log: string[];
  /** Of the greetings to come. */
  let wants: Want[] | undefined;
  const logged = (prefix: string) => log.filter(line => line.startsWith(prefix));

  /** A leader's handler, on what the database holds. */
  const lead = async (
    more: Partial<{committed: () => Promise<void>; rows: HandlerOptions['rows']; clock: Clock}> = {},
  ) => {
    const journal = new Journal(database);
    const rows = more.rows ?? new Replica(database, {cacheBytes: 10_000});
    handler = new SyncMessageHandler(
      journal,
      await journal.promote(),
      {rows, inboxChars: 100_000, clock: more.clock ?? pageClock},
      {
        received: (stream, n) => log.push(`received ${stream} ${n}`),
        greetAgain: () => log.push('greetAgain'),
        committed: async ({lsn}, records) => {
          await more.committed?.();
          log.push(`committed ${lsn} ${records ? records.map(({changes}) => changes.length).join('+') : 'all'}`);
        },
        historyChanged: async () => void log.push(`historyChanged ${(await checkpoint())?.lsn ?? 'none'}`),
        phase: (phase, progress) => log.push(`phase ${phase}${progress ? ` ${JSON.stringify(progress)}` : ''}`),
        started: mode => log.push(`started ${mode}`),
        completed: lsn => log.push(`completed ${lsn}`),
        failed: ({code}) => log.push(`failed ${code}`),
      },
    );
    handler.welcomed('ana');
    return handler;
  };
  const accept = (each: object) => {
    const text = JSON.stringify(each);
    const frame = parseServerFrame(text);
    if ('foreign' in frame || !isStreamFrame(frame)) throw new Error(`Not the handler's: ${text}`);
    handler.accept(frame, text);
  };
  /** Frames as they come from the wire, all in one turn. */
  const feed = async (...frames: object[]) => {
    frames.forEach(accept);
    await handler.quiesce();
    await settle();
  };
  /** One after the other, each durable before the next. */
  const feedSlowly = async (...frames: object[]) => {
    for (const frame of frames) await feed(frame);
  };
  const greet = () => {
    const greeting = handler.greeting(wants);
    return {greeting, stream: new Stream(greeting.stream, greeting.lastLSN)};
  };
  const meta = (key: string) => database.transaction(['meta'], 'readonly', tx => tx.get('meta', key));
  const checkpoint = () => meta('checkpoint') as Promise<{lsn: string; subject: string} | undefined>;
  const ids = async (type = 'task') =>
    (await new Replica(database, {cacheBytes: 10_000}).list(type, {})).map(({id}) => id);
  const records = async () => (await database.transaction(['journal'], 'readonly', tx => tx.entries('journal'))).length;

  /** Live at `lsn`, with rows a and b. */
  const live = async (lsn = '0/A') => {
    const {stream} = greet();
    await feed(stream.start('snapshot', lsn), stream.rows('1', row('a'), row('b')), stream.complete());
    log.length = 0;
    return stream;
  };

  beforeEach(async () => {
    disk = new Disk();
    database = await disk.openClient();
    log = [];
    wants = undefined;
    await lead();
  });
  afterEach(() => disk.clear());

  describe('a first start', () => {
    it('greets without a past, takes a snapshot, and is live', async () => {
      const {greeting, stream} = greet();
      expect(greeting).to.deep.equal({stream: 1});
      await feedSlowly(
        stream.start('snapshot', '0/A', {total: 2}),
        stream.rows('1', row('a')),
        stream.rows('2', row('b')),
        stream.changes('0/B', row('c')),
        stream.head('0/C'),
        stream.complete(),
      );
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      expect(await checkpoint()).to.deep.equal({
        generation: 'g',
        lsn: '0/C',
        mark: 'm0/C',
        subject: 'ana',
        subscription: 'all',
      });
      expect(logged('received')).to.deep.equal(['received 1 1', 'received 1 2', 'received 1 3', 'received 1 4']);
      expect(logged('committed')).to.deep.equal(['committed 0/C all']);
      expect(logged('completed')).to.deep.equal(['completed 0/C']);
      expect(log.at(-1)).to.equal('phase live');
    });
    it('tells how far the snapshot is, and never more than all', async () => {
      const {stream} = greet();
      await feedSlowly(stream.start('snapshot', '0/A', {total: 1}), stream.rows('1', row('a'), row('b')));
      expect(logged('phase').map(line => JSON.parse(line.slice(14)))).to.deep.include.members([
        {received: 0, total: 1, bytes: 0},
      ]);
      const last = JSON.parse(logged('phase').at(-1)?.slice(14) ?? '{}');
      expect(last).to.include({received: 2, total: 2});
    });
    it('shows nothing before the snapshot is whole', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')));
      expect(await ids()).to.deep.equal([]);
      expect(await checkpoint()).to.equal(undefined);
    });
    it('tells readers what it puts into the stage, but for parts of a transaction, and where it lies', async () => {
      const told: string[] = [];
      const stage = async ({from}: Stage, list: readonly CommittedRecord[]) => {
        for (const {sequence, changes} of list)
          told.push(`${sequence - from} ${changes.map(({entityId}) => entityId)}`);
      };
      await lead({rows: {stage}});
      const {stream} = greet();
      await feedSlowly(stream.start('snapshot', '0/A'), stream.rows('1', row('a'), row('b')), stream.head('0/B'));
      await feed(stream.rows('2', row('c')), stream.changes('0/C', row('d')));
      await feedSlowly(
        stream.part('0/D', 1, false, row('e')),
        stream.part('0/D', 2, true),
        stream.changes('0/E', row('f')),
      );
      expect(told).to.deep.equal(['0 a,b', '1 c', '2 d', '5 f']);
    });
    it('may be one of nothing', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.complete());
      expect(await checkpoint()).to.include({lsn: '0/A'});
    });
  });

  describe('a backfill', () => {
    const note = (id: string): Change => update(id, {id}, 'note');
    /** Live at 0/A with the tasks a and b; from now on notes are wanted as well. */
    const wantMore = async () => {
      wants = ['task'];
      await live();
      wants = ['note', 'task'];
      return greet();
    };
    const keep = {keep: ['task'], total: 1};

    it('is asked for with what was had, spelled', async () => {
      const {greeting} = await wantMore();
      expect(greeting).to.deep.equal({
        stream: 2,
        want: ['note', 'task'],
        generation: 'g',
        lastLSN: '0/A',
        mark: 'm0/A',
        have: subscriptionHash(['task']),
        had: ['task'],
      });
    });
    it('is asked for with a word where all was had, and not where nothing has changed', async () => {
      await live();
      expect(greet().greeting).to.not.have.property('had');
      wants = ['task'];
      expect(greet().greeting).to.include({had: 'all', have: 'all'});
    });
    it('is not asked for where rows can not be kept', async () => {
      await wantMore();
      await lead({rows: {}});
      expect(greet().greeting).to.not.have.property('had');
    });
    it('keeps the rows that do not come, and shows the others once all are there', async () => {
      const {stream} = await wantMore();
      await feedSlowly(stream.start('backfill', '0/A', keep), stream.rows('1', note('n')));
      expect([await ids(), await ids('note')]).to.deep.equal([['a', 'b'], []]);
      await feed(stream.complete());
      expect([await ids(), await ids('note')]).to.deep.equal([['a', 'b'], ['n']]);
      expect(await checkpoint()).to.deep.include({lsn: '0/A', wants: ['note', 'task']});
      expect(logged('committed')).to.deep.equal(['committed 0/A all']);
    });
    it('lays what happened since over kept rows and new ones alike', async () => {
      const {stream} = await wantMore();
      await feed(
        stream.start('backfill', '0/A', keep),
        stream.rows('1', note('n'), note('m')),
        stream.changes('0/B', row('c'), {type: 'delete', entityType: 'task', entityId: 'a'}),
        stream.changes('0/C', {type: 'delete', entityType: 'note', entityId: 'm'}),
        stream.complete(),
      );
      expect([await ids(), await ids('note')]).to.deep.equal([['b', 'c'], ['n']]);
    });
    it('drops the rows of what is wanted no more, and brings none where nothing is wanted besides', async () => {
      wants = ['note', 'task'];
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a'), note('n')), stream.complete());
      wants = ['task'];
      const next = greet();
      await feed(
        next.stream.start('backfill', '0/A', {keep: ['task'], total: 0}),
        next.stream.rows('1'),
        next.stream.complete(),
      );
      expect([await ids(), await ids('note')]).to.deep.equal([['a'], []]);
    });
    it('keeps rows with all that came upon them, in records of bounded size', async () => {
      wants = ['task'];
      const {stream} = greet();
      const rows = Array.from({length: 3000}, (_, index) => row(`r${index}`, {text: 'x'.repeat(100)}));
      await feed(stream.start('snapshot', '0/A'));
      for (let at = 0; at < 3000; at += 500) await feed(stream.rows('1', ...rows.slice(at, at + 500)));
      await feed(stream.complete());
      const patch: Change = {...row('r7', {}), data: {more: 1}, partial: true};
      await feed(stream.changes('0/B', patch, {type: 'delete', entityType: 'task', entityId: 'r0'}));
      wants = ['note', 'task'];
      const next = greet();
      const start = next.stream.start('backfill', '0/B', keep);
      await feed(start, next.stream.rows('1', note('n')), next.stream.complete());
      expect(await ids()).to.have.length(2999);
      const [kept] = await new Replica(database, {cacheBytes: 0}).list('task', {where: {id: 'r7'}});
      expect(kept).to.include({id: 'r7', more: 1});
      const texts = (await database.transaction(['journal'], 'readonly', tx => tx.entries('journal'))).map(
        ([, record]) => (record as {text?: string}).text?.length ?? 0,
      );
      expect(texts.length).to.be.above(4);
      expect(Math.max(...texts)).to.be.below(129 * 1024);
    });
    it('that broke off goes on from its cursor with the rows it kept, also under the next leader', async () => {
      const {stream} = await wantMore();
      await feed(stream.start('backfill', '0/A', keep), stream.rows('cursor 1', note('n')));
      await handler.connectionLost();
      await lead();
      const next = greet();
      expect(next.greeting).to.deep.include({snapshot: {lsn: '0/A', cursor: 'cursor 1'}});
      expect(next.greeting).to.not.have.property('had');
      await feed(
        next.stream.start('backfill', '0/A', keep),
        next.stream.rows('2', note('m')),
        next.stream.changes('0/B', row('c')),
        next.stream.complete(),
      );
      expect([await ids(), await ids('note')]).to.deep.equal([
        ['a', 'b', 'c'],
        ['m', 'n'],
      ]);
    });
    it('that broke off before its first row begins anew, and stages no kept row twice', async () => {
      const {stream} = await wantMore();
      await feed(stream.start('backfill', '0/A', keep));
      const before = await records();
      await lead();
      const next = greet();
      expect(next.greeting).to.deep.include({lastLSN: '0/A', had: ['task']});
      await feed(next.stream.start('backfill', '0/A', keep));
      // One more is the fence of the next leader.
      expect(await records()).to.equal(before + 1);
      await feed(next.stream.rows('1', note('n')), next.stream.complete());
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('that the server can not go on with is followed by a snapshot, without what was kept', async () => {
      const {stream} = await wantMore();
      await feed(stream.start('backfill', '0/A', keep), stream.rows('1', note('n')));
      const next = greet();
      await feed(next.stream.start('snapshot', '0/A'), next.stream.rows('1', row('x')), next.stream.complete());
      expect([await ids(), await ids('note')]).to.deep.equal([['x'], []]);
    });
    it('is given up where the union is again what it was', async () => {
      const {stream} = await wantMore();
      await feed(stream.start('backfill', '0/A', keep), stream.rows('1', note('n')));
      wants = ['task'];
      const next = greet();
      expect(next.greeting).to.include({lastLSN: '0/A', have: subscriptionHash(['task'])});
      await feed(next.stream.start('catchup', '0/A'), next.stream.changes('0/B', row('c')), next.stream.complete());
      expect([await ids(), await ids('note')]).to.deep.equal([['a', 'b', 'c'], []]);
    });
    it('is waited for, once rows of it are here, before other wants are told', async () => {
      const {stream} = await wantMore();
      expect(handler.isDueFor(['note', 'task'])).to.equal(false);
      expect(handler.isDueFor(['other'])).to.equal(true);
      await feed(stream.start('backfill', '0/A', keep));
      expect(handler.isDueFor(['other'])).to.equal(true);
      await feed(stream.rows('1', note('n')));
      expect(handler.isDueFor(['other'])).to.equal(false);
      await feed(stream.complete());
      expect(handler.isDueFor(['other'])).to.equal(true);
    });
    it('is cut short while it copies what it keeps, where the line is lost', async () => {
      await wantMore();
      let copied = 0;
      const {promise: lost, resolve: lose} = Promise.withResolvers<void>();
      await lead({
        rows: {
          async *copy() {
            yield {kind: 'rows', text: JSON.stringify({changes: [row('a')]})};
            copied++;
            await lost;
            yield {kind: 'rows', text: JSON.stringify({changes: [row('b')]})};
            copied++;
          },
        },
      });
      const {stream} = greet();
      const fed = feed(stream.start('backfill', '0/A', keep), stream.rows('1', note('n')));
      while (copied === 0) await settle();
      const over = handler.connectionLost();
      lose();
      await Promise.all([over, fed]);
      expect(copied).to.equal(1);
      handler.welcomed('ana');
      expect(greet().greeting).to.not.have.property('snapshot');
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    const lies: [what: string, mode: string, lsn: string, more: object][] = [
      ['a type that was not had', 'backfill', '0/A', {keep: ['note']}],
      ['a type that is not wanted', 'backfill', '0/A', {keep: ['task', 'other']}],
      ['rows as of another time', 'backfill', '0/B', keep],
    ];
    for (const [what, mode, lsn, more] of lies) {
      it(`that counts on ${what} is none`, async () => {
        const {stream} = await wantMore();
        await feed(stream.start(mode, lsn, more), stream.rows('1', note('n')), stream.complete());
        expect(logged('greetAgain')).to.have.length(1);
        expect([await ids(), await ids('note')]).to.deep.equal([['a', 'b'], []]);
      });
    }
    it('that counts on kept rows is none where rows can not be kept', async () => {
      await wantMore();
      await lead({rows: {}});
      const {stream} = greet();
      await feed(stream.start('backfill', '0/A', keep), stream.complete());
      expect(logged('greetAgain')).to.have.length(1);
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
  });

  describe('a snapshot that broke off', () => {
    it('is resumed from its cursor, also by the next leader', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('cursor 1', row('a')));
      await handler.connectionLost();
      handler.welcomed('ana');
      await lead();
      const next = greet();
      expect(next.greeting).to.deep.equal({
        stream: 1,
        generation: 'g',
        lastLSN: '0/A',
        mark: 'm0/A',
        have: 'all',
        snapshot: {lsn: '0/A', cursor: 'cursor 1'},
      });
      await feed(next.stream.start('snapshot', '0/A'), next.stream.rows('2', row('b')), next.stream.complete());
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('begins anew where the server can not go on', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('gone')));
      const next = greet();
      await feed(next.stream.start('snapshot', '0/F'), next.stream.rows('1', row('b')), next.stream.complete());
      expect(await ids()).to.deep.equal(['b']);
      expect(await checkpoint()).to.include({lsn: '0/F'});
    });
    it('is not gone on with for another subscription, though the server stands where it stood', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('old')));
      await lead();
      wants = ['task'];
      const next = greet();
      expect(next.greeting).to.not.have.property('snapshot');
      await feed(next.stream.start('snapshot', '0/A'), next.stream.rows('1', row('new')), next.stream.complete());
      expect(await ids()).to.deep.equal(['new']);
      expect(await checkpoint()).to.deep.include({subscription: subscriptionHash(['task']), wants: ['task']});
    });
    it('leaves the rows in sight that were there', async () => {
      await live();
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/F'), stream.rows('1', row('x')));
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('before its first row, and is followed by a catch-up, hides nothing of that', async () => {
      await live('0/A');
      const first = greet();
      await feed(first.stream.start('backfill', '0/A'));
      const second = greet();
      await feed(
        second.stream.start('catchup', '0/A'),
        second.stream.changes('0/B', row('c')),
        second.stream.complete(),
      );
      expect(await checkpoint()).to.include({lsn: '0/B'});
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      await feed(second.stream.start('backfill', '0/B'));
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });
  });

  describe('a start from what is there', () => {
    it('greets with the checkpoint, catches up, and is live', async () => {
      await live();
      const {greeting, stream} = greet();
      expect(greeting).to.deep.equal({stream: 2, generation: 'g', lastLSN: '0/A', mark: 'm0/A', have: 'all'});
      await feed(stream.start('catchup', '0/A'), stream.changes('0/B', row('c')));
      expect(log).to.include('phase syncing');
      await feed(stream.complete());
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      expect(log.at(-1)).to.equal('phase live');
    });
    it('may be live at once', async () => {
      await live();
      const {stream} = greet();
      await feed(stream.start('live', '0/A'), stream.changes('0/B', row('c')));
      expect(logged('completed')).to.deep.equal(['completed 0/A']);
      expect(await checkpoint()).to.include({lsn: '0/B'});
    });
    it('somewhere else than it said is a gap', async () => {
      await live();
      for (const wrong of [{lsn: '0/9'}, {lsn: '0/B'}, {generation: 'h'}]) {
        log.length = 0;
        const {stream} = greet();
        await feed({...stream.start('catchup', '0/A'), ...wrong}, stream.changes('0/C', row('x')));
        expect(log).to.include('greetAgain');
        expect(await ids()).to.deep.equal(['a', 'b']);
        await live();
      }
    });
  });

  describe('live', () => {
    it('writes each transaction and tells of it once it is durable', async () => {
      const stream = await live();
      await feed(stream.changes('0/B', row('c'), row('d')));
      expect(log).to.deep.equal(['committed 0/B 2', 'received 1 2', 'phase live']);
      expect(await checkpoint()).to.include({lsn: '0/B', mark: 'm0/B'});
    });
    it('joins what came in one turn into one transaction', async () => {
      const stream = await live();
      await feed(stream.changes('0/B', row('c')), stream.head('0/C'), stream.changes('0/D', row('d'), row('e')));
      expect(log).to.deep.equal(['committed 0/D 1+2', 'received 1 4', 'phase live']);
    });
    it('joins what came while a transaction ran', async () => {
      let release = () => {};
      const held = new Promise<void>(resolve => {
        release = resolve;
      });
      let hold = false;
      await lead({committed: () => (hold ? held : Promise.resolve())});
      const stream = await live();
      hold = true;
      const first = feed(stream.changes('0/B', row('c')));
      await settle();
      const rest = [feed(stream.changes('0/C', row('d'))), feed(stream.changes('0/D', row('e')))];
      await settle();
      hold = false;
      release();
      await Promise.all([first, ...rest]);
      expect(logged('committed')).to.deep.equal(['committed 0/B 1', 'committed 0/D 1+1']);
      expect(logged('received')).to.deep.equal(['received 1 2', 'received 1 4']);
    });
    it('joins many small ones that come one after another, and is not busy between', async () => {
      const clock = new FakeClock();
      await clock.advance(1000);
      await lead({clock});
      const stream = await live();
      const come = async (lsn: string) => {
        accept(stream.changes(lsn, row(lsn)));
        for (let turn = 0; turn < 10; turn++) await settle();
      };
      for (const lsn of ['0/B', '0/C', '0/D', '0/E', '0/F', '0/10', '0/11']) await come(lsn);
      expect(logged('committed')).to.deep.equal(['0/B', '0/C', '0/D', '0/E'].map(lsn => `committed ${lsn} 1`));
      expect(handler.isBusy).to.equal(false);
      await clock.advance(16);
      await handler.quiesce();
      expect(logged('committed').slice(4)).to.deep.equal(['committed 0/11 1+1+1']);
      expect(clock.pending).to.equal(0);
    });
    it('waits for no more where much has come', async () => {
      const clock = new FakeClock();
      await lead({clock});
      const stream = await live();
      for (const lsn of ['0/B', '0/C', '0/D', '0/E', '0/F']) {
        accept(stream.changes(lsn, row(lsn)));
        for (let turn = 0; turn < 10; turn++) await settle();
      }
      expect(logged('committed').length).to.equal(4);
      accept(stream.changes('0/10', row('large', {text: 'x'.repeat(70_000)})));
      await handler.quiesce();
      expect(logged('committed').slice(4)).to.deep.equal(['committed 0/10 1+1']);
    });
    it('is not begun, nor completed, a second time', async () => {
      for (const again of [
        (stream: Stream) => stream.start('snapshot', '0/A'),
        (stream: Stream) => stream.complete(),
      ]) {
        const stream = await live();
        await feed(...Array.from({length: 1000}, () => again(stream)));
        expect(log.filter(line => line !== 'greetAgain')).to.deep.equal([]);
        expect(logged('greetAgain')).to.have.length(1);
        expect(await ids()).to.deep.equal(['a', 'b']);
      }
    });
    it('begins anew on the same stream behind a reset', async () => {
      const stream = await live();
      await feed({type: 'reset', generation: 'g', reason: 'trimmed'}, stream.start('snapshot', '0/A'));
      expect(logged('started')).to.deep.equal(['started snapshot']);
      expect(logged('greetAgain')).to.deep.equal([]);
    });
    it('moves the position without rows, and adds no record for it', async () => {
      const stream = await live();
      const before = await records();
      await feedSlowly(stream.head('0/B'), stream.changes('0/C'), stream.head('0/D'));
      expect(await records()).to.equal(before);
      expect(await checkpoint()).to.include({lsn: '0/D', mark: 'm0/D'});
      expect(logged('received').length).to.equal(3);
    });
    it('drops the mark where a frame has none', async () => {
      const stream = await live();
      const {mark: _, ...unmarked} = stream.head('0/B');
      await feed(unmarked);
      expect(await checkpoint()).to.not.have.property('mark');
    });
    it('acknowledges duplicates, and changes nothing by them', async () => {
      const stream = await live();
      const first = stream.changes('0/B', row('c'));
      await feed(first);
      const before = await records();
      await feedSlowly(
        first,
        {...first, n: 3, changes: [row('other content')]},
        {...first, n: 4, lsn: '0/5', prevLSN: '0/1'},
      );
      expect(await records()).to.equal(before);
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      expect(logged('received').slice(-3)).to.deep.equal(['received 1 2', 'received 1 3', 'received 1 4']);
      expect(logged('greetAgain')).to.deep.equal([]);
    });
    it('counts frames from wherever the server does: one numbered 0 is no hole', async () => {
      const stream = await live();
      await feed({...stream.changes('0/B', row('c')), n: 0});
      await feed({...stream.changes('0/C', row('d')), n: 1});
      expect(await checkpoint()).to.include({lsn: '0/C'});
      expect(await ids()).to.deep.equal(['a', 'b', 'c', 'd']);
    });
  });

  describe('parts of a transaction', () => {
    it('are durable one by one, and count with the last', async () => {
      const stream = await live();
      await feed(stream.part('0/B', 1, false, row('c')));
      expect(log).to.deep.equal(['received 1 2', 'phase live']);
      expect(await checkpoint()).to.include({lsn: '0/A'});
      expect(await ids()).to.deep.equal(['a', 'b']);
      await feed(stream.part('0/B', 2, true, row('d')));
      expect(await checkpoint()).to.include({lsn: '0/B'});
      expect(await ids()).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(logged('committed')).to.deep.equal(['committed 0/B all']);
    });
    it('that break off are dropped, and the transaction comes again', async () => {
      const stream = await live();
      await feed(stream.part('0/B', 1, false, row('lost')));
      await handler.connectionLost();
      handler.welcomed('ana');
      const next = greet();
      expect(next.greeting).to.include({lastLSN: '0/A'});
      await feed(next.stream.start('catchup', '0/A'), next.stream.part('0/B', 1, false, row('c')));
      await feed(next.stream.part('0/B', 2, true), next.stream.complete());
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });
    it('without an end are no end: the stream is not complete', async () => {
      const stream = await live();
      await feed(stream.part('0/B', 1, false, row('lost')), {...stream.complete(), lsn: '0/A'});
      expect(log).to.include('greetAgain');
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
  });

  describe('rows without a chain', () => {
    const batch = (lsn: string | undefined, ...data: Change[]) => ({type: 'batch_update', batchId: 'x', data, lsn});
    it('are shown at once, without moving the checkpoint and without an acknowledgement', async () => {
      await live();
      await feed(batch(undefined, row('c')), {...row('d'), type: 'entity_update', lsn: '0/A'});
      expect(await ids()).to.deep.equal(['a', 'b', 'c', 'd']);
      expect((await checkpoint())?.lsn).to.equal('0/A');
      expect(log).to.deep.equal(['committed 0/A 1+1', 'phase live']);
      await feed({type: 'entity_delete', entityType: 'task', entityId: 'a'});
      expect(await ids()).to.deep.equal(['b', 'c', 'd']);
    });
    it('move the checkpoint to a greater LSN, whose mark nobody has told', async () => {
      await live();
      await feed(batch('0/C', row('c')));
      expect(await checkpoint()).to.include({lsn: '0/C'});
      expect(await checkpoint()).to.not.have.property('mark');
      expect(handler.greeting(wants)).to.include({lastLSN: '0/C'});
    });
    it('are dropped where they are older than what is there', async () => {
      const stream = await live();
      await feed(stream.changes('0/C', row('a', {n: 2})));
      await feed(batch('0/B', row('a', {n: 1})));
      const [first] = await new Replica(database, {cacheBytes: 10_000}).list('task', {});
      expect(first).to.deep.equal({id: 'a', n: 2});
      expect((await checkpoint())?.lsn).to.equal('0/C');
    });
    it('come into a snapshot that is staged, and are seen with it', async () => {
      await live();
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/F'), stream.rows('1', row('x')), batch('0/F', row('y')));
      expect(await ids()).to.deep.equal(['a', 'b']);
      await feed(stream.complete());
      expect(await ids()).to.deep.equal(['x', 'y']);
    });
    it('between the parts of a transaction show alone, and are a gap where they would jump over the rest', async () => {
      const stream = await live();
      await feed(stream.part('0/B', 1, false, row('p')), batch(undefined, row('c')));
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
      await feed(batch('0/D', row('d')));
      expect(logged('greetAgain').length).to.equal(1);
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });
    it('before a stream has begun are left to it', async () => {
      await live();
      handler.greeting(wants);
      await feed(batch(undefined, row('c')));
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
  });

  describe('a gap', () => {
    it('applies nothing of it or behind it, and greets once with the next stream', async () => {
      const stream = await live();
      stream.lsn = '0/C';
      await feed(stream.changes('0/D', row('x')), stream.changes('0/E', row('y')), stream.head('0/F'));
      expect(log).to.deep.equal(['greetAgain']);
      expect(await ids()).to.deep.equal(['a', 'b']);
      const {stream: next, lastLSN} = handler.greeting(wants);
      expect(lastLSN).to.equal('0/A');
      expect(next).to.be.greaterThan(stream.stream);
    });
    it('keeps what came before it in the same turn, or has it sent again: the checkpoint and the rows agree', async () => {
      const stream = await live();
      const good = stream.changes('0/B', row('c'));
      stream.lsn = '0/C';
      await feed(good, stream.changes('0/D', row('x')));
      const {lsn} = (await checkpoint()) ?? {};
      expect(handler.greeting(wants)).to.include({lastLSN: lsn});
      expect(await ids()).to.deep.equal(lsn === '0/B' ? ['a', 'b', 'c'] : ['a', 'b']);
    });
    it('greets once, though the end of the dead stream is in the same turn', async () => {
      const stream = await live();
      stream.lsn = '0/C';
      await feed(stream.changes('0/D', row('x')), stream.complete());
      expect(logged('greetAgain').length).to.equal(1);
    });
    it('leaves frames of the old stream unheard', async () => {
      const old = await live();
      const {stream} = greet();
      await feed(stream.start('live', '0/A'));
      log.length = 0;
      await feed(old.changes('0/B', row('x')), old.start('snapshot', '0/0'), old.complete(), old.head('0/C'));
      expect(log).to.deep.equal([]);
      expect(await ids()).to.deep.equal(['a', 'b']);
      await feed(stream.changes('0/B', row('c')));
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });
    it('three times without progress has a snapshot asked for, and the rows stay until it has come', async () => {
      await live();
      for (let round = 1; round <= 3; round++) {
        const {stream} = greet();
        await feed(stream.start('live', '0/A'));
        stream.lsn = '0/C';
        await feed(stream.head('0/D'));
        expect(logged('greetAgain').length).to.equal(round);
      }
      expect(handler.greeting(wants)).to.have.all.keys('stream');
      expect(await checkpoint()).to.equal(undefined);
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('twice, then progress, then twice, does not', async () => {
      await live();
      for (let round = 1; round <= 4; round++) {
        const {greeting, stream} = greet();
        await feed(stream.start('live', greeting.lastLSN ?? ''));
        if (round === 3) await feed(stream.changes('0/B', row('c')));
        stream.lsn = '0/F';
        await feed(stream.head('1/0'));
      }
      expect(handler.greeting(wants)).to.include({lastLSN: '0/B'});
    });
    it('three times together with a reset is not taken for another leader', async () => {
      await live();
      for (let round = 1; round <= 3; round++) {
        const {stream} = greet();
        await feed(stream.start('live', '0/A'));
        stream.lsn = '0/C';
        await feed(stream.head('0/D'), ...(round === 3 ? [{type: 'reset', generation: 'h', reason: 'r'}] : []));
      }
      expect(logged('failed')).to.deep.equal([]);
      expect(handler.greeting(wants)).to.not.have.property('lastLSN');
    });
    it('in a snapshot resumes it', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')));
      stream.lsn = '0/F';
      await feed(stream.head('1/0'));
      expect(log).to.include('greetAgain');
      expect(handler.greeting(wants)).to.deep.include({snapshot: {lsn: '0/A', cursor: '1'}});
    });
    it('is an end of a snapshot that is not where its rows are', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')), {
        ...stream.complete(),
        lsn: '0/B',
      });
      expect(log).to.include('greetAgain');
      expect(await ids()).to.deep.equal([]);
    });
    it('is the rows of a snapshot behind others that did not come, and it goes on where those were due', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')));
      stream.rows('2', row('b'));
      await feed(stream.rows('3', row('c')), stream.complete());
      expect(logged('greetAgain').length).to.equal(1);
      expect(handler.greeting(wants)).to.deep.include({snapshot: {lsn: '0/A', cursor: '1'}});
    });
    it('is an end, or a change, of a snapshot behind rows that did not come', async () => {
      for (const behind of ['end', 'change']) {
        log.length = 0;
        const {stream} = greet();
        await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')));
        stream.rows('2', row('b'));
        await feed(behind === 'end' ? {...stream.complete(), last: stream.n} : stream.changes('0/B', row('c')));
        expect(logged('greetAgain').length, behind).to.equal(1);
        expect(await checkpoint(), behind).to.equal(undefined);
      }
    });
    it('is none where rows come again: they are not laid over what has changed since', async () => {
      const {stream} = greet();
      const rows = [stream.start('snapshot', '0/A'), stream.rows('1', row('a', {title: 'old'}))];
      const more = stream.changes('0/B', row('a', {title: 'new'}));
      await feedSlowly(...rows, more, ...rows.slice(1), {...stream.complete(), last: stream.n});
      expect(logged('greetAgain')).to.deep.equal([]);
      expect(logged('received').at(-1)).to.equal('received 1 2');
      expect(await new Replica(database, {cacheBytes: 10_000}).get('task', 'a')).to.include({title: 'new'});
    });
    it('is a row of a snapshot where none was begun', async () => {
      const stream = await live();
      await feed(stream.rows('1', row('x')));
      expect(log).to.deep.equal(['greetAgain']);
    });
  });

  describe('a reset', () => {
    it('forgets the checkpoint, keeps the rows in sight, and has operations told first', async () => {
      const stream = await live();
      await feed({type: 'reset', generation: 'h', reason: 'restored'});
      expect(await checkpoint()).to.equal(undefined);
      expect(await ids()).to.deep.equal(['a', 'b']);
      // A crash between the two must leave the checkpoint: without it the next server says no reset, and they are lost.
      expect(logged('historyChanged')).to.deep.equal(['historyChanged 0/A']);
      const snapshot = {...stream.start('snapshot', '0/2'), generation: 'h'};
      await feed(snapshot, stream.rows('1', row('new')), {...stream.complete(), generation: 'h'});
      expect(await ids()).to.deep.equal(['new']);
      expect(await checkpoint()).to.include({generation: 'h', lsn: '0/2'});
    });
    it('in the middle of a snapshot gives that up', async () => {
      const {stream} = greet();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('gone')));
      await feed({type: 'reset', generation: 'h', reason: 'restored'}, stream.rows('2', row('gone too')));
      expect(handler.greeting(wants)).to.not.have.property('snapshot');
    });
    it('in answer to an offer to go on with a snapshot drops what was staged, though the new one begins where that did', async () => {
      await feed(greet().stream.start('snapshot', '0/A'), new Stream(1).rows('1', row('gone')));
      const {greeting, stream} = greet();
      expect(greeting).to.have.property('snapshot');
      await feed({type: 'reset', generation: 'g', reason: 'unknown-mark'}, stream.start('snapshot', '0/A'));
      await feed(stream.rows('1', row('new')), stream.complete());
      expect(await ids()).to.deep.equal(['new']);
    });
  });

  describe('the inbox', () => {
    it('holds what comes before it is known whose it is, and applies it then', async () => {
      const {stream} = greet();
      await handler.connectionLost();
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', row('a')), stream.complete());
      expect(await ids()).to.deep.equal([]);
      handler.welcomed('ana');
      await handler.quiesce();
      expect(await ids()).to.deep.equal(['a']);
      expect((await checkpoint())?.subject).to.equal('ana');
    });
    it('takes no more than the server was told that it may send', async () => {
      const {stream} = greet();
      await handler.connectionLost();
      const big = {...row('a'), data: {id: 'a', body: 'x'.repeat(60_000)}};
      await feed(stream.start('snapshot', '0/A'), stream.rows('1', big));
      expect(logged('failed')).to.deep.equal([]);
      await feed(stream.rows('2', big));
      expect(logged('failed')).to.deep.equal(['failed window-exceeded']);
      handler.welcomed('ana');
      await handler.quiesce();
      expect(await ids()).to.deep.equal([]);
    });
    it('makes room as it is emptied: a stream may be as long as it likes', async () => {
      const {stream} = greet();
      const big = {...row('a'), data: {id: 'a', body: 'x'.repeat(60_000)}};
      await feed(stream.start('snapshot', '0/A'));
      for (let index = 0; index < 10; index++) await feed(stream.rows(String(index), big));
      expect(logged('failed')).to.deep.equal([]);
    });
  });

  describe('storage that fails', () => {
    it('is told, and the position is back where it is durable', async () => {
      const stream = await live();
      const transaction = database.transaction.bind(database);
      database.transaction = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
      await feed(stream.changes('0/B', row('c')));
      expect(logged('failed').length).to.equal(1);
      expect(logged('received')).to.deep.equal([]);
      database.transaction = transaction;
      expect(handler.greeting(wants)).to.include({lastLSN: '0/A'});
      const {stream: next} = greet();
      await feed(next.start('catchup', '0/A'), next.changes('0/B', row('c')));
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });
    it('is told as storage-conflict where another leader has taken over, and nothing was written', async () => {
      const stream = await live();
      const former = handler;
      await new Journal(database).promote();
      handler = former;
      await feed(stream.changes('0/B', row('x')), stream.head('0/C'));
      expect(logged('failed')).to.deep.equal(['failed storage-conflict']);
      expect(await ids()).to.deep.equal(['a', 'b']);
      expect(await checkpoint()).to.include({lsn: '0/A'});
    });
    it('is told as storage-conflict for a mere head as well', async () => {
      const stream = await live();
      await new Journal(database).promote();
      await feed(stream.head('0/C'));
      expect(logged('failed')).to.deep.equal(['failed storage-conflict']);
      expect(await checkpoint()).to.include({lsn: '0/A'});
    });
  });

  describe('a connection that is lost', () => {
    it('drops what was not taken yet, and waits for what is being written', async () => {
      const stream = await live();
      const fed = feed(stream.changes('0/B', row('c')));
      await handler.connectionLost();
      handler.welcomed('ana');
      await fed;
      const at = (await checkpoint())?.lsn;
      expect(handler.greeting(wants)).to.include({lastLSN: at});
      expect(await ids()).to.deep.equal(at === '0/B' ? ['a', 'b', 'c'] : ['a', 'b']);
    });
  });

  describe('forgetting on request', () => {
    it('asks for a snapshot next, and keeps the rows in sight', async () => {
      await live();
      await handler.forget();
      expect(handler.greeting(wants)).to.have.all.keys('stream');
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('takes nothing more of a stream that goes on with what is forgotten, and greets anew', async () => {
      const {stream: first} = greet();
      await feed(first.start('snapshot', '0/A'), first.rows('1', row('a')));
      await handler.connectionLost();
      const {greeting, stream} = greet();
      expect(greeting).to.deep.include({snapshot: {lsn: '0/A', cursor: '1'}});
      await handler.forget();
      log.length = 0;
      // The rest of the snapshot only: what stood before the cursor is gone.
      handler.welcomed('ana');
      await feed(stream.start('snapshot', '0/A'), stream.rows('2', row('b')), stream.complete());
      expect(log).to.deep.equal(['greetAgain']);
      expect(await checkpoint()).to.equal(undefined);
      expect(greet().greeting).to.have.all.keys('stream');
    });
    it('is not undone by a greeting that is made meanwhile', async () => {
      await live();
      const forgetting = handler.forget();
      const {stream} = greet();
      await forgetting;
      await feed(stream.start('live', '0/A'), stream.changes('0/B', row('x')));
      expect(logged('received')).to.deep.equal([]);
      expect(await ids()).to.deep.equal(['a', 'b']);
    });
    it('is not disturbed by a stream that begins meanwhile', async () => {
      await live();
      const {stream} = greet();
      const forgetting = handler.forget();
      await settle();
      await feed(stream.start('snapshot', '0/F'));
      await forgetting;
      expect(logged('failed')).to.deep.equal([]);
    });
  });
});
