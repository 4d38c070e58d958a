/**
 * One local database, opened in this tab: replica, outbox, queue and tracker on top of it, and for as long as this tab
 * holds the line, a leader session. It merges what they know into the state.
 */
import {CLIENT_STORES, type ClientStore, instanceName} from '../database/database.js';
import type {Instance} from '../database/directory.js';
import {Journal} from '../database/journal.js';
import {type Overlay, Replica} from '../database/replica.js';
import type {StorageDatabase} from '../platform/storage.js';
import type {ChangesDetail, EngineEvent, ErrorRecord} from '../protocol/protocol.js';
import {SyncError} from '../protocol/protocol.js';
import {OperationQueue} from '../queue/operation-queue.js';
import {Outbox} from '../queue/outbox.js';
import {buildOverlay} from '../queue/overlay.js';
import {Settlements} from '../queue/settlements.js';
import {type ConnectionFacts, NO_CONNECTION} from '../state/state.js';
import {GlobalConnectionTracker} from '../tracker/global-connection-tracker.js';
import type {Announcement} from '../tracker/tracker.js';
import {LeaderSession} from './leader-session.js';
import type {ClientContext} from './worker.js';

/** How often a follower looks, at the most, whether what is pending to it is settled. */
const LOOK_EVERY = 4000;

export class Client {
  readonly instance: Instance;
  readonly database: StorageDatabase<ClientStore>;
  readonly outbox: Outbox;
  readonly queue: OperationQueue;
  readonly replica: Replica;
  readonly tracker: GlobalConnectionTracker;
  readonly #context: ClientContext;
  #session: LeaderSession | undefined;
  /** The leader's truth, as last announced. */
  #announced: ConnectionFacts = NO_CONNECTION;
  #heardEpoch = 0;
  #heardRevision = 0;
  #lookedAt = 0;
  #revision = 0;
  #tabs = 1;
  #trouble: ErrorRecord | null = null;
  #overlays: Map<string, Overlay> | undefined;
  /** How far the rows reached that the overlays were made for. */
  #overlaid: string | undefined;
  #closed = false;

  private constructor(context: ClientContext, instance: Instance, database: StorageDatabase<ClientStore>) {
    const {platform, config} = context;
    this.#context = context;
    this.instance = instance;
    this.database = database;
    const settlements = new Settlements({
      applied: detail => context.hooks.event({name: 'operation_complete', detail}),
      failed: (id, error) => context.hooks.event({name: 'operation_error', detail: {id, error: error.toRecord()}}),
    });
    this.outbox = new Outbox(database, (seq, after, before) => {
      this.#overlays = undefined;
      settlements.observe(seq, after, before);
      const type = after?.entityType ?? before?.entityType;
      if (type !== undefined) context.hooks.touched([type]);
      context.hooks.changed();
    });
    this.queue = new OperationQueue(this.outbox, settlements, platform.clock, config.limits, {
      changed: seqs => {
        this.tracker.announce({kind: 'outbox', seqs: [...seqs]});
        this.#session?.pump();
      },
    });
    this.replica = new Replica(database, config.limits.rowCacheBytes);
    this.tracker = new GlobalConnectionTracker(platform, this.name, {
      promote: () => this.#promote(),
      demote: () => this.#demote(),
      announced: announcement => void this.#heard(announcement),
      tabs: count => this.#counted(count),
      failed: error => this.#troubled(error),
    });
  }

  static async open(context: ClientContext, instance: Instance): Promise<Client> {
    const database = await context.platform.storage.open(instanceName(instance.id), CLIENT_STORES);
    const client = new Client(context, instance, database);
    await Promise.all([client.outbox.load(), client.replica.refresh()]);
    client.tracker.start();
    return client;
  }

  /** Of the database, its lock and its channel. */
  get name(): string {
    return instanceName(this.instance.id);
  }

  get isLeader(): boolean {
    return this.#session !== undefined;
  }

  get facts(): ConnectionFacts {
    const facts = this.#session ? {...this.#session.facts, tabs: this.#tabs} : this.#announced;
    return this.#trouble && !facts.error ? {...facts, error: this.#trouble} : facts;
  }

