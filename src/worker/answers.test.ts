import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {upsert} from '../../test/helpers/outbox.js';
import {type EngineRequest, SyncError} from '../protocol/protocol.js';
import {answer} from './answers.js';
import type {Client} from './client.js';
import type {SyncEngine} from './sync-engine.js';

/** A local database that was left, or not, whose queue writes down what it is asked. */
class Database {
  readonly asked: string[] = [];
  readonly subject: string | null;
  left = false;

  constructor(subject: string | null) {
    this.subject = subject;
  }

  get client(): Client {
    const take = async (id: string) => {
      if (this.left) throw new SyncError('storage-closed', 'The database is closed');
      this.asked.push(id);
      return id;
    };
    const queue = {enqueue: ({id}: {id: string}) => take(id), settled: take, operations: () => take('all')};
    return {subject: this.subject, queue} as unknown as Client;
  }
}

/** An engine that changes from one database to the next: when the first is asked, or before that while the request waits. */
function engineBetween(before: Database, after: Database, when: 'asked' | 'waiting'): SyncEngine {
  const clients = new Map([before, after].map(database => [database, database.client]));
  let present = before;
  const keeper = {
    get subject() {
      return present.subject;
    },
    async client() {
      before.left = true;
      if (when === 'waiting') present = after;
      return clients.get(present);
    },
    async hasLeft(client: Client) {
      present = after;
      return client !== clients.get(after);
    },
  };
  return {keeper} as unknown as SyncEngine;
}

const enqueue: EngineRequest = {do: 'enqueue', operation: upsert('a')};
const ask = (engine: SyncEngine, request: EngineRequest) => answer(engine, request, new AbortController().signal);

describe('a request that waits while another database takes the place of the open one', () => {
  for (const when of ['asked', 'waiting'] as const) {
    describe(when === 'asked' ? 'after it was asked of the first' : 'before it was asked', () => {
      it('goes along with work that was nobody’s to whoever it belongs to now', async () => {
        const ann = new Database('ann');
        await ask(engineBetween(new Database(null), ann, when), enqueue);
        expect(ann.asked).to.deep.equal(['a']);
      });
      it('goes along to another database of the same user', async () => {
        const ann = new Database('ann');
        await ask(engineBetween(new Database('ann'), ann, when), enqueue);
        expect(ann.asked).to.deep.equal(['a']);
      });
      for (const [whose, subject] of [
        ['nobody’s', null],
        ['another user’s', 'bob'],
      ] as const) {
        it(`writes nothing of a user’s into ${whose}, and waits for nothing there`, async () => {
          for (const request of [enqueue, {do: 'settled', operation: 'a', until: 'applied'} as const]) {
            const next = new Database(subject);
            const engine = engineBetween(new Database('ann'), next, when);
            expect(await rejectionCode(ask(engine, request))).to.equal('logged-out');
            expect(next.asked).to.deep.equal([]);
          }
        });
      }
      it('that only reads is answered by the one that is open now', async () => {
        const bob = new Database('bob');
        await ask(engineBetween(new Database('ann'), bob, when), {do: 'operations', stage: null});
        expect(bob.asked).to.deep.equal(['all']);
      });
    });
  }
});

describe('who asks for the line while a logout is under way', () => {
  for (const request of ['connect', 'forceConnect'] as const) {
    it(`by ${request} gets it behind that, and not in the middle`, async () => {
      const log: string[] = [];
      const {promise: wiped, resolve: wipe} = Promise.withResolvers<void>();
      const step = async (what: string) => void log.push(what);
      const queue = {facts: () => ({pending: 0, failed: 0}), settlements: {rejectAll: () => {}}};
      const client = {
        queue,
        outbox: {bury: async () => true},
        instance: {subject: 'ann'},
        data: {wipe: () => wiped.then(() => step('wiped'))},
      };
      const engine = {
        platform: {clock: new FakeClock()},
        keeper: {leaving: Promise.resolve(), client: async () => client, leave: () => step('left')},
        disconnect: () => step('disconnected'),
        want: () => {},
        connect: () => step('connected').then(() => Promise.reject(new Error('enough'))),
        forceConnect: () => step('connected'),
      };
      const logout = ask(engine as unknown as SyncEngine, {
        do: 'logout',
        unsent: 'discard',
        wipe: true,
        timeout: 1000,
      });
      await settle();
      const asked = ask(engine as unknown as SyncEngine, {do: request}).catch(() => {});
      await settle();
      wipe();
      await settle();
      await engine.platform.clock.advance(1000);
      await Promise.all([logout, asked]);
      expect(log).to.deep.equal(['disconnected', 'wiped', 'left', 'connected']);
    });
  }
});
