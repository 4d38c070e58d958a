/** SyncClientCompat: the old client's methods, on the service. */

import {LSN_ZERO, SyncError, type SyncState} from '../protocol/protocol.js';
import {OperationQueue} from './operation-queue.js';
import {
  attach,
  currentService,
  currentState,
  deprecated,
  endService,
  logger,
  type SyncService,
  useDatabase,
} from './shared.js';
import type {ConnectionStatus, Database, SyncOperation} from './types.js';

type Listener = (state: SyncState) => void;

export class SyncClientCompat {
  readonly #own: SyncService | undefined;
  readonly #queue: OperationQueue;
  #listener: {call: Listener; remove: () => void} | undefined;

  /** @param service default: the one that the old names share */
  constructor(service?: SyncService) {
    deprecated('SyncClientCompat', 'WorkerSyncService');
    this.#own = service;
    this.#queue = new OperationQueue(() => this.#service());
  }

  /**
   * As `initialize` of the service.
   * @param database where rows are kept: the application's own, from its first call on. Default: the embedded replica
   * @throws SyncError `already-started` where the service that is in use keeps them elsewhere
   */
  async initialize(database?: Database | null): Promise<boolean> {
    if (!this.#own) useDatabase(database);
    else if (database) {
      throw new SyncError('already-started', 'This client stands on a service of your own: give the database to that');
    }
    return this.#service().initialize();
  }

  /** True once the line is up; false if the server refuses. With no network it waits, where the old client gave up. */
  async connect(): Promise<boolean> {
    return this.#service().connect();
  }

  async disconnect(graceful = true): Promise<void> {
    await this.#service().disconnect(graceful);
  }

  async forceConnect(): Promise<void> {
    await this.#service().forceConnect();
  }

  /** The old five fields, and all that the state says besides. `lastLSN` is `0/0` before the first checkpoint. */
  getState(): SyncState & ConnectionStatus {
    const state = this.#own?.getState() ?? currentState();
    return {...state, lastLSN: state.lastLSN || LSN_ZERO};
  }

  /** The outcome is told by the operation's own `resolve` and `reject`; a failure that nobody listens for is logged. */
  queueOperation(operation: SyncOperation): void {
    this.#queue.queueOperation(operation).catch(error => {
      if (!operation?.reject) logger().error(`An operation failed: ${SyncError.from(error).message}`);
    });
  }

  /** Operations that would be lost with this page: functions, and what stands behind one. */
  get pageOnly(): number {
    return this.#queue.length;
  }

  getNetworkStatus(): boolean {
    return this.getState().online;
  }

  get onStateChange(): Listener | null {
    return this.#listener?.call ?? null;
  }

  /** One listener: setting another takes its place, null takes it away. */
  set onStateChange(listener: Listener | null) {
    this.#listener?.remove();
    this.#listener = undefined;
    if (!listener) return;
    // The old client was listened to before it was told which database it has.
    const put = (service: SyncService) => service.onStateChange(() => listener(this.getState()));
    this.#listener = {call: listener, remove: this.#own ? put(this.#own) : attach(put)};
  }

  /** Closes everything; what waits is told so. The next call begins anew. */
  async cleanup(): Promise<void> {
    this.#listener?.remove();
    this.#listener = undefined;
    this.#queue.abandon();
    await (this.#own ? this.#own.cleanup() : endService());
  }

  #service(): SyncService {
    return this.#own ?? currentService();
  }
}
