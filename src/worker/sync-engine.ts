/**
 * SyncEngine: everything behind the port, composed. It talks to an Endpoint, so it runs in a worker, in the page or in a
 * test alike. It owns which local database is open, whether the line is wanted, and the requests that wait.
 */
import {Directory, type Instance} from '../database/directory.js';
import type {Endpoint} from '../platform/endpoint.js';
import {forwardingSink, type Logger, levelLogger, SILENT} from '../platform/logger.js';
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
import {sameState, summarise} from '../state/state.js';
import {answer} from './answers.js';
import {Client, type ClientContext} from './client.js';
import {adoptWork} from './instances.js';
import {LiveQueries} from './live-queries.js';
import {TokenDesk} from './token-desk.js';

/** How many past phases a bug report tells. */
const HISTORY = 50;

export class SyncEngine {
  readonly platform: Platform;
  readonly #endpoint: Endpoint;
  readonly #live: LiveQueries;
  readonly #requests = new Map<number, AbortController>();
  readonly #tokens: TokenDesk;
  readonly #stateListeners = new Set<(state: SyncState) => void>();
  readonly history: {at: number; status: string; phase: string}[] = [];
  #config: EngineConfig | undefined;
  #logger: Logger = SILENT;
  #directory: Directory | undefined;
  #client: Client | undefined;
  /** Opening or changing the database; requests wait for it. */
  #opening: Promise<unknown> = Promise.resolve();
  #wanted = false;
  #state: SyncState | undefined;
  #storage: SyncState['storage'] = null;
  #publishing = false;
  #closed = false;
  #unsubscribe: Remover = () => {};

  constructor(endpoint: Endpoint, platform: Platform) {
    this.#endpoint = endpoint;
    this.platform = platform;
    this.#tokens = new TokenDesk(platform.clock, ask => this.#post({kind: 'token', ask}));
    this.#live = new LiveQueries(
      (type, query) => this.#withClient(client => client.replica.list(type, query, () => client.overlay(type))),
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

  /** The open database's client, once there is one. @throws SyncError `closed`, `not-initialised` */
  async client(): Promise<Client> {
    await this.#opening;
    if (this.#closed) throw new SyncError('closed', 'The service was closed');
    if (!this.#client) throw new SyncError('not-initialised', 'The engine was not told what to open');
    return this.#client;
  }

  async init(config: EngineConfig): Promise<void> {
    if (this.#config) return;
    this.#config = config;
    const sink = forwardingSink((level, message) => this.#post({kind: 'log', level, message}));
    this.#logger = levelLogger(config.log, sink, '');
    this.#unsubscribe = this.platform.network.subscribe(online => {
      if (online) this.#client?.probe();
      this.#publish();
    });
    await this.#exclusively(async () => {
      this.#directory = await Directory.open(
        this.platform.storage,
        config.url,
        config.database,
        this.platform.random.uuid,
      );
      await this.#open(await this.#directory.resolve(config.user, config.clientId));
    });
    void this.#measureStorage();
  }

  async connect(): Promise<void> {
    this.#wanted = true;
    (await this.client()).connect();
  }

  async disconnect(graceful: boolean): Promise<void> {
    this.#wanted = false;
    await (await this.client()).disconnect(graceful);
  }

  /** Calls on each change of the state until the remover is called. */
  onState(listener: (state: SyncState) => void): Remover {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Takes the present database off the shelf and opens a fresh one, in every tab. The line stays closed. */
  async startOver(forget: boolean): Promise<void> {
    await this.#exclusively(async () => {
      const old = this.#client;
      if (!old || !this.#directory) return;
      this.#wanted = false;
      if (forget) await this.#directory.forget(old.instance.id);
      else await this.#directory.release(old.instance.id);
      old.tracker.announce({kind: 'moved'});
      await this.#open(await this.#directory.resolve(undefined, this.#config?.clientId));
    });
  }

