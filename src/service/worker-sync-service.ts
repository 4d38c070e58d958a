/** WorkerSyncService: data that stays local, live and safe, from a page's point of view. */

import {SyncWorkerManager} from '../manager/sync-worker-manager.js';
import {browserRandom} from '../platform/browser-context.js';
import {askToPersist, holdPage} from '../platform/browser-keep.js';
import type {Logger} from '../platform/logger.js';
import type {Remover} from '../platform/platform.js';
import {
  type EngineEvent,
  type EngineRequest,
  type Json,
  type JsonObject,
  type Operation,
  type OperationStage,
  type Query,
  type QueuedOperation,
  type Settlement,
  SyncError,
  type SyncState,
  type SyncStatus,
} from '../protocol/protocol.js';
import {takeOperation} from '../protocol/take-operation.js';
import {freezeState} from '../state/snapshot.js';
import {Listeners} from './listeners.js';
import {LiveQuery} from './live-query.js';
import {liveRows} from './live-rows.js';
import {refusalOf} from './refusal.js';
import {Safekeeping} from './safekeeping.js';
import {DEFAULT_LIMITS, initialState, makeLogger, managerOptions, troubledState} from './service.js';
import type {Entities, Live, Row, SyncEvents, SyncOptions, TypeName} from './types.js';

/**
 * Keeps a local replica of server data, queues writes durably, and shares one socket between all tabs, from inside a
 * worker. Every method initialises on demand; nothing runs before the first.
 */
export class WorkerSyncService<E extends object = Entities> {
  readonly #options: SyncOptions;
  readonly #logger: Logger;
  readonly #manager: SyncWorkerManager;
  readonly #report: (error: unknown) => void;
  readonly #listeners: Listeners<SyncEvents>;
  readonly #safekeeping: Safekeeping;
  #state: SyncState;
  #closing: Promise<void> | undefined;

