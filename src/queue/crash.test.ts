import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {openTab, SERVER, type Tab, upsert} from '../../test/helpers/outbox.js';
import {Disk} from '../../test/helpers/storage.js';
import type {StorageDatabase} from '../platform/storage.js';
import {type OperationAckFrame, type OperationNackFrame, SyncError, type WireOperation} from '../protocol/protocol.js';

/** What strikes a transaction: the process ends before its commit, or after it and before anybody hears; or no room. */
type Fault = 'before' | 'after' | 'quota';

/** The disk, with a fault at the n-th transaction. A process that ended hears nothing any more. */
function faulty(database: StorageDatabase<'outbox'>, n: number, fault: Fault) {
  let count = 0;
  let over = false;
  const never = new Promise<never>(() => {});
  const {promise: ended, resolve: end} = Promise.withResolvers<undefined>();
  const finish = () => {
    over = true;
    end(undefined);
    return never;
  };
  const wrapped: StorageDatabase<'outbox'> = {
    async transaction(stores, mode, run, durability) {
      const strikes = count++ === n;
      if (over) return never;
      if (strikes && fault === 'quota' && mode === 'readwrite') throw new SyncError('quota-exceeded', 'full');
      if (strikes && fault === 'before') return finish();
      const result = await database.transaction(stores, mode, run, durability);
      if (strikes && fault === 'after') return finish();
      return over ? never : result;
    },
    close: () => database.close(),
  };
  return {wrapped, hasStruck: () => count > n, ended, isOver: () => over};
}

/** As the real one does it: each once by its id, in the order of the wire; what is poisoned is refused, with its lane. */
class Server {
  readonly effects: string[] = [];
  #lsn = 0;
  readonly #records = new Map<string, {lsn: string; body: string}>();
  /** Operations that are put off once. */
  readonly #busy = new Set(['busy']);

