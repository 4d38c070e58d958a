/** SyncWorkerManager: boots the engine, watches it, replaces it, and keeps what is asked of it. */
import {hasWorkers, watchPage} from '../platform/browser-page.js';
import type {Clock, Remover} from '../platform/platform.js';
import {
  type EngineConfig,
  type EngineMessage,
  type EngineRequest,
  isPortMessage,
  type PageMessage,
  PORT_FORMAT,
  type Query,
  SyncError,
} from '../protocol/protocol.js';
import {type EngineLine, pageLine, type WorkerOption, workerLine} from './engine-line.js';
import type {ManagerHooks, Watch} from './manager.js';

/** A worker that has not said `ready` by then is not coming. */
const READY_LIMIT = 10_000;
const PING_EVERY = 10_000;
/** Twice without an answer, and the worker is replaced. */
const PING_LIMIT = 10_000;
/** Replacements after which a worker is not tried again. */
const MAX_DEATHS = 3;

export interface ManagerOptions {
  config: Omit<EngineConfig, 'mode'>;
  mode: 'auto' | 'worker' | 'page';
  worker?: WorkerOption;
  clock: Clock;
}

interface Outstanding {
  request: EngineRequest;
  resolve(value: unknown): void;
  reject(error: SyncError): void;
}

export class SyncWorkerManager {
  readonly #options: ManagerOptions;
  readonly #hooks: ManagerHooks;
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #watches = new Map<number, Watch>();
  #ids = 0;
  #line: EngineLine | undefined;
  /** Initialised: requests may be posted. */
  #running = false;
  #booting: Promise<void> | undefined;
  #booted: {resolve(): void; reject(error: SyncError): void} | undefined;
  #deaths = 0;
  #inPage: boolean;
  /** Whether the line to the server is wanted: a new engine is told so. */
  #connectWanted = false;
  #stopped = false;
  #limit: Remover = () => {};
  #heartbeat: Remover = () => {};
  #unwatchPage: Remover = () => {};

  constructor(options: ManagerOptions, hooks: ManagerHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#inPage = options.mode === 'page' || (options.mode === 'auto' && !hasWorkers());
  }