  /** @throws SyncError `invalid-url`, `insecure-url`, `invalid-options` */
  constructor(options: SyncOptions) {
    const {logger, level} = makeLogger(options.logger);
    this.#options = options;
    this.#logger = logger;
    this.#report = error => logger.error(`A listener threw: ${SyncError.from(error).message}`);
    this.#listeners = new Listeners(this.#report, (name, count) => {
      if (name === 'changes') this.#manager.quiet(count === 0);
    });
    const {warnBeforeLeaving: warns = false, persist: persists = true} = options;
    this.#safekeeping = new Safekeeping({warns, persists}, {hold: holdPage, persist: askToPersist});
    this.#state = initialState(options.clientId, options.mode);
    this.#manager = new SyncWorkerManager(managerOptions(options, level), {
      state: state => this.#changed(state),
      event: event => this.#happened(event),
      trouble: error => this.#troubled(error),
      token: async () => this.#options.getToken?.(),
      log: (at, message) => logger[at](message),
    });
    this.#manager.quiet(true);
  }

  /**
   * True when storage and worker are ready. Where another tab holds the storage it waits, and the state says
   * `storage-blocked`; after a rejection the next call tries anew.
   * @throws SyncError `worker-failed`, `version-mismatch`, `newer-version`, `storage-failed`
   */
  async initialize(): Promise<boolean> {
    await this.#manager.start();
    return true;
  }

  /** True once catching up or live; false if refused. A network failure is neither: the service keeps trying. */
  connect(): Promise<boolean> {
    return this.#manager.request({do: 'connect'});
  }

  /** Closes the line, in all tabs, and stays away until `connect`. Graceful waits a moment for answers on their way. */
  disconnect(graceful = true): Promise<void> {
    return this.#manager.request({do: 'disconnect', graceful});
  }

  /** Drops the socket, resets the backoff, connects. */
  forceConnect(): Promise<void> {
    return this.#manager.request({do: 'forceConnect'});
  }

  /** The row with one's own pending writes on it, or undefined. */
  async get<T extends TypeName<E>>(type: T, id: string): Promise<Row<E, T> | undefined> {
    return this.#manager.request({do: 'get', type, entityId: String(id)});
  }

  /** Rows with one's own pending writes on them. @throws SyncError `invalid-query` */
  async list<T extends TypeName<E>>(type: T, query: Query = {}): Promise<Row<E, T>[]> {
    return this.#manager.request({do: 'list', type, query});
  }

  /** How many rows `list` would give without a limit. */
  async count<T extends TypeName<E>>(type: T, query: Query = {}): Promise<number> {
    return this.#manager.request({do: 'count', type, query});
  }

  /** A list that follows the data while somebody listens. Rows that have not changed are the same objects as before. */
  live<T extends TypeName<E>>(type: T, query: Query = {}): Live<Row<E, T>[]> {
    return new LiveQuery<Row<E, T>[]>(liveRows(this.#manager, type, query), this.#report);
  }

  /** Writes the given columns of a row; makes the row where there is none. */
  put<T extends TypeName<E>>(type: T, id: string, row: Row<E, T>): Promise<string> {
    return this.enqueue({type: 'upsert', entityType: type, entityId: id, payload: row as Json});
  }

  /** Writes the given columns of a row that is there. */
  patch<T extends TypeName<E>>(type: T, id: string, columns: Partial<Row<E, T>>): Promise<string> {
    return this.enqueue({
      type: 'upsert',
      entityType: type,
      entityId: id,
      payload: columns as Json,
      partial: true,
    });
  }

  remove<T extends TypeName<E>>(type: T, id: string): Promise<string> {
    return this.enqueue({type: 'delete', entityType: type, entityId: id});
  }

  /**
   * Resolves with the operation's id once it is durable here.
   * @throws SyncError `invalid-operation`, `operation-too-large`, `queue-full`, `id-reused`, `logged-out`, `quota-exceeded`
   */
  async enqueue(operation: Operation): Promise<string> {
    return this.#save(operation, operation => ({do: 'enqueue', operation}));
  }

  /**
   * Resolves when the operation has got so far; works after a reload and from any tab.
   * @throws SyncError of its refusal, `discarded`, `cancelled`, `unknown-operation`
   */
  settled(id: string, {until = 'applied'}: {until?: 'sent' | 'applied' | 'echoed'} = {}): Promise<Settlement> {
    return this.#manager.request({do: 'settled', operation: id, until});
  }

  /** The plan's name: `enqueue`, then `settled`. */
  async queueOperation(operation: Operation): Promise<Settlement> {
    return this.settled(await this.enqueue(operation));
  }

  /** What is queued, in flight and failed, oldest first, payloads included. */
  operations({stage}: {stage?: OperationStage} = {}): Promise<QueuedOperation[]> {
    return this.#manager.request({do: 'operations', stage: stage ?? null});
  }

  /** Sends a refused operation again, with those behind it; all refused ones without an id. */
  retry(id?: string): Promise<void> {
    return this.#manager.request({do: 'retry', operation: id ?? null});
  }

  /** Drops a refused operation (or, by id, a queued one); one that was sent may have been applied all the same. */
  discard(id?: string): Promise<void> {
    return this.#manager.request({do: 'discard', operation: id ?? null});
  }

  /** Puts another operation in the place of a refused one. */
  async replace(id: string, operation: Operation): Promise<void> {
    return this.#save(operation, by => ({do: 'replace', operation: id, by}));
  }

  /** Drops what was not sent yet; whoever waits for it is told `cancelled`. */
  clearOperationQueue(): Promise<void> {
    return this.#manager.request({do: 'clearQueue'});
  }

  /** Resolves when nothing is pending. */
  flush({signal}: {signal?: AbortSignal} = {}): Promise<void> {
    return this.#manager.request({do: 'flush'}, signal);
  }

  getState(): SyncState {
    return this.#state;
  }

  getStatus(): SyncStatus {
    return this.#state.status;
  }

  isConnected(): boolean {
    return this.#state.isConnected;
  }

  isConnecting(): boolean {
    return this.#state.isConnecting;
  }

  getNetworkStatus(): {online: boolean} {
    return {online: this.#state.online};
  }

  /** Calls on each change; the snapshot is frozen. */
  onStateChange(listener: (state: SyncState) => void): Remover {
    return this.#listeners.add('state', listener);
  }

  addEventListener<K extends keyof SyncEvents>(
    type: K,
    listener: (detail: SyncEvents[K]) => void,
    {signal}: {signal?: AbortSignal} = {},
  ): Remover {
    return this.#listeners.add(type, listener, signal);
  }

  /** A message of the application's own, for the server's hook: durable and acknowledged like any operation. */
  sendSyncMessage(message: JsonObject): Promise<string> {
    return this.enqueue({type: 'send_message', payload: message});
  }

  /** Throws the replica away and takes a snapshot; operations stay, and so do the rows until it has come. */
  resync(): Promise<void> {
    return this.#manager.request({do: 'resync'});
  }

  /**
   * Resolves when nothing of this user is readable here but work kept on request. The line stays closed.
   * @param options unsent: what becomes of work the server has not taken. timeout: milliseconds for `flush`, default 10,000
   * @throws SyncError `unsent` where flushing ran out of time; nothing is wiped then
   */
  logout(options: {unsent: 'flush' | 'keep' | 'discard'; wipe?: boolean; timeout?: number}): Promise<void> {
    const {unsent, wipe = true, timeout = 10_000} = options;
    return this.#manager.request({do: 'logout', unsent, wipe, timeout});
  }

  /** A plain object for a bug report: no payloads, no tokens. */
  async diagnostics(): Promise<Record<string, unknown>> {
    return this.#manager.request({do: 'diagnostics'});
  }

  /** Closes everything; what waits is told `closed`. Idempotent. */
  cleanup(): Promise<void> {
    this.#safekeeping.close();
    this.#closing ??= this.#manager.terminate().then(() => this.#listeners.clear());
    return this.#closing;
  }

  /** Takes the operation as it is now, and asks for it to be saved. */
  async #save<T>(operation: Operation, request: (taken: Operation & {id: string}) => EngineRequest): Promise<T> {
    const limit = this.#options.limits?.operationBytes ?? DEFAULT_LIMITS.operationBytes;
    let asked: EngineRequest;
    try {
      asked = request(takeOperation(operation, limit, browserRandom.uuid));
    } catch (thrown) {
      throw await refusalOf(thrown);
    }
    return this.#safekeeping.during(this.#manager.request(asked));
  }

  #changed(state: SyncState): void {
    this.#state = freezeState(state);
    this.#safekeeping.changed(state);
    this.#listeners.emit('state', state);
  }

  #troubled(error: SyncError): void {
    this.#logger.error(`${error.code}: ${error.message}`);
    this.#changed(troubledState(this.#state, error));
    this.#listeners.emit('error', error);
  }

  #happened({name, detail}: EngineEvent): void {
    switch (name) {
      case 'error':
        return this.#listeners.emit(name, SyncError.fromRecord(detail));
      case 'operation_error':
        return this.#listeners.emit(name, {id: detail.id, error: SyncError.fromRecord(detail.error)});
      default:
        this.#logger.debug(name);
        return this.#listeners.emit(name, detail as never);
    }
  }
}