  take(ops: readonly WireOperation[]): (OperationAckFrame | OperationNackFrame)[] {
    const refused = new Map<string, boolean>();
    return ops.map(op => {
      const nack = (code: string, retryable: boolean): OperationNackFrame => {
        refused.set(op.entityId ?? '', retryable);
        return {type: 'operation_nack', id: op.id, code, message: '', retryable};
      };
      const body = JSON.stringify([op.entityId, op.payload]);
      const record = this.#records.get(op.id);
      if (record) {
        if (record.body !== body) return nack('id-reused', false);
        return {type: 'operation_ack', id: op.id, status: 'duplicate', generation: 'g', lsn: record.lsn};
      }
      const before = refused.get(op.entityId ?? '');
      if (before !== undefined) return nack('blocked', before);
      if (op.id === 'poison') return nack('constraint', false);
      if (this.#busy.delete(op.id)) return nack('busy', true);
      const lsn = `0/${(++this.#lsn).toString(16).toUpperCase()}`;
      this.effects.push(op.id);
      this.#records.set(op.id, {lsn, body});
      return {type: 'operation_ack', id: op.id, status: 'applied', generation: 'g', lsn};
    });
  }

  get head() {
    return {generation: 'g', lsn: `0/${this.#lsn.toString(16).toUpperCase()}`};
  }
}

const WORK = [
  upsert('a1', 'a'),
  upsert('poison', 'p'),
  upsert('b1', 'b'),
  upsert('behind', 'p'),
  upsert('a2', 'a'),
  upsert('busy', 'c'),
  upsert('c2', 'c'),
  upsert('child', 'd', {after: ['a2']}),
];
const GOOD = ['a1', 'a2', 'b1', 'busy', 'c2', 'child'];

/** Sends until nothing may go any more, each answer twice, the rows now before and now behind it. */
async function send({queue}: Tab, server: Server, clock: FakeClock, ended: Promise<undefined>): Promise<void> {
  for (let round = 0; round < 8; round++) {
    const ops = await attempt(() => queue.takeSendable(SERVER), ended);
    for (const answer of server.take(ops ?? [])) {
      const tell = () => (answer.type === 'operation_ack' ? queue.acknowledged(answer) : queue.refused(answer));
      if (round % 2) await attempt(() => queue.reached(server.head), ended);
      await attempt(() => Promise.all([tell(), tell()]), ended);
    }
    await attempt(() => queue.reached(server.head), ended);
    await clock.advance(2000);
  }
}

/** What the work comes to; undefined where storage refused it, or where the process ended in the middle of it. */
function attempt<T>(work: () => Promise<T>, ended: Promise<undefined>): Promise<T | undefined> {
  const done = work().catch(error => {
    if (error instanceof SyncError && error.code === 'quota-exceeded') return undefined;
    throw error;
  });
  return Promise.race([done, ended]);
}

/** One life with a fault, and another one that finds what it left. False: the fault came too late to strike. */
async function life(n: number, fault: Fault): Promise<boolean> {
  const disk = new Disk();
  const clock = new FakeClock();
  const server = new Server();
  const database = await disk.openClient('d');
  const {wrapped, hasStruck, ended, isOver} = faulty(database as unknown as StorageDatabase<'outbox'>, n, fault);
  const accepted: string[] = [];
  const first = await attempt(() => openTab(wrapped, clock), ended);
  if (first) {
    for (const operation of WORK) {
      let id = await attempt(() => first.queue.enqueue(operation), ended);
      // Somebody makes room, and the page tries again.
      if (id === undefined && !isOver()) id = await first.queue.enqueue(operation);
      if (id !== undefined) accepted.push(id);
    }
    if (!isOver()) await send(first, server, clock, ended);
    if (!isOver()) await attempt(() => first.queue.retry(null).catch(ignoreUnknown), ended);
    if (!isOver()) await send(first, server, clock, ended);
  }
  const tab = await openTab(database, clock);
  const present = [...tab.outbox.records.values()].map(({id}) => id);
  for (const id of accepted) expect(present, `${id} was accepted and is gone`).to.contain(id);
  // The page asks again for what it never heard of, as the manager does.
  for (const operation of WORK) await tab.queue.enqueue(operation);
  await tab.queue.reached(server.head);
  await send(tab, server, clock, new Promise(() => {}));

  expect([...server.effects].sort(), 'each took effect once').to.deep.equal(GOOD);
  for (const [before, after] of [
    ['a1', 'a2'],
    ['busy', 'c2'],
    ['a2', 'child'],
  ] as const) {
    expect(server.effects.indexOf(before), `${before} before ${after}`).to.be.below(server.effects.indexOf(after));
  }
  const stages = Object.fromEntries([...tab.outbox.records.values()].map(({id, stage}) => [id, stage]));
  expect(stages).to.deep.equal({
    ...Object.fromEntries(GOOD.map(id => [id, 'done'])),
    poison: 'failed',
    behind: 'failed',
  });
  expect(tab.queue.facts()).to.deep.equal({pending: 0, inFlight: 0, failed: 2, oldestPendingAt: null});
  expect(tab.queue.settledFloor).to.equal(tab.outbox.lastSeq + 1);
  const again = await openTab(database, clock);
  expect(again.queue.facts()).to.deep.equal(tab.queue.facts());
  await disk.clear();
  return hasStruck();
}

function ignoreUnknown(error: unknown): void {
  if (!(error instanceof SyncError) || error.code !== 'unknown-operation') throw error;
}

describe('whatever the transaction at which it strikes, nothing is lost, doubled, or stuck', () => {
  for (const [fault, what] of [
    ['before', 'the end of the process before a commit'],
    ['after', 'the end of the process after a commit, before anybody hears of it'],
    ['quota', 'a full disk'],
  ] as const) {
    it(what, async function () {
      this.timeout(30_000);
      let n = 0;
      for (;;) {
        try {
          if (!(await life(n, fault))) break;
        } catch (cause) {
          throw new Error(`transaction ${n}: ${cause}`, {cause});
        }
        n++;
      }
      // Every kind of write was struck, not only the first few.
      expect(n).to.be.above(20);
    });
  }
});