  /** Resolves when an engine is ready and its storage is open. @throws SyncError `worker-failed`, or of the storage */
  start(): Promise<void> {
    if (this.#stopped) return Promise.reject(closed());
    this.#booting ??= new Promise((resolve, reject) => {
      this.#booted = {resolve, reject};
      this.#unwatchPage = watchPage({
        // A lock that a worker holds may survive its page in Safari; and a page in the cache must not lead.
        hidden: () => this.#endLine(),
        restored: () => void this.#boot(),
        visible: () => this.#post({kind: 'visible'}),
      });
      void this.#boot();
    });
    return this.#booting;
  }

  /** One request; asked again by itself where an engine died before it answered. */
  async request<T>(request: EngineRequest, signal?: AbortSignal): Promise<T> {
    if (this.#stopped) throw closed();
    await this.start();
    if (this.#stopped) throw closed();
    signal?.throwIfAborted();
    const id = ++this.#ids;
    return new Promise<T>((resolve, reject) => {
      this.#outstanding.set(id, {request, resolve: resolve as (value: unknown) => void, reject});
      signal?.addEventListener('abort', () => {
        if (!this.#outstanding.delete(id)) return;
        this.#post({kind: 'cancel', id});
        reject(signal.reason);
      });
      if (this.#running) this.#post({kind: 'request', id, request});
    });
  }

  watch(type: string, query: Query, hooks: Pick<Watch, 'value' | 'error'>): Remover {
    const live = ++this.#ids;
    this.#watches.set(live, {type, query, ...hooks});
    if (this.#running) this.#post({kind: 'watch', live, type, query});
    this.start().catch(error => hooks.error(SyncError.from(error).toRecord()));
    return () => {
      if (this.#watches.delete(live)) this.#post({kind: 'unwatch', live});
    };
  }

  /** Asks the engine to close everything, then ends it. Idempotent. */
  async terminate(): Promise<void> {
    if (this.#stopped) return;
    if (this.#running) {
      const cancel = this.#options.clock.timer(5000, () => this.#end());
      await this.request({do: 'cleanup'}).catch(() => {});
      cancel();
    }
    this.#end();
  }

  #end(): void {
    this.#stopped = true;
    this.#unwatchPage();
    this.#endLine();
    this.#booted?.reject(closed());
    this.#booting?.catch(() => {});
    for (const {reject} of this.#outstanding.values()) reject(closed());
    this.#outstanding.clear();
    this.#watches.clear();
  }

  #endLine(): void {
    this.#running = false;
    this.#limit();
    this.#heartbeat();
    this.#line?.end();
    this.#line = undefined;
  }

  async #boot(): Promise<void> {
    this.#endLine();
    if (this.#stopped) return;
    let line: EngineLine;
    try {
      line = this.#inPage
        ? await pageLine()
        : workerLine(this.#options.worker, reason => line === this.#line && this.#died(reason));
    } catch (error) {
      return this.#died(SyncError.from(error).message);
    }
    if (this.#stopped || this.#line) return line.end();
    this.#line = line;
    line.endpoint.listen(message => this.#line === line && this.#heard(message));
    this.#limit = this.#options.clock.timer(READY_LIMIT, () => this.#died('it did not get ready within 10 s'));
  }

  #died(reason: string): void {
    this.#endLine();
    this.#deaths++;
    const never = this.#booted !== undefined;
    const hopeless = never || this.#deaths > MAX_DEATHS;
    if (!hopeless || this.#inPage === false) {
      this.#hooks.log('error', `The worker ${never ? 'can not start' : 'died'}: ${reason}`);
    }
    if (hopeless && !this.#inPage && this.#options.mode === 'auto') {
      this.#hooks.log(
        'warn',
        'Syncing goes on in the page: slower, but whole. Is the worker file served, and allowed by worker-src?',
      );
      this.#inPage = true;
    } else if (hopeless) {
      this.#fail(new SyncError('worker-failed', `The sync worker can not run: ${reason}`, {action: 'reload'}));
      return;
    }
    void this.#boot();
  }

  #fail(error: SyncError): void {
    this.#booted?.reject(error);
    this.#booted = undefined;
    this.#booting = undefined;
    for (const {reject} of this.#outstanding.values()) reject(error);
    this.#outstanding.clear();
    this.#hooks.event({name: 'error', detail: error.toRecord()});
  }

  #heard(message: unknown): void {
    if (!isPortMessage(message)) return;
    const said = message as EngineMessage;
    switch (said.kind) {
      case 'ready':
        return this.#ready(said.format);
      case 'answer':
        return this.#settle(said.id, outstanding => outstanding.resolve(said.value));
      case 'refusal':
        return this.#settle(said.id, outstanding => outstanding.reject(SyncError.fromRecord(said.error)));
      case 'state':
        return this.#hooks.state(said.state);
      case 'event':
        return this.#hooks.event(said.event);
      case 'live':
        return this.#watches.get(said.live)?.value(said.value);
      case 'live-error':
        return this.#watches.get(said.live)?.error(said.error);
      case 'line':
        this.#connectWanted = said.wanted;
        return;
      case 'token':
        return void this.#answerToken(said.ask);
      case 'log':
        return this.#hooks.log(said.level, said.message);
    }
  }

  #ready(format: number): void {
    this.#limit();
    const line = this.#line;
    if (!line) return;
    if (format !== PORT_FORMAT) {
      this.#fail(new SyncError('version-mismatch', 'The worker file is of another version', {action: 'reload'}));
      return;
    }
    const id = ++this.#ids;
    const config: EngineConfig = {...this.#options.config, mode: line.place};
    const request: EngineRequest = {do: 'init', format: PORT_FORMAT, config};
    this.#outstanding.set(id, {
      request,
      resolve: () => this.#run(line),
      reject: error => line === this.#line && this.#fail(error),
    });
    this.#post({kind: 'request', id, request});
  }

  #run(line: EngineLine): void {
    if (line !== this.#line) return;
    this.#running = true;
    this.#booted?.resolve();
    this.#booted = undefined;
    // An init that a dead engine left behind is not repeated; all else is asked again: each is idempotent.
    for (const [id, {request}] of this.#outstanding) {
      if (request.do === 'init') this.#outstanding.delete(id);
      else this.#post({kind: 'request', id, request});
    }
    for (const [live, {type, query}] of this.#watches) this.#post({kind: 'watch', live, type, query});
    const asked = [...this.#outstanding.values()].some(({request}) => request.do === 'connect');
    if (this.#connectWanted && !asked) void this.request({do: 'connect'}).catch(() => {});
    this.#watchHeartbeat(0);
  }

  #watchHeartbeat(missed: number): void {
    const {clock} = this.#options;
    this.#heartbeat = clock.timer(missed > 0 ? 0 : PING_EVERY, () => {
      const limit = new AbortController();
      this.#heartbeat = clock.timer(PING_LIMIT, () => limit.abort());
      this.request({do: 'ping'}, limit.signal).then(
        () => {
          this.#heartbeat();
          if (this.#running) this.#watchHeartbeat(0);
        },
        () => {
          // A page that was frozen finds its own timer late: one more is asked before the worker is judged.
          if (!limit.signal.aborted || !this.#running) return;
          if (missed > 0) this.#died('it does not answer');
          else this.#watchHeartbeat(missed + 1);
        },
      );
    });
  }

  async #answerToken(ask: number): Promise<void> {
    let token: string | undefined;
    try {
      token = await this.#hooks.token();
    } catch (error) {
      this.#hooks.log('warn', `getToken failed: ${SyncError.from(error).message}`);
    }
    this.#post(token === undefined ? {kind: 'token', ask} : {kind: 'token', ask, token});
  }

  #settle(id: number, settle: (outstanding: Outstanding) => void): void {
    const outstanding = this.#outstanding.get(id);
    this.#outstanding.delete(id);
    if (outstanding) settle(outstanding);
  }

  #post(message: PageMessage): void {
    this.#line?.endpoint.post(message);
  }
}

function closed(): SyncError {
  return new SyncError('closed', 'The service was closed');
}
