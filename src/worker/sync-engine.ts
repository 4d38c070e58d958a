/**
 * SyncEngine: everything behind the port, composed. It talks to an Endpoint, so it runs in a worker, in the page or in a
 * test alike. It owns whether the line is wanted, the requests that wait, and the state that the page is told.
 */
import type {Endpoint} from '../platform/endpoint.js';
import {forwardingLogger, SILENT} from '../platform/engine-logger.js';
import type {Logger} from '../platform/logger.js';
import type {Platform, Remover} from '../platform/platform.js';
import {
  type EngineConfig,
  type EngineMessage,
  type EngineRequest,
  isPortMessage,
  type PageMessage,
  PORT_FORMAT,
  SyncError,
  type SyncState,
} from '../protocol/protocol.js';
import {sameButPosition, sameState, summarise} from '../state/state.js';
import {answer} from './answers.js';
import {Client} from './client.js';
import {ClientKeeper} from './client-keeper.js';
import {DatabaseLine} from './database-line.js';
import {LiveQueries} from './live-queries.js';
import {TokenDesk} from './token-desk.js';
import type {ClientContext} from './worker.js';

/** How many past phases a bug report tells. */
const HISTORY = 50;
/** How old, at the most, what the state says of storage gets while other things change. */
const MEASURE_EVERY = 30_000;
/** How long a word of nothing but how far the rows reach may wait for the next such word, which takes its place. */
const POSITION_EVERY = 1000;

export class SyncEngine {
  /** Where each tab has a database of its own it is one without other tabs. */
  platform: Platform;
  readonly #endpoint: Endpoint;
  readonly #live: LiveQueries;
  readonly #requests = new Map<number, AbortController>();
  readonly #tokens: TokenDesk;
  readonly #database: DatabaseLine;
  readonly #stateListeners = new Set<(state: SyncState) => void>();
  readonly history: {at: number; status: string; phase: string}[] = [];
  #config: EngineConfig | undefined;
  #logger: Logger = SILENT;
  #keeper: ClientKeeper | undefined;
  #wanted: boolean | undefined;
  #state: SyncState | undefined;
  /** What of it the other tabs were told last. */
  #announced = '';
  #storage: SyncState['storage'] = null;
  #measuredAt = 0;
  #quiet = false;
  #publishing = false;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #publishLater: Remover | undefined;
  #closed = false;
  #unsubscribe: Remover = () => {};

  constructor(endpoint: Endpoint, platform: Platform) {
    this.#endpoint = endpoint;
    this.platform = platform;
    this.#tokens = new TokenDesk(platform.clock, ask => this.#post({kind: 'token', ask}));
    this.#database = new DatabaseLine(ask => this.#post(ask));
    this.#live = new LiveQueries(
      async (type, query, before) => {
        const client = await this.keeper.client();
        return client.replica.look(type, query, () => client.overlay(type), before);
      },
      message => this.#post(message),
    );
    endpoint.listen(message => this.#heard(message));
    this.#post({kind: 'ready', format: PORT_FORMAT});
  }

  get state(): SyncState | undefined {
    return this.#state;
  }

  get config(): EngineConfig | undefined {
    return this.#config;
  }

