/**
 * One local database, opened in this tab: replica, outbox, queue and tracker on top of it, and for as long as this tab
 * holds the line, a leader session. It merges what they know into the state.
 */
import {CLIENT_STORES, type ClientStore, instanceName, type Overlay, type Rows} from '../database/database.js';
import type {Instance} from '../database/directory.js';
import type {StorageDatabase} from '../platform/storage.js';
import {type ChangesDetail, type EngineEvent, type ErrorRecord, SyncError, type Want} from '../protocol/protocol.js';
import type {OperationQueue} from '../queue/operation-queue.js';
import type {Outbox} from '../queue/outbox.js';
import type {ConnectionFacts} from '../state/state.js';
import {GlobalConnectionTracker} from '../tracker/global-connection-tracker.js';
import type {Announcement} from '../tracker/tracker.js';
import {LeaderSession} from './leader-session.js';
import {LeaderView, seenWith} from './leader-view.js';
import {type LocalData, localData} from './local-data.js';
import {within} from './within.js';
import type {ClientContext, SessionContext} from './worker.js';

/** How long a session may take to end: what hangs in storage must not keep the line from others; the fence holds it off. */
const STOP_LIMIT = 2000;

export class Client {
  readonly instance: Instance;
  readonly database: StorageDatabase<ClientStore>;
  readonly outbox: Outbox;
  readonly queue: OperationQueue;
  readonly replica: Rows;
  readonly tracker: GlobalConnectionTracker;
  readonly #context: ClientContext;
  #session: LeaderSession | undefined;
  readonly #leader: LeaderView;
  readonly data: LocalData;
  #revision = 0;
  #tabs = 1;
  #closed = false;

  private constructor(context: ClientContext, instance: Instance, database: StorageDatabase<ClientStore>) {
    const {platform, config} = context;
    this.#context = context;
    this.instance = instance;
    this.database = database;
    this.data = localData(context, instance, database, {
      queued: seqs => {
        this.tracker.announce({kind: 'outbox', seqs: [...seqs]});
        this.#session?.pump();
      },
      damaged: error => this.#heal(error),
      failed: error => this.#troubled(error),
    });
    ({outbox: this.outbox, queue: this.queue, replica: this.replica} = this.data);
    const token = config.hasToken ? context.hooks.token : undefined;
    const found = () => this.tracker.takeOver();
    const isWell = () => this.data.mirror.isWell();
    this.#leader = new LeaderView(platform.clock, token, {...context.hooks, found, isWell});
    this.tracker = new GlobalConnectionTracker(
      platform,
      {name: this.name, place: config.mode, wants: config.types},
      {
        promote: over => this.#promote(over),
        demote: () => this.#demote(),
        announced: announcement => void this.#heard(announcement),
        tabs: (count, wants) => this.#counted(count, wants),
        second: () => {
          this.data.mirror.tick();
          this.#session?.tick();
        },
        leaderless: () => this.#leader.orphaned(),
        woke: () => {
          this.#session?.probe();
          this.tracker.sayHello();
          void this.data.mirror.readAll();
        },
        outdated: () => context.hooks.outdated(),
        failed: error => this.#troubled(error),
      },
    );
  }

  static async open(context: ClientContext, instance: Instance): Promise<Client> {
    const {platform, hooks} = context;
    const database = await platform.storage.open(instanceName(instance.id), CLIENT_STORES, hooks.lost);
    const client = new Client(context, instance, database);
    try {
      await Promise.all([client.outbox.load(), client.replica.refresh()]);
    } catch (error) {
      await client.close();
      throw error;
    }
    client.data.mirror.told = client.replica.checkpoint?.lsn;
    client.tracker.start();
    return client;
  }

  /** Whose this is, as far as is known here: a tab that never led knows it from the rows alone. */
  get subject(): string | null {
    return this.instance.subject ?? this.replica.checkpoint?.subject ?? null;
  }

  get name(): string {
    return instanceName(this.instance.id);
  }

  get isLeader(): boolean {
    return this.#session !== undefined;
  }