  /** Deletes a database that is off the shelf, once no tab has it open. */
  removeWhenLeft(client: Client): void {
    this.platform.storage.remove(client.name).catch(error => this.#logger.warn(SyncError.from(error).message));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    for (const controller of this.#requests.values()) controller.abort();
    this.#tokens.close();
    await this.#opening.catch(() => {});
    await this.#client?.close();
    this.#directory?.close();
  }

  async #open(instance: Instance): Promise<void> {
    const old = this.#client;
    this.#client = undefined;
    await old?.close();
    if (!this.#config || this.#closed) return;
    this.#client = await Client.open(this.#context(this.#config), instance);
    this.#live.touch(null);
    this.#publish();
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
        event: event => this.#post({kind: 'event', event}),
        token: () => this.#tokens.ask(),
        claim: subject => this.#claim(subject),
        moved: () => void this.#reopen(),
        asked: what => {
          this.#wanted = what === 'connect';
        },
      },
    };
  }

  async #claim(subject: string): Promise<boolean> {
    const client = this.#client;
    if (!client || !this.#directory) return false;
    const claim = await this.#directory.claim(client.instance.id, subject);
    if (claim.kind === 'mine') return true;
    const directory = this.#directory;
    // Not awaited: this runs inside a connection that the opening will close.
    void this.#exclusively(async () => {
      if (this.#client !== client) return;
      const adopted = claim.from.subject === null;
      if (adopted) {
        await adoptWork(this.platform, client.database, claim.instance);
        await directory.forget(claim.from.id);
      }
      client.tracker.announce({kind: 'moved'});
      await this.#open(claim.instance);
      if (adopted) this.removeWhenLeft(client);
    });
    return false;
  }

  /** Another tab has found another database to be the right one: look again. */
  #reopen(): Promise<void> {
    return this.#exclusively(async () => {
      if (!this.#directory || !this.#config) return;
      const instance = await this.#directory.resolve(this.#config.user, this.#config.clientId);
      if (instance.id !== this.#client?.instance.id) await this.#open(instance);
    });
  }

  #exclusively(work: () => Promise<void>): Promise<void> {
    const result = this.#opening.catch(() => {}).then(work);
    this.#opening = result;
    result.catch(error => this.#logger.error(`Opening the local database failed: ${SyncError.from(error).message}`));
    return result;
  }

  async #withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    return use(await this.client());
  }

  #heard(message: unknown): void {
    if (!isPortMessage(message)) return;
    const said = message as PageMessage;
    switch (said.kind) {
      case 'request':
        void this.#answer(said.id, said.request);
        return;
      case 'cancel':
        return this.#requests.get(said.id)?.abort();
      case 'watch':
        return this.#live.watch(said.live, said.type, said.query);
      case 'unwatch':
        return this.#live.unwatch(said.live);
      case 'token':
        return this.#tokens.answer(said.ask, said.token);
      case 'visible':
        return this.#client?.probe();
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
    const client = this.#client;
    if (!client || !this.#config || this.#closed) return;
    const {facts} = client;
    const state = summarise(facts, client.queue.facts(), {
      clientId: client.instance.clientId,
      role: client.isLeader ? 'leader' : 'follower',
      mode: this.#config.mode,
      durable: this.platform.storage.durable,
      online: this.platform.network.online(),
      storage: this.#storage,
    });
    if (this.#state && sameState(this.#state, state)) return;
    if (this.#state?.status !== state.status) {
      this.history.push({at: this.platform.clock.now(), status: state.status, phase: facts.phase});
      if (this.history.length > HISTORY) this.history.shift();
    }
    this.#state = state;
    client.announceState();
    this.#post({kind: 'state', state});
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  async #measureStorage(): Promise<void> {
    this.#storage = await this.platform.estimate().catch(() => null);
    this.#publish();
  }

  #post(message: EngineMessage): void {
    this.#endpoint.post(message);
  }
}
