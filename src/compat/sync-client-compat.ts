/** SyncClientCompat: the old client's methods, on the service. */

import {LSN_ZERO, SyncError, type SyncState} from '../protocol/protocol.js';
import {OperationQueue} from './operation-queue.js';
import {currentService, deprecated, endService, logger, type SyncService} from './shared.js';
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

  /** As `initialize` of the service. @throws SyncError `unsupported-database` where one is given */
  async initialize(database?: Database | null): Promise<boolean> {
    refuseDatabase(database);
    return this.#service().initialize();
  }

  /** True once the line is up; false if the server refuses. With no network it waits, where the old client gave up. */
  connect(): Promise<boolean> {
    return this.#service().connect();
  }

  disconnect(graceful = true): Promise<void> {
    return this.#service().disconnect(graceful);
  }

  forceConnect(): Promise<void> {
    return this.#service().forceConnect();
  }

  /** The old five fields, and all that the state says besides. `lastLSN` is `0/0` before the first checkpoint. */
  getState(): SyncState & ConnectionStatus {
    const state = this.#service().getState();
    return {...state, lastLSN: state.lastLSN || LSN_ZERO};
  }

  /** The outcome is told by the operation's own `resolve` and `reject`; a failure that nobody listens for is logged. */
  queueOperation(operation: SyncOperation): void {
    this.#queue.queueOperation(operation).catch(error => {
      if (!operation.reject) logger().error(`An operation failed: ${SyncError.from(error).message}`);
    });
  }

  /** Operations that would be lost with this page: functions, and what stands behind one. */
  get pageOnly(): number {
    return this.#queue.length;
  }

  getNetworkStatus(): boolean {
    return this.#service().getNetworkStatus().online;
  }

  get onStateChange(): Listener | null {
    return this.#listener?.call ?? null;
  }

  /** One listener: setting another takes its place, null takes it away. */
  set onStateChange(listener: Listener | null) {
    this.#listener?.remove();
    this.#listener = listener
      ? {call: listener, remove: this.#service().onStateChange(() => listener(this.getState()))}
      : undefined;
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

/** Rows lie in the embedded replica; taking a database and never writing to it would be a lie. */
export function refuseDatabase(database: Database | null | undefined): void {
  if (!database) return;
  const message =
    'Rows are kept in the embedded replica, read by get, list and live; a database of your own is not written';
  throw new SyncError('unsupported-database', message);
}