  get facts(): ConnectionFacts {
    const line = this.#session ? {...this.#session.facts, tabs: this.#tabs} : this.#leader.facts;
    return seenWith(this.#context.config.types, this.replica.checkpoint, this.data.mirror.over(line));
  }

  /** What pending operations make of the rows of a type. */
  overlay(type: string): Overlay | undefined {
    return this.queue.overlay(type, this.replica.checkpoint);
  }

  connect(): void {
    if (this.#session) this.#session.connect();
    else this.#leader.look();
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

  /** The line is of no use for now: it is dropped, and tried again. */
  failed(error: SyncError): void {
    this.#session?.failed(error);
  }

  /** Somebody looks at this tab, or the network is back. */
  probe(): void {
    if (this.#session) this.#session.probe();
    else this.#leader.look();
  }

  /** The state as this tab would announce it: call when it may have changed. */
  announceState(): void {
    if (!this.#session) return;
    const {epoch} = this.#session;
    this.tracker.announce({kind: 'state', epoch, rev: ++this.#revision, facts: this.facts});
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#leader.rest();
    this.data.mirror.close();
    await this.tracker.stop();
    this.queue.settlements.rejectAll(new SyncError('closed', 'The service was closed'));
    this.database.close();
  }

  async #promote(over: AbortSignal): Promise<number> {
    const {journal, compaction} = this.data.journal();
    const promotion = await journal.promote(over);
    over.throwIfAborted();
    const {checkpoint} = promotion;
    const wanted = this.#context.wanted() ?? this.#leader.wants(this.#context.config.line);
    const {caughtUp, greets} = this.data.takeOver(checkpoint, wanted, over);
    // What another tab has synced so far may be wanted by one that is just being loaded again.
    if (checkpoint && this.#leader.isKnown) this.tracker.recall(checkpoint.wants);
    this.#session = new LeaderSession(
      {
        ...this.#context,
        instance: this.instance,
        queue: this.queue,
        replica: this.replica,
        caughtUp,
        greets,
        compaction,
        changed: () => this.#context.hooks.changed(),
        wants: () => this.tracker.wants(),
        resign: () => this.tracker.resign(),
        yield: () => this.data.mirror.isBlocked || this.tracker.yield(),
        committed: (checkpoint, detail, records) => this.#committed(checkpoint, detail, records),
        announce: announcement => this.tracker.announce(announcement),
      },
      journal,
      promotion,
      this.#leader.facts.handover ?? this.#leader.facts.phase,
    );
    this.#leader.led();
    if (wanted) this.#session.connect();
    this.#context.hooks.changed();
    await caughtUp;
    this.#tellAll({lsn: checkpoint?.lsn, types: [], ids: null});
    return promotion.epoch;
  }

  async #demote(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session) this.#leader.inherit({...session.facts, tabs: this.#tabs});
    await within(this.#context.platform.clock, STOP_LIMIT, session?.stop());
    // What the next leader has said so far was not for one that led.
    this.tracker.sayHello();
    this.#context.hooks.changed();
  }

  async #committed(...[checkpoint, detail, records]: Parameters<SessionContext['committed']>): Promise<void> {
    const taken = records ? this.replica.ingest(records, checkpoint) : this.replica.refresh();
    // Whoever reads from here on stands behind that in the replica's line: the word of it need not wait.
    this.#tellAll(detail);
    await taken;
    await this.queue.reached(checkpoint);
  }

  #tellAll(detail: ChangesDetail): void {
    this.#showChanges(detail);
    this.tracker.announce({kind: 'commit', detail, after: this.data.mirror.told});
    this.data.mirror.told = detail.lsn;
  }

  #showChanges(detail: ChangesDetail): void {
    if (detail.ids?.length === 0) return;
    this.#context.hooks.touched(detail.ids === null && detail.types.length === 0 ? null : detail.types);
    this.#context.hooks.event({name: 'changes', detail});
  }

  #heard(announcement: Announcement): void {
    const {hooks} = this.#context;
    const {outbox, mirror} = this.data;
    switch (announcement.kind) {
      case 'state':
        return this.#heardState(announcement);
      case 'commit':
        return this.#showChanges(mirror.committed(announcement.detail, announcement.after));
      case 'outbox':
        return void mirror.guard(() => outbox.reread(announcement.seqs).then(() => this.#session?.pump()));
      case 'hello':
        return this.announceState();
      case 'ask':
        return void mirror.guard(() => this.#heardAsk(announcement.what));
      case 'event':
        return hooks.event({name: announcement.name, detail: announcement.detail} as EngineEvent);
      case 'moved':
        return hooks.moved(announcement.left === true);
    }
  }

  #heardState(announcement: Extract<Announcement, {kind: 'state'}>): void {
    const news = this.#session ? undefined : this.#leader.heard(announcement);
    if (!news) return;
    const [{mirror}, {lastLSN: lsn, phase}] = [this.data, announcement.facts];
    if (news.isNewLeader) void mirror.readOutbox();
    else if (mirror.trouble || this.queue.facts().pending > 0) void mirror.doubt();
    if (lsn && lsn !== mirror.told) this.#showChanges(mirror.committed({lsn, types: [], ids: null}));
    if (this.facts.phase !== phase) void mirror.readRows();
    this.#context.hooks.changed();
  }

  async #heardAsk(what: Extract<Announcement, {kind: 'ask'}>['what']): Promise<void> {
    if (what !== 'resync') this.#context.hooks.asked(what);
    if (what === 'disconnect') await this.#session?.disconnect(true);
    else await this.#session?.[what]();
  }

  #counted(count: number, wants: Want[] | undefined): void {
    // Said again now and then: a tab that missed a word of the leader's hears of it here.
    if (count === this.#tabs) this.announceState();
    else this.#context.hooks.changed();
    this.#tabs = count;
    this.#session?.reviewWants(wants);
  }

  /** Rows were found damaged: other ones are to take their place. */
  #heal(error: SyncError): void {
    this.#troubled(error.toRecord());
    void this.data.mirror.guard(() => this.resync());
  }

  #troubled(error: ErrorRecord): void {
    // Of a leader only its session can tell, within seconds, whether it lasts.
    if (!this.#session) this.data.mirror.trouble = error;
    this.#context.logger.error(`${error.code}: ${error.message}`);
    this.#context.hooks.event({name: 'error', detail: error});
    this.#context.hooks.changed();
  }
}