  /** Which local database is open. @throws SyncError `closed`, `not-initialised` */
  get keeper(): ClientKeeper {
    if (this.#closed) throw new SyncError('closed', 'The service was closed');
    if (!this.#keeper) throw new SyncError('not-initialised', 'The engine was not told what to open');
    return this.#keeper;
  }

  /** Operations of the open database whose commit has not come back. */
  get pending(): number | undefined {
    return this.#keeper?.present?.queue.facts().pending;
  }

  async init(config: EngineConfig): Promise<void> {
    if (this.#config) return;
    this.#config = config;
    if (config.own?.scope === 'tab') this.platform = this.platform.alone();
    this.#logger = forwardingLogger(config.log, (level, message) => this.#post({kind: 'log', level, message}));
    this.#unsubscribe = this.platform.network.subscribe(online => {
      if (online) this.#keeper?.present?.probe();
      this.#publish();
    });
    this.#keeper = new ClientKeeper(this.platform, config, this.#logger, {
      open: instance => Client.open(this.#context(this.#config ?? config), instance),
      changed: () => {
        this.#live.touch(null);
        // Whoever leads there may not know that the line is wanted.
        if (this.#wanted) this.#keeper?.present?.connect();
        this.#publish();
      },
      outdated: () => this.#outdated(),
      token: () => this.#tokens.ask(),
      parted: () => this.want(true),
      evicted: error => this.#post({kind: 'event', event: {name: 'error', detail: error.toRecord()}}),
    });
    await this.#keeper.lookAgain();
    void this.#measureStorage();
  }

  async connect(how: 'connect' | 'forceConnect'): Promise<void> {
    this.want(true);
    (await this.keeper.client())[how]();
  }

  async disconnect(graceful: boolean): Promise<void> {
    this.want(false);
    await (await this.keeper.client()).disconnect(graceful);
  }

  /** Calls on each change of the state until the remover is called. */
  onState(listener: (state: SyncState) => void): Remover {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#publishLater?.();
    const closed = new SyncError('closed', 'The service was closed');
    for (const controller of this.#requests.values()) controller.abort(closed);
    this.#tokens.close();
    await this.#keeper?.close();
    this.#database.close();
  }

  #context(config: EngineConfig): ClientContext {
    return {
      platform: this.platform,
      logger: this.#logger,
      config,
      wanted: () => this.#wanted,
      hooks: {
        changed: () => this.#publish(),
        touched: types => this.#live.touch(types),
        event: event => (event.name === 'changes' && this.#quiet) || this.#post({kind: 'event', event}),
        token: () => this.#tokens.ask(),
        database: (request, progressed) => this.#database.ask(request, progressed),
        claim: async subject => this.keeper.claim(subject),
        shown: name => void this.#keeper?.compare(name),
        moved: left => this.#moved(left),
        // Of the database that is being left nothing is wanted any more.
        asked: what => this.#keeper?.leaving ?? this.want(what !== 'disconnect'),
        lost: reason => this.#keeper?.lost(reason),
        outdated: () => this.#outdated(),
      },
    };
  }

  /** Another tab found that another database is the right one. */
  #moved(left: boolean): void {
    if (this.#keeper?.goesAlong(left) === false) return;
    // That the line was closed was said of the one that is left: of the next, whoever leads there knows better.
    if (this.#wanted === false && this.#config) {
      this.#wanted = undefined;
      this.#config = {...this.#config, line: false};
    }
    // A word of another tab may come when all is closed here.
    void this.#keeper?.lookAgain().catch(() => {});
  }

  /** The page is told, so that an engine that takes this one's place knows it too, whichever tab it was that asked. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#post({kind: 'line', wanted});
  }

  /**
   * A tab of a newer version has come, and may store what this one does not understand: it steps aside, with what it has
   * queued left on disk for the newer one to send.
   */
  #outdated(): void {
    if (this.#closed) return;
    const error = new SyncError('newer-version', 'A newer version of this page is open', {action: 'reload'});
    this.#post({kind: 'over', error: error.toRecord()});
    void this.close();
  }

  #heard(message: unknown): void {
    if (!isPortMessage(message)) return;
    const said = message as PageMessage;
    switch (said.kind) {
      case 'request':
        return void this.#answer(said.id, said.request);
      case 'cancel':
        return this.#requests.get(said.id)?.abort();
      case 'watch':
        return this.#live.watch(said.live, said.type, said.query);
      case 'unwatch':
        return this.#live.unwatch(said.live);
      case 'token':
        return this.#tokens.answer(said.ask, said.token);
      case 'database':
        return this.#database.heard(said);
      case 'quiet':
        this.#quiet = said.quiet;
        return;
      case 'visible':
        return this.#keeper?.present?.probe();
    }
  }

  async #answer(id: number, request: EngineRequest): Promise<void> {
    const controller = new AbortController();
    this.#requests.set(id, controller);
    try {
      const value = await answer(this, request, controller.signal);
      this.#post({kind: 'answer', id, value});
    } catch (error) {
      this.#post({kind: 'refusal', id, error: SyncError.from(error).toRecord()});
    } finally {
      this.#requests.delete(id);
    }
  }

  /** Once a turn, however many facts changed in it. */
  #publish(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    queueMicrotask(() => {
      this.#publishing = false;
      this.#publishNow();
    });
  }

  #publishNow(): void {
    const client = this.#keeper?.present;
    if (!client || !this.#config || this.#closed) return;
    if (this.platform.clock.monotonic() - this.#measuredAt > MEASURE_EVERY) void this.#measureStorage();
    const {facts} = client;
    const state = summarise(facts, client.queue.facts(), {
      clientId: client.instance.clientId,
      role: client.isLeader ? 'leader' : 'follower',
      mode: this.#config.mode,
      durable: this.platform.storage.durable,
      online: this.platform.network.online(),
      storage: this.#storage,
    });
    if (this.#state && (sameState(this.#state, state) || this.#waits(this.#state, state))) return;
    this.#publishLater?.();
    this.#publishLater = undefined;
    this.#publishedAt = this.platform.clock.monotonic();
    if (this.#state?.status !== state.status) {
      this.history.push({at: this.platform.clock.now(), status: state.status, phase: facts.phase});
      if (this.history.length > HISTORY) this.history.shift();
    }
    this.#state = state;
    // What the queue holds every tab knows by itself: a write alone is no news of the line.
    const line = JSON.stringify([client.name, client.isLeader, facts]);
    if (line !== this.#announced) client.announceState();
    this.#announced = line;
    this.#post({kind: 'state', state});
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  /** A busy server would else have every page told of its state as often as it commits. */
  #waits(told: SyncState, state: SyncState): boolean {
    const wait = this.#publishedAt + POSITION_EVERY - this.platform.clock.monotonic();
    if (wait <= 0 || !sameButPosition(told, state)) return false;
    this.#publishLater ??= this.platform.clock.timer(wait, () => {
      this.#publishLater = undefined;
      this.#publish();
    });
    return true;
  }

  async #measureStorage(): Promise<void> {
    this.#measuredAt = this.platform.clock.monotonic();
    this.#storage = await this.platform.estimate().catch(() => null);
    this.#publish();
  }

  #post(message: EngineMessage): void {
    this.#endpoint.post(message);
  }
}
