import {expect, waitUntil} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {FakeSockets} from '../../test/helpers/fake-socket.js';
import {record} from '../../test/helpers/outbox.js';
import {CLIENT_STORES, instanceName, STORAGE_FORMAT} from '../database/database.js';
import {Directory, type Instance} from '../database/directory.js';
import {memoryStorage} from '../platform/memory-storage.js';
import type {Platform} from '../platform/platform.js';
import type {StoragePort} from '../platform/storage.js';
import {type EngineConfig, SyncError} from '../protocol/protocol.js';
import {Outbox} from '../queue/outbox.js';
import type {Announcement} from '../tracker/tracker.js';
import type {Client} from './client.js';
import {ClientKeeper} from './client-keeper.js';
import {nameOf} from './credentials.js';

const URL = 'wss://example.com';

/** A keeper of real databases, whose clients have nothing but an outbox. */
class Tab {
  readonly keeper: ClientKeeper;
  readonly clock = new FakeClock();
  readonly sockets = new FakeSockets();
  /** What the others of the open database were told. */
  readonly told: Announcement[] = [];
  parted = 0;
  /** A client that closes waits for it. */
  closing: Promise<void> | undefined;
  readonly #storage: StoragePort;

  constructor(storage: StoragePort, user?: string, token?: string) {
    this.#storage = storage;
    const random = {uuid: () => crypto.randomUUID(), fraction: () => 0};
    const platform = {storage, clock: this.clock, random, sockets: this.sockets} as unknown as Platform;
    const config = {url: URL, database: 'sync', user, hasToken: token !== undefined} as EngineConfig;
    const logger = {error() {}, warn() {}, info() {}, debug() {}};
    this.keeper = new ClientKeeper(platform, config, logger as never, {
      open: instance => this.#open(instance),
      changed() {},
      outdated() {},
      token: async () => ({token}),
      parted: () => this.parted++,
      evicted() {},
    });
  }

  get present(): Client {
    const {present} = this.keeper;
    if (!present) throw new Error('Nothing is open');
    return present;
  }

  async #open(instance: Instance): Promise<Client> {
    const name = instanceName(instance.id);
    const database = await this.#storage.open(name, CLIENT_STORES);
    const outbox = new Outbox(database, () => {});
    await outbox.load();
    const client = {
      ...{instance, name, database, outbox, tracker: {announce: (said: Announcement) => this.told.push(said)}},
      get subject() {
        return instance.subject;
      },
      takeIn: async () => {},
      failed() {},
      close: async () => {
        await this.closing;
        database.close();
      },
    };
    return client as unknown as Client;
  }
}

