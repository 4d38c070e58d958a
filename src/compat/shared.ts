/** What the old names share: one service, made on first use, and one note for each name. */
import type {Logger} from '../platform/logger.js';
import {SyncError} from '../protocol/protocol.js';
import {makeLogger} from '../service/service.js';
import {WorkerSyncService} from '../service/worker-sync-service.js';
import type {SyncConfig} from './types.js';

/** What WorkerSyncService shows: old names can stand on it, or on what does the same. */
export type SyncService = Pick<WorkerSyncService, keyof WorkerSyncService>;

let config: SyncConfig = {};
let service: WorkerSyncService | undefined;
const noted = new Set<string>();

/**
 * Sets options of the one service that the old names share; may be called several times before any of them is used. Without
 * it they connect to `/api/sync` of the page's own host.
 * @throws SyncError `already-started`
 */
export function configureSync(options: SyncConfig): void {
  if (service) throw new SyncError('already-started', 'The service is in use; configureSync comes before that');
  config = {...config, ...options};
}

export function isStarted(): boolean {
  return service !== undefined;
}

export function currentService(): SyncService {
  service ??= new WorkerSyncService({url: '/', ...config});
  return service;
}

/** The next use begins with a new one: the old client could be initialised again, too. */
export async function endService(): Promise<void> {
  const ended = service;
  service = undefined;
  await ended?.cleanup();
}

export function logger(): Logger {
  return makeLogger(config.logger).logger;
}

/** Tells once, at the level `warn`, what takes the place of an old name. */
export function deprecated(name: string, instead: string): void {
  if (noted.has(name)) return;
  noted.add(name);
  logger().warn(`${name} is an old name; use ${instead} (docs/migration.md)`);
}

/**
 * Stands for an object that is asked for at each use, so that naming it makes nothing.
 * @param overrides members that are answered here
 */
export function lazy<T extends object>(current: () => T, overrides: Partial<T> = {}): T {
  return new Proxy({} as T, {
    get: (_, key) => {
      const target = Object.hasOwn(overrides, key) ? overrides : current();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (_, key, value) => Reflect.set(current(), key, value),
    has: (_, key) => key in current(),
  });
}
