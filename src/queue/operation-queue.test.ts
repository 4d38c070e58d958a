import {expect} from '@open-wc/testing';
import {rejection, rejectionCode} from '../../test/helpers/errors.js';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {openTab, SERVER, type Tab, upsert} from '../../test/helpers/outbox.js';
import {Disk, freshName, STORAGES} from '../../test/helpers/storage.js';
import type {Limits, OperationAckFrame, OperationNackFrame} from '../protocol/protocol.js';

const ack = (id: string, more: Partial<OperationAckFrame> = {}): OperationAckFrame => ({
  type: 'operation_ack',
  id,
  status: 'applied',
  generation: 'g',
  lsn: '0/A',
  ...more,
});
const nack = (id: string, more: Partial<OperationNackFrame> = {}): OperationNackFrame => ({
  type: 'operation_nack',
  id,
  code: 'forbidden',
  message: 'No',
  retryable: false,
  ...more,
});
const reach = (lsn: string, generation = 'g') => ({generation, lsn});

for (const [name, make] of STORAGES) {
  describe(`the queue, in ${name}`, () => {
    let disk: Disk;
    let place: string;
    let clock: FakeClock;
    let tab: Tab;

    const open = async (limits: Partial<Limits> = {}) => openTab(await disk.openClient(place), clock, limits);
    const enqueue = (...operations: ReturnType<typeof upsert>[]) =>
      operations.reduce<Promise<unknown>>(
        (before, one) => before.then(() => tab.queue.enqueue(one)),
        Promise.resolve(),
      );
    const take = async (from = tab) => (await from.queue.takeSendable(SERVER)).map(({id}) => id);
    const stages = (of = tab) => [...of.outbox.records.values()].map(({id, stage}) => `${id} ${stage}`);

    beforeEach(async () => {
      disk = new Disk(make());
      place = freshName('queue');
      clock = new FakeClock();
      tab = await open();
    });
    afterEach(() => disk.clear());

    describe('enqueue', () => {
      it('resolves with the id once another tab can read it', async () => {
        expect(await tab.queue.enqueue(upsert('a'))).to.equal('a');
        expect(stages(await open())).to.deep.equal(['a queued']);
        expect(tab.hints).to.deep.equal([[1]]);
      });
      it('twice with the same id and content is one operation', async () => {
        await enqueue(upsert('a'), upsert('a'));
        expect(stages()).to.deep.equal(['a queued']);
      });
      it('twice at once is one operation', async () => {
        expect(await Promise.all([tab.queue.enqueue(upsert('a')), tab.queue.enqueue(upsert('a'))])).to.deep.equal([
          'a',
          'a',
        ]);
        expect(stages(await open())).to.deep.equal(['a queued']);
      });
      it('in two tabs at once is one operation', async () => {
        const other = await open();
        await Promise.all([tab.queue.enqueue(upsert('a')), other.queue.enqueue(upsert('a'))]);
        expect(stages(await open())).to.deep.equal(['a queued']);
        expect([stages(), stages(other)]).to.deep.equal([['a queued'], ['a queued']]);
      });
      it('with the id of another content is refused, also at once and in two tabs', async () => {
        const different = upsert('a', '1', {payload: {title: 'other'}});
        await tab.queue.enqueue(upsert('a'));
        expect(await rejectionCode(tab.queue.enqueue(different))).to.equal('id-reused');
        const other = await open();
        const both = await Promise.allSettled([
          tab.queue.enqueue(upsert('b')),
          other.queue.enqueue(upsert('b', '1', {payload: {title: 'other'}})),
        ]);
        expect(both.map(({status}) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
        expect(stages(await open())).to.deep.equal(['a queued', 'b queued']);
      });
      it('again after it was settled is the same operation, though its content is forgotten', async () => {
        await enqueue(upsert('a'));
        await take();
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.reached(reach('0/A'));
        expect(await tab.queue.enqueue(upsert('a'))).to.equal('a');
        expect(await take()).to.deep.equal([]);
      });
      it('into a full queue is refused, and says how full', async () => {
        tab = await open({queueCount: 2});
        await enqueue(upsert('a'), upsert('b'));
        const error = await rejection(tab.queue.enqueue(upsert('c')));
        expect(error).to.include({code: 'queue-full', action: 'review'});
        expect(error.message).to.contain('2');
        await tab.queue.discard('a');
        expect(await tab.queue.enqueue(upsert('c'))).to.equal('c');
      });
      it('of more bytes than the queue may hold is refused', async () => {
        tab = await open({queueBytes: 500});
        await enqueue(upsert('a'));
        const large = upsert('b', '1', {payload: {text: 'ü'.repeat(200)}});
        expect(await rejectionCode(tab.queue.enqueue(large))).to.equal('queue-full');
      });
      it('counts failed ones as full, and remembered ones not', async () => {
        tab = await open({queueCount: 1});
        await enqueue(upsert('a'));
        await take();
        await tab.queue.refused(nack('a'));
        expect(await rejectionCode(tab.queue.enqueue(upsert('b')))).to.equal('queue-full');
        await tab.queue.retry('a');
        await take();
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.reached(reach('0/A'));
        expect(await tab.queue.enqueue(upsert('b'))).to.equal('b');
      });
      it('after logout is refused', async () => {
        await tab.outbox.bury();
        expect(await rejectionCode(tab.queue.enqueue(upsert('a')))).to.equal('logged-out');
      });
      it('keeps a hundred from two tabs in one order', async () => {
        const other = await open();
        const all = Array.from({length: 50}, (_, index) => [
          tab.queue.enqueue(upsert(`t${index}`)),
          other.queue.enqueue(upsert(`o${index}`)),
        ]).flat();
        await Promise.all(all);
        await Promise.all([tab.outbox.load(), other.outbox.load()]);
        expect(stages().length).to.equal(100);
        expect(stages(other)).to.deep.equal(stages());
        for (const prefix of ['t', 'o']) {
          const own = [...tab.outbox.records.values()].map(({id}) => id).filter(id => id.startsWith(prefix));
          expect(own).to.deep.equal(Array.from({length: 50}, (_, index) => `${prefix}${index}`));
        }
      });
    });

    describe('waiting for an operation', () => {
      it('of another tab begins at once, though no hint of it has come', async () => {
        const other = await open();
        await tab.queue.enqueue(upsert('a'));
        const waits = other.queue.settled('a', 'applied', new AbortController().signal);
        await tab.queue.takeSendable(SERVER);
        await tab.queue.acknowledged(ack('a'));
        await other.outbox.reread([1]);
        expect((await waits).status).to.equal('applied');
      });
      it('that nobody knows is refused', async () => {
        const waits = tab.queue.settled('a', 'applied', new AbortController().signal);
        expect(await rejectionCode(waits)).to.equal('unknown-operation');
      });
    });

    describe('sending', () => {
      it('marks what goes out as sent, durably, and gives it as the wire wants it', async () => {
        await enqueue(upsert('a', '1', {partial: true, base: {rev: 1}, priority: 3}));
        const [wire] = await tab.queue.takeSendable(SERVER);
        expect(wire).to.deep.equal({
          id: 'a',
          seq: 1,
          type: 'upsert',
          entityType: 'task',
          entityId: '1',
          payload: {title: 'a'},
          partial: true,
          base: {rev: 1},
          timestamp: clock.now(),
        });
        expect(stages(await open())).to.deep.equal(['a sent']);
        expect(tab.queue.facts()).to.include({
          pending: 1,
          inFlight: 1,
          failed: 0,
          oldestPendingAt: clock.now(),
        });
        expect(tab.queue.isSending).to.equal(true);
      });
      it('sends nothing twice on one connection', async () => {
        await enqueue(upsert('a'));
        expect(await take()).to.deep.equal(['a']);
        expect(await take()).to.deep.equal([]);
      });
      it('sends the same ids again when the connection was lost', async () => {
        await enqueue(upsert('a'), upsert('b'));
        await take();
        tab.queue.connectionLost();
        expect(await take()).to.deep.equal(['a', 'b']);
      });
      it('sends what another tab of a dead leader had sent', async () => {
        await enqueue(upsert('a'));
        await take();
        expect(await take(await open())).to.deep.equal(['a']);
      });
      it('orders what both tabs wrote for one key, though no hint came', async () => {
        const other = await open();
        await other.queue.enqueue(upsert('first'));
        await tab.queue.enqueue(upsert('second', '1', {priority: 9}));
        expect(await take()).to.deep.equal(['first', 'second']);
        expect(tab.queue.settledFloor).to.equal(1);
      });
      it('sets aside what is too large for this server, with those behind it', async () => {
        await enqueue(upsert('big', '1', {payload: {text: 'x'.repeat(500)}}), upsert('behind', '1'), upsert('c', '2'));
        expect((await tab.queue.takeSendable({...SERVER, operation: 200})).map(({id}) => id)).to.deep.equal(['c']);
        expect(stages()).to.deep.equal(['big failed', 'behind failed', 'c sent']);
        expect(tab.failed.map(([id, {code}]) => `${id} ${code}`)).to.deep.equal([
          'big operation-too-large',
          'behind blocked',
        ]);
      });
      it('sends nothing that was discarded while it was being marked', async () => {
        await enqueue(upsert('a', '1'), upsert('b', '2'));
        const other = await open();
        await other.queue.discard('a');
        expect(await take()).to.deep.equal(['b']);
        await tab.queue.acknowledged(ack('b'));
        expect(tab.queue.isSending).to.equal(false);
      });
      it('can be tried again where marking failed', async () => {
        await enqueue(upsert('a'));
        const {outbox} = tab;
        const update = outbox.update.bind(outbox);
        outbox.update = () => Promise.reject(new Error('disk'));
        expect(
          await tab.queue.takeSendable(SERVER).then(
            () => 'sent',
            () => 'failed',
          ),
        ).to.equal('failed');
        outbox.update = update;
        expect(tab.queue.isSending).to.equal(false);
        expect(await take()).to.deep.equal(['a']);
      });
      it('calls an answer overdue after half a minute, and not once it has come', async () => {
        await enqueue(upsert('a'));
        await take();
        await clock.advance(29_000);
        expect(tab.queue.answerOverdue).to.equal(false);
        await clock.advance(2_000);
        expect(tab.queue.answerOverdue).to.equal(true);
        await tab.queue.acknowledged(ack('a'));
        expect(tab.queue.answerOverdue).to.equal(false);
      });
    });

    describe('an ack', () => {
      beforeEach(async () => {
        await enqueue(upsert('a'));
        await take();
      });
      it('makes it applied, and the rows make it done', async () => {
        await tab.queue.acknowledged(ack('a', {lsn: '0/A'}));
        expect(stages()).to.deep.equal(['a applied']);
        await tab.queue.reached(reach('0/9'));
        expect(stages()).to.deep.equal(['a applied']);
        await tab.queue.reached(reach('0/10'));
        expect(stages()).to.deep.equal(['a done']);
        expect(tab.outbox.find('a')?.record).to.not.have.property('payload');
        expect(tab.applied.map(({status}) => status)).to.deep.equal(['applied']);
        expect(tab.queue.facts().pending).to.equal(0);
      });
      it('that comes behind the rows is done with the next look', async () => {
        await tab.queue.reached(reach('0/B'));
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.reached(reach('0/B'));
        expect(stages()).to.deep.equal(['a done']);
      });
      it('twice is one', async () => {
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.acknowledged(ack('a', {status: 'duplicate', lsn: '0/F'}));
        expect(tab.outbox.find('a')?.record).to.include({status: 'applied', lsn: '0/A'});
        expect(tab.applied.length).to.equal(1);
      });
      it('and then a nack is an ack', async () => {
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.refused(nack('a'));
        await tab.queue.refused(nack('a', {retryable: true}));
        expect(stages()).to.deep.equal(['a applied']);
        expect(tab.failed).to.deep.equal([]);
      });
      it('for nothing, or for an operation of another client, is nothing', async () => {
        await tab.queue.acknowledged(ack('stranger'));
        await tab.queue.refused(nack('stranger'));
        await tab.queue.refused(nack('__proto__', {retryable: true}));
        expect(stages()).to.deep.equal(['a sent']);
      });
      it('after the operation was discarded is nothing', async () => {
        await tab.queue.discard('a');
        await tab.queue.acknowledged(ack('a'));
        expect(stages()).to.deep.equal([]);
        expect(tab.queue.isSending).to.equal(false);
      });
      it('lets the next one of its key go', async () => {
        await enqueue(upsert('b'));
        expect(await take()).to.deep.equal([]);
        await tab.queue.acknowledged(ack('a'));
        expect(await take()).to.deep.equal(['b']);
      });
      it('is seen by another tab, who is told once as well', async () => {
        const other = await open();
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.reached(reach('0/A'));
        for (const hint of tab.hints) await other.outbox.reread(hint);
        expect(stages(other)).to.deep.equal(['a done']);
        expect(other.applied.length).to.equal(1);
      });
    });

    describe('a refusal', () => {
      it('that may be retried waits, longer each time, and then goes out again', async () => {
        await enqueue(upsert('a'));
        for (const wait of [1000, 2000, 4000]) {
          expect(await take()).to.deep.equal(['a']);
          await tab.queue.refused(nack('a', {retryable: true}));
          expect(tab.queue.nextDueAt).to.equal(clock.monotonic() + wait);
          await clock.advance(wait - 1);
          expect(await take()).to.deep.equal([]);
          await clock.advance(1);
          expect(tab.queue.nextDueAt).to.equal(undefined);
        }
        expect(tab.outbox.find('a')?.record.attempts).to.equal(3);
      });
      it('that names a time waits for that', async () => {
        await enqueue(upsert('a'));
        await take();
        await tab.queue.refused(nack('a', {retryable: true, retryAfter: 77_000}));
        expect(tab.queue.nextDueAt).to.equal(clock.monotonic() + 77_000);
      });
      it('that is no more to be waited for sets no timer', async () => {
        await enqueue(upsert('a'));
        await take();
        await tab.queue.refused(nack('a', {retryable: true, retryAfter: 77_000}));
        await tab.queue.discard('a');
        expect(tab.queue.nextDueAt).to.equal(undefined);
      });
      it('for good sets it aside with its row, and what stands behind it for its key', async () => {
        await enqueue(upsert('a'), upsert('b'), upsert('c', '2'), upsert('d', '3', {after: ['b']}), upsert('e', '3'));
        await take();
        await tab.queue.refused(nack('a', {code: 'conflict', row: {title: 'theirs'}}));
        expect(stages()).to.deep.equal(['a failed', 'b failed', 'c sent', 'd failed', 'e failed']);
        expect(tab.failed.map(([id, {code}]) => `${id} ${code}`)).to.deep.equal([
          'a conflict',
          'b blocked',
          'd blocked',
          'e blocked',
        ]);
        expect(tab.outbox.find('a')?.record).to.deep.include({row: {title: 'theirs'}, attempts: 1});
        expect(tab.queue.facts()).to.include({failed: 4, pending: 1});
        await tab.queue.retry('a');
        expect(stages()).to.deep.equal(['c sent', 'a queued', 'b queued', 'd queued', 'e queued']);
      });
      it('of an older one is no refusal of a younger one that was answered', async () => {
        await enqueue(upsert('a'), upsert('b'));
        await take();
        await tab.queue.acknowledged(ack('b'));
        await tab.queue.refused(nack('a'));
        expect(stages()).to.deep.equal(['a failed', 'b applied']);
      });
      it('twice is told once', async () => {
        await enqueue(upsert('a'));
        await take();
        await tab.queue.refused(nack('a'));
        await tab.queue.refused(nack('a'));
        expect(tab.failed.length).to.equal(1);
      });
    });

    describe('a dead letter', () => {
      beforeEach(async () => {
        await enqueue(upsert('a'), upsert('b'), upsert('w', '9', {after: ['a']}), upsert('c', '2'));
        await take();
        await tab.queue.refused(nack('a'));
        await tab.queue.refused(nack('b', {code: 'blocked'}));
        await tab.queue.refused(nack('c'));
        expect(stages()).to.deep.equal(['a failed', 'b failed', 'w failed', 'c failed']);
      });
      it('that is retried goes to the end of the queue, with those that waited for it', async () => {
        await tab.queue.retry('a');
        expect(stages()).to.deep.equal(['c failed', 'a queued', 'b queued', 'w queued']);
        expect(tab.outbox.find('a')?.record).to.not.have.any.keys('error', 'row', 'endedAt');
        expect(await take()).to.deep.equal(['a', 'b']);
      });
      it('is retried with all others where none is named', async () => {
        await tab.queue.retry(null);
        expect(stages()).to.deep.equal(['a queued', 'b queued', 'w queued', 'c queued']);
      });
      it('is retried once, though two tabs ask at once', async () => {
        const other = await open();
        await Promise.allSettled([tab.queue.retry('a'), other.queue.retry('a')]);
        await Promise.all([tab.outbox.load(), other.outbox.load()]);
        const expected = ['c failed', 'a queued', 'b queued', 'w queued'];
        expect([stages(), stages(other), stages(await open())]).to.deep.equal([expected, expected, expected]);
      });
      it('may be retried again after the next refusal', async () => {
        await tab.queue.retry('a');
        await take();
        await tab.queue.refused(nack('a'));
        await tab.queue.refused(nack('b', {code: 'blocked'}));
        expect(tab.outbox.find('a')?.record).to.include({stage: 'failed', attempts: 2});
        await tab.queue.retry('a');
        expect(await take()).to.deep.equal(['a', 'b']);
      });
      it('that is discarded is gone, and only it', async () => {
        await tab.queue.discard('a');
        expect(stages()).to.deep.equal(['b failed', 'w failed', 'c failed']);
        await tab.queue.discard(null);
        expect(stages()).to.deep.equal([]);
      });
      it('that is replaced has the other in its place, before those behind it', async () => {
        await tab.queue.replace('a', upsert('new'));
        expect(stages()).to.deep.equal(['c failed', 'new queued', 'b queued', 'w queued']);
        expect(await take()).to.deep.equal(['new', 'b', 'w']);
      });
      it('may be replaced under its own id', async () => {
        await tab.queue.replace('a', upsert('a', '1', {payload: {title: 'mended'}}));
        expect(tab.outbox.find('a')?.record).to.deep.include({stage: 'queued', payload: {title: 'mended'}});
      });
      it('is not replaced by one that is queued already', async () => {
        await enqueue(upsert('x'));
        expect(await rejectionCode(tab.queue.replace('a', upsert('x')))).to.equal('id-reused');
        expect(stages()).to.contain('a failed');
      });
      it('is replaced by one tab, though two ask at once', async () => {
        const other = await open();
        const both = await Promise.allSettled([
          tab.queue.replace('a', upsert('mine')),
          other.queue.replace('a', upsert('theirs')),
        ]);
        expect(both.map(({status}) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
        expect(stages(await open()).filter(each => /mine|theirs/.test(each)).length).to.equal(1);
      });
      it('that is none can not be retried, discarded or replaced', async () => {
        expect(await rejectionCode(tab.queue.retry('z'))).to.equal('unknown-operation');
        expect(await rejectionCode(tab.queue.discard('z'))).to.equal('unknown-operation');
        expect(await rejectionCode(tab.queue.replace('z', upsert('n')))).to.equal('unknown-operation');
      });
      it('comes back in no tab after logout', async () => {
        const other = await open();
        await tab.outbox.bury();
        await Promise.allSettled([other.queue.retry(null), other.queue.replace('a', upsert('n'))]);
        expect(stages(await open())).to.deep.equal([]);
      });
      it('is shown with its reason, and the queue oldest first', async () => {
        await enqueue(upsert('x', '7'));
        expect(tab.queue.operations(null).map(({id}) => id)).to.deep.equal(['a', 'b', 'w', 'c', 'x']);
        expect(tab.queue.operations('queued').map(({id}) => id)).to.deep.equal(['x']);
        expect(tab.queue.operations('failed')[0]).to.deep.include({
          id: 'a',
          payload: {title: 'a'},
          error: {code: 'forbidden', message: 'No'},
        });
      });
    });

    describe('a new history of the server', () => {
      it('sends again what was applied and not seen; what is under way has its answer to come', async () => {
        await enqueue(upsert('a', '1'), upsert('b', '2'), upsert('c', '3'));
        await take();
        await tab.queue.acknowledged(ack('a'));
        await tab.queue.reached(reach('0/A'));
        await tab.queue.acknowledged(ack('b', {lsn: '0/B'}));
        await tab.queue.historyChanged();
        expect(stages()).to.deep.equal(['a done', 'b sent', 'c sent']);
        expect(tab.outbox.find('b')?.record).to.not.have.any.keys('lsn', 'generation');
        expect(await take()).to.deep.equal(['b']);
        tab.queue.connectionLost();
        expect(await take()).to.deep.equal(['b', 'c']);
      });
      it('forgets how far the rows of the old one reached', async () => {
        await tab.queue.reached(reach('0/F'));
        await tab.queue.historyChanged();
        await enqueue(upsert('a', '1'));
        await take();
        await tab.queue.acknowledged(ack('a', {lsn: '0/3'}));
        expect(stages()).to.deep.equal(['a applied']);
      });
    });

    describe('clearing', () => {
      it('drops what was never sent, keeps what may have been applied, and tells those who wait', async () => {
        await enqueue(upsert('a'));
        await take();
        await enqueue(upsert('b'), upsert('c', '2'));
        const waiting = tab.queue.settlements.wait(
          'b',
          tab.outbox.find('b')?.record,
          'sent',
          new AbortController().signal,
        );
        const code = rejectionCode(waiting);
        await tab.queue.clear();
        expect(stages()).to.deep.equal(['a sent']);
        expect(await code).to.equal('cancelled');
      });
      it('of nothing is nothing', () => tab.queue.clear());
    });

    describe('the settled floor', () => {
      it('is the lowest that is not settled, seen rows included', async () => {
        expect(tab.queue.settledFloor).to.equal(1);
        await enqueue(upsert('a', '1'), upsert('b', '2'), upsert('c', '3'));
        expect(tab.queue.settledFloor).to.equal(1);
        await take();
        await tab.queue.acknowledged(ack('b'));
        await tab.queue.reached(reach('0/A'));
        expect(tab.queue.settledFloor).to.equal(1);
        await tab.queue.acknowledged(ack('a', {lsn: '0/C'}));
        expect(tab.queue.settledFloor).to.equal(1);
        await tab.queue.reached(reach('0/C'));
        expect(tab.queue.settledFloor).to.equal(3);
        await tab.queue.refused(nack('c'));
        expect(tab.queue.settledFloor).to.equal(4);
      });
      it('never goes back, for a retried one has a new number', async () => {
        await enqueue(upsert('a', '1'), upsert('b', '2'));
        await take();
        await tab.queue.refused(nack('a'));
        await tab.queue.acknowledged(ack('b'));
        await tab.queue.reached(reach('0/A'));
        const before = tab.queue.settledFloor;
        await tab.queue.retry('a');
        expect(tab.queue.settledFloor).to.be.at.least(before);
      });
    });
  });
}

describe('the memory of what was settled', () => {
  let disk: Disk;
  let clock: FakeClock;
  let tab: Tab;
  beforeEach(async () => {
    disk = new Disk();
    clock = new FakeClock();
    tab = await openTab(await disk.openClient(), clock);
  });
  afterEach(() => disk.clear());

  const settle = async (from: number, to: number) => {
    const settled = Array.from({length: to - from}, (_, index) => ({
      ...upsert(`o${from + index}`),
      key: 'k',
      priority: 0,
      stage: 'applied' as const,
      createdAt: 1,
      attempts: 0,
      bytes: 1,
      generation: 'g',
      lsn: '0/1',
    }));
    await tab.outbox.append(settled);
    await tab.queue.reached(reach('0/1'));
  };

  it('holds the last thousand, and forgets the oldest', async () => {
    await settle(0, 1010);
    expect(tab.outbox.records.size).to.equal(1010);
    await tab.queue.reached(reach('0/1'));
    expect(tab.outbox.records.size).to.equal(1000);
    expect(tab.outbox.find('o9')).to.equal(undefined);
    expect(tab.outbox.find('o10')?.record.stage).to.equal('done');
  });
  it('holds them for a week', async () => {
    const day = 24 * 3_600_000;
    await settle(0, 2);
    await clock.advance(6 * day);
    await settle(2, 4);
    expect(tab.outbox.records.size).to.equal(4);
    await clock.advance(day);
    await tab.queue.reached(reach('0/1'));
    expect([...tab.outbox.records.values()].map(({id}) => id)).to.deep.equal(['o2', 'o3']);
    expect(await rejectionCode(tab.queue.settled('o0', 'applied', new AbortController().signal))).to.equal(
      'unknown-operation',
    );
  });
});