describe('the keeper of the open database', () => {
  let storage: StoragePort;
  /** The directory's transaction that fails: after so many more. */
  let failAfter: number;
  let tab: Tab;
  beforeEach(async () => {
    failAfter = Number.POSITIVE_INFINITY;
    const memory = memoryStorage();
    storage = {
      ...memory,
      open: async (name, stores, lost) => {
        const database = await memory.open(name, stores, lost);
        if (!('instances' in stores)) return database;
        return {
          transaction: (...args) =>
            failAfter-- === 0 ? Promise.reject(new SyncError('storage-failed', 'no')) : database.transaction(...args),
          close: () => database.close(),
        };
      },
    };
    tab = new Tab(storage);
    await tab.keeper.lookAgain();
  });
  afterEach(() => tab.keeper.close());

  it('opens another one in the end, where that failed when this one was left', async () => {
    const left = tab.present;
    // It is taken off the shelf; the next one can't be found.
    failAfter = 1;
    expect(await rejectionCode(tab.keeper.leave(left, true))).to.equal('storage-failed');
    await tab.clock.advance(1000);
    await waitUntil(() => tab.keeper.present !== undefined && tab.keeper.present !== left);
    expect(tab.present.instance.id).not.to.equal(left.instance.id);
  });

  for (const again of [false, true]) {
    it(`takes no database off the shelf that another tab has opened meanwhile, ${again ? 'for the same user' : 'for nobody'}`, async () => {
      expect(await tab.keeper.claim('ann')).to.equal(true);
      const left = tab.present;
      const other = new Tab(storage);
      await other.keeper.lookAgain();
      await other.keeper.leave(other.present, true);
      if (again) expect(await other.keeper.claim('ann')).to.equal(true);
      await other.present.outbox.append([record('a')]);
      await tab.keeper.lookAgain();
      const {instance} = tab.present;
      expect(instance.id).to.equal(other.present.instance.id);
      await tab.keeper.leave(left, true);
      const directory = await Directory.open(storage, URL, 'sync', () => 'another');
      expect((await directory.resolve(again ? 'ann' : undefined, undefined)).id).to.equal(instance.id);
      directory.close();
      await other.keeper.close();
    });
  }

  it('counts what nobody had claimed as its own as soon as it is adopted', async () => {
    await tab.present.outbox.append([record('a')]);
    const directory = await Directory.open(storage, URL, 'sync', () => 'of ann');
    const {id} = await directory.resolve('ann', undefined);
    directory.close();
    const ann = new Tab(storage, 'ann');
    await ann.keeper.lookAgain();
    expect(ann.present.instance.id).to.equal(id);
    expect(await ann.keeper.claim('ann')).to.equal(true);
    // By the mirror, without anybody's telling it to look.
    await waitUntil(() => ann.present.outbox.find('a') !== undefined);
    await ann.keeper.close();
  });

  for (const first of [true, false]) {
    it(`meets other tabs again after the data was cleared, ${first ? 'before' : 'after'} one that knew of no user`, async () => {
      expect(await tab.keeper.claim('ann')).to.equal(true);
      const {name} = tab.present;
      await storage.remove(name);
      await storage.remove(`sync-elements/${STORAGE_FORMAT}`);
      const other = new Tab(storage);
      if (!first) await other.keeper.lookAgain();
      tab.keeper.lost(new SyncError('storage-evicted', 'cleared'));
      await waitUntil(() => tab.keeper.present !== undefined && tab.present.name !== name);
      if (first) await other.keeper.lookAgain();
      expect(tab.present.subject).to.equal('ann');
      expect(other.present.instance.id).to.equal(tab.present.instance.id);
      await other.keeper.close();
    });
  }
  it('opens no database that another tab has taken off the shelf while this one was being left', async () => {
    const left = Promise.withResolvers<void>();
    tab.closing = left.promise;
    const {name} = tab.present;
    const directory = await Directory.open(storage, URL, 'sync', () => crypto.randomUUID());
    await directory.forget(tab.present.instance.id);
    const next = await directory.resolve(undefined, undefined);
    const looking = tab.keeper.lookAgain();
    await settle();
    // Meanwhile the work of the next one has moved to whoever signed in.
    await directory.forget(next.id);
    left.resolve();
    await looking;
    expect([name, instanceName(next.id)]).not.to.include(tab.present.name);
    expect(await directory.holds(tab.present.instance.id)).to.equal(true);
    directory.close();
  });
  it('keeps the work of one user from the database of nobody that is just being opened', async () => {
    let within: (() => void) | undefined;
    const watched: StoragePort = {
      ...storage,
      async open(name, stores, lost) {
        const database = await storage.open(name, stores, lost);
        const transaction: typeof database.transaction = async (...args) => {
          const result = await database.transaction(...args);
          within?.();
          within = undefined;
          return result;
        };
        return name === `sync-elements/${STORAGE_FORMAT}` ? {transaction, close: () => database.close()} : database;
      },
    };
    const ann = new Tab(watched);
    await ann.keeper.lookAgain();
    expect(await ann.keeper.claim('ann')).to.equal(true);
    await ann.present.outbox.append([record('a')]);
    const directory = await Directory.open(storage, URL, 'sync', () => 'of nobody');
    await directory.release(ann.present.instance.id);
    directory.close();
    // Another tab has logged out; all is cleared while this one finds out whose database is to be opened.
    within = () => ann.keeper.lost(new SyncError('storage-evicted', 'cleared'));
    void ann.keeper.lookAgain();
    await waitUntil(() => !within && ann.keeper.present?.outbox.find('a'));
    expect(ann.present.subject).to.equal('ann');
    await ann.keeper.close();
  });

  describe('of a tab whose page has a token, while another tab has the line', () => {
    let bob: Tab;
    /** The server's word for whose the token is. */
    async function compare(subject: string): Promise<void> {
      const compared = bob.keeper.compare(nameOf('of ann') ?? '');
      await settle();
      bob.sockets.last.handlers.open();
      bob.sockets.last.receive({
        ...{type: 'welcome', protocol: 1, subject, generation: 'g', headLSN: '0/1', serverTime: 0, heartbeat: 15_000},
        limits: {operation: 1000, frame: 1000, operations: 10},
      });
      await compared;
    }
    beforeEach(async () => {
      expect(await tab.keeper.claim('ann')).to.equal(true);
      bob = new Tab(storage, undefined, 'of bob');
      await bob.keeper.lookAgain();
      expect(bob.present.subject).to.equal('ann');
    });
    afterEach(() => bob.keeper.close());

    it('opens the database of whoever the server says it is, and needs a line there', async () => {
      await compare('bob');
      expect([bob.present.subject, bob.parted]).to.deep.equal(['bob', 1]);
      // The others stay where they are.
      expect(bob.told).to.deep.equal([]);
    });
    it('stays where it is the same person’s', async () => {
      const {present} = bob;
      await compare('ann');
      expect([bob.present, bob.parted]).to.deep.equal([present, 0]);
    });
    it('stays with its own when another tab moves to that of somebody else', async () => {
      await compare('bob');
      expect(bob.keeper.goesAlong(false)).to.equal(false);
      const {present} = bob;
      await bob.keeper.lookAgain();
      expect(bob.present).to.equal(present);
    });
    it('leaves its own when its user is logged out in another tab', async () => {
      await compare('bob');
      const directory = await Directory.open(storage, URL, 'sync', () => 'new');
      await directory.forget(bob.present.instance.id);
      directory.close();
      expect(bob.keeper.goesAlong(true)).to.equal(true);
      await bob.keeper.lookAgain();
      expect(bob.present.subject).not.to.equal('bob');
    });
    it('does not go back to its user where it logs out itself', async () => {
      await compare('bob');
      await bob.keeper.leave(bob.present, false);
      expect(bob.told).to.deep.equal([{kind: 'moved', left: true}]);
      await bob.keeper.lookAgain();
      expect(bob.present.subject).not.to.equal('bob');
    });
  });
});
