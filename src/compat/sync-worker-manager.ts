/** SyncWorkerManager: the plan's manager, on the service, which has the true one behind it. */
import type {JsonObject, Operation} from '../protocol/protocol.js';
import type {SyncEvents} from '../service/types.js';
import {
  attach,
  configureSync,
  currentService,
  currentState,
  deprecated,
  endService,
  isStarted,
  logger,
  type SyncService,
} from './shared.js';
import type {ConnectionStatus} from './types.js';

const EVENTS: ReadonlySet<string> = new Set<keyof SyncEvents>([
  ...(['connected', 'disconnected', 'reconnecting', 'error', 'sync_started', 'sync_completed'] as const),
  ...(['operation_complete', 'operation_error', 'changes', 'message', 'state'] as const),
]);

/** The service's name of an event, or undefined where it has none such. */
export function eventName(name: string): keyof SyncEvents | undefined {
  return EVENTS.has(name) ? (name as keyof SyncEvents) : undefined;
}

export class SyncWorkerManager {
  readonly #own: SyncService | undefined;
  readonly #removers = new Set<() => void>();

  /** @param service default: the one that the old names share */
  constructor(service?: SyncService) {
    deprecated('SyncWorkerManager', 'WorkerSyncService');
    this.#own = service;
  }

  /**
   * @param url and `clientId` count where nothing runs yet: both belong to the service. What the page takes for its last
   * LSN does not count at all: the rows know theirs.
   */
  async connect(url?: string | URL, clientId?: string, _lastLSN?: string): Promise<boolean> {
    if (!this.#own && !isStarted()) {
      configureSync({...(url === undefined ? {} : {url}), ...(clientId === undefined ? {} : {clientId})});
    }
    return this.#service().connect();
  }

  async disconnect(graceful = true): Promise<void> {
    await this.#service().disconnect(graceful);
  }

  /**
   * `{type: 'operation', operation}` is that operation, anything else a message of the application's own. True once it is
   * durable here; `settled` of the service tells what became of it.
   */
  async sendMessage(message: JsonObject | {type: 'operation'; operation: Operation}): Promise<boolean> {
    if (message['type'] === 'operation') await this.#service().enqueue(message['operation'] as unknown as Operation);
    else await this.#service().sendSyncMessage(message as JsonObject);
    return true;
  }

  isConnecting(): boolean {
    return this.getStatus().isConnecting;
  }

  getStatus(): ConnectionStatus {
    return this.#own?.getState() ?? currentState();
  }

  /** Returns the remover. A name the service does not have is logged, and never called. */
  on(name: string, listener: (detail: unknown) => void): () => void {
    const known = eventName(name);
    if (!known) {
      logger().warn(`There is no event '${name.slice(0, 40)}'`);
      return () => {};
    }
    // Listening comes before `connect`, which may still say to where.
    const put = (service: SyncService) => service.addEventListener(known, listener);
    const remove = this.#own ? put(this.#own) : attach(put);
    this.#removers.add(remove);
    return () => {
      this.#removers.delete(remove);
      remove();
    };
  }

  /** Ends the service, and takes all listeners off. */
  async terminate(): Promise<void> {
    for (const remove of this.#removers) remove();
    this.#removers.clear();
    await (this.#own ? this.#own.cleanup() : endService());
  }

  #service(): SyncService {
    return this.#own ?? currentService();
  }
}