  /** What pending operations make of the rows of a type. */
  overlay(type: string): Overlay | undefined {
    const {checkpoint} = this.replica;
    const reach = checkpoint && `${checkpoint.generation} ${checkpoint.lsn}`;
    if (reach !== this.#overlaid) this.#overlays = undefined;
    this.#overlaid = reach;
    this.#overlays ??= buildOverlay(this.outbox.records.values(), checkpoint);
    return this.#overlays.get(type);
  }

  connect(): void {
    if (this.#session) this.#session.connect();
    this.tracker.announce({kind: 'ask', what: 'connect'});
  }

  async disconnect(graceful: boolean): Promise<void> {
    this.tracker.announce({kind: 'ask', what: 'disconnect'});
    await this.#session?.disconnect(graceful);
  }

  forceConnect(): void {
    this.#session?.forceConnect();
    this.tracker.announce({kind: 'ask', what: 'forceConnect'});
  }

  async resync(): Promise<void> {
    if (this.#session) await this.#session.resync();
    else this.tracker.announce({kind: 'ask', what: 'resync'});
  }

  /** Operations have come into the outbox from another database. */
  async takeIn(): Promise<void> {
    await this.queue.scan();
    this.tracker.announce({kind: 'outbox', seqs: []});
    this.#session?.pump();
  }

  probe(): void {
    this.#session?.probe();
  }

  /** The state as this tab would announce it: call when it may have changed. */
  announceState(): void {
    if (!this.#session) return;
    this.tracker.announce({
      kind: 'state',
      epoch: this.#session.epoch,
      rev: ++this.#revision,
      facts: this.facts,
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.tracker.stop();
    this.queue.settlements.rejectAll(new SyncError('closed', 'The service was closed'));
    this.database.close();
  }

  async #promote(): Promise<number> {
    const journal = new Journal(this.database);
    const promotion = await journal.promote();
    // Announcements may have been missed while another tab led.
    await this.outbox.load();
    await this.replica.refresh();
    // The one before may have died between its commit and its word of it, or between the rows and their operations.
    if (promotion.checkpoint) await this.queue.reached(promotion.checkpoint);
    this.#trouble = null;
    this.#session = new LeaderSession(
      {
        ...this.#context,
        instance: this.instance,
        queue: this.queue,
        changed: () => this.#context.hooks.changed(),
        resign: () => this.tracker.resign(),
        committed: (checkpoint, detail, records) => this.#committed(checkpoint, detail, records),
        announce: announcement => this.tracker.announce(announcement),
      },
      journal,
      promotion,
    );
    // A tab that never asked for the line carries on what the others have.
    if (this.#context.wanted() ?? this.#announced.phase !== 'stopped') this.#session.connect();
    this.#tellAll({lsn: promotion.checkpoint?.lsn, types: [], ids: null});
    this.#context.hooks.changed();
    return promotion.epoch;
  }

  async #demote(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#announced = {...(session?.facts ?? NO_CONNECTION), tabs: this.#tabs};
    await session?.stop();
    this.#context.hooks.changed();
  }

  async #committed(...[checkpoint, detail, records]: Parameters<LeaderSession['committed']>): Promise<void> {
    if (records) await this.replica.ingest(records, checkpoint);
    else await this.replica.refresh();
    await this.queue.reached(checkpoint);
    this.#tellAll(detail);
  }

  #tellAll(detail: ChangesDetail): void {
    this.tracker.announce({kind: 'commit', detail});
    this.#showChanges(detail);
  }

  #showChanges(detail: ChangesDetail): void {
    if (detail.ids?.length === 0) return;
    this.#context.hooks.touched(detail.ids === null && detail.types.length === 0 ? null : detail.types);
    this.#context.hooks.event({name: 'changes', detail});
  }

  async #heard(announcement: Announcement): Promise<void> {
    const {hooks} = this.#context;
    try {
      switch (announcement.kind) {
        case 'state':
          return this.#heardState(announcement);
        case 'commit':
          await this.replica.refresh();
          this.#trouble = null;
          return this.#showChanges(announcement.detail);
        case 'outbox':
          await this.outbox.reread(announcement.seqs);
          this.#trouble = null;
          return this.#session?.pump();
        case 'hello':
          return this.announceState();
        case 'ask':
          return await this.#heardAsk(announcement.what);
        case 'event':
          return hooks.event({name: announcement.name, detail: announcement.detail} as EngineEvent);
        case 'moved':
          return hooks.moved();
        case 'bye':
          return;
      }
    } catch (error) {
      if (!this.#closed) this.#troubled(SyncError.from(error, 'storage-failed').toRecord());
    }
  }

  #heardState({epoch, rev, facts}: Extract<Announcement, {kind: 'state'}>): void {
    if (this.#session && epoch > this.#session.epoch) return this.tracker.resign();
    const stale = epoch < this.#heardEpoch || (epoch === this.#heardEpoch && rev <= this.#heardRevision);
    if (this.#session || stale) return;
    this.#lookAgain(epoch > this.#heardEpoch);
    this.#heardEpoch = epoch;
    this.#heardRevision = rev;
    this.#trouble = null;
    this.#announced = facts;
    this.#context.hooks.changed();
  }

  async #heardAsk(what: Extract<Announcement, {kind: 'ask'}>['what']): Promise<void> {
    if (what !== 'resync') this.#context.hooks.asked(what);
    switch (what) {
      case 'connect':
        return this.#session?.connect();
      case 'disconnect':
        return this.#session?.disconnect(true);
      case 'forceConnect':
        return this.#session?.forceConnect();
      case 'resync':
        return this.#session?.resync();
    }
  }

  /** What still looks pending here may have been settled without this tab's hearing of it. */
  #lookAgain(now: boolean): void {
    const {clock} = this.#context.platform;
    const doubtful = this.#trouble !== null || this.queue.facts().pending > 0;
    if (!now && !(doubtful && clock.monotonic() - this.#lookedAt >= LOOK_EVERY)) return;
    this.#lookedAt = clock.monotonic();
    this.outbox.load().then(
      () => {
        this.#trouble = null;
        this.#context.hooks.changed();
      },
      error => this.#troubled(SyncError.from(error, 'storage-failed').toRecord()),
    );
  }

  #counted(count: number): void {
    // Said again now and then: a tab that missed a word of the leader's hears of it here.
    if (count === this.#tabs) return this.announceState();
    this.#tabs = count;
    this.#context.hooks.changed();
  }

  #troubled(error: ErrorRecord): void {
    this.#trouble = error;
    this.#context.logger.error(`${error.code}: ${error.message}`);
    this.#context.hooks.event({name: 'error', detail: error});
    this.#context.hooks.changed();
  }
}
