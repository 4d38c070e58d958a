/** The plan's module functions and singletons. Those that answered with a boolean at once answer with a promise. */
import type {JsonObject, SyncStatus} from '../protocol/protocol.js';
import {WorkerSyncService} from '../service/worker-sync-service.js';
import {GlobalConnectionTracker} from './global-connection-tracker.js';
import {currentService, currentState, deprecated, endService, lazy, type SyncService, useDatabase} from './shared.js';
import {SyncClientCompat} from './sync-client-compat.js';
import {SyncMessageHandler} from './sync-message-handler.js';
import {SyncWorkerManager} from './sync-worker-manager.js';
import type {Database} from './types.js';

/**
 * Names for the one instance of a class whose `end` leaves nothing to use: the next use makes another.
 * @param unused what its end is where nobody has used it
 */
function single<T extends object>(type: {new (): T; prototype: T}, end: keyof T, unused: () => unknown) {
  let made: T | undefined;
  const current = () => {
    made ??= new type();
    return made;
  };
  const ending = () => {
    const ended = made;
    made = undefined;
    return ended ? (ended[end] as () => unknown).call(ended) : unused();
  };
  return (name: string): T => lazy(name, type.prototype, current, {[end]: ending} as unknown as Partial<T>);
}

/** The service that all old names share. */
const theService = (name: string) =>
  lazy<SyncService>(name, WorkerSyncService.prototype, currentService, {cleanup: endService});
export const workerSyncService: SyncService = theService('workerSyncService');
export const syncClient: SyncService = theService('syncClient');
const theClient = single(SyncClientCompat, 'cleanup', endService);
export const syncClientCompat: SyncClientCompat = theClient('syncClientCompat');
export const syncClientLegacy: SyncClientCompat = theClient('syncClientLegacy');
const theManager = single(SyncWorkerManager, 'terminate', endService);
export const syncWorkerManager: SyncWorkerManager = theManager('syncWorkerManager');
const theHandler = single(SyncMessageHandler, 'cleanup', async () => {});
export const syncMessageHandler: SyncMessageHandler = theHandler('syncMessageHandler');
const theTracker = single(GlobalConnectionTracker, 'cleanup', () => {});
export const globalConnectionTracker: GlobalConnectionTracker = theTracker('globalConnectionTracker');

/**
 * @param database where rows are kept: the application's own, from its first call on. Default: the embedded replica
 * @throws SyncError `already-started` where the service that is in use keeps them elsewhere
 */
export async function initializeSync(database?: Database | null): Promise<boolean> {
  deprecated('initializeSync', 'initialize of a WorkerSyncService');
  useDatabase(database);
  return currentService().initialize();
}

export async function connectToSyncServer(): Promise<boolean> {
  deprecated('connectToSyncServer', 'connect of a WorkerSyncService');
  return currentService().connect();
}

/** True once the line is closed. */
export async function disconnectFromSyncServer(graceful = true): Promise<boolean> {
  deprecated('disconnectFromSyncServer', 'disconnect of a WorkerSyncService');
  await currentService().disconnect(graceful);
  return true;
}

export function getSyncStatus(): SyncStatus {
  deprecated('getSyncStatus', 'getState().status of a WorkerSyncService');
  return currentState().status;
}

export async function cleanupBackgroundSync(): Promise<void> {
  deprecated('cleanupBackgroundSync', 'cleanup of a WorkerSyncService');
  await endService();
}

/**
 * With a message: true once it is durable here. Without one the old client asked the server for what it had missed; that
 * is asked with each greeting now, so the answer is whether the line is up.
 */
export async function sendSyncMessage(message?: JsonObject): Promise<boolean> {
  deprecated('sendSyncMessage', 'sendSyncMessage of a WorkerSyncService');
  if (message) await currentService().sendSyncMessage(message);
  return message ? true : currentState().isConnected;
}
