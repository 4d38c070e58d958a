/** What the old names share: one service, made on first use, and one note for each name. */
import type {Logger} from '../platform/logger.js';
import {SyncError} from '../protocol/protocol.js';
import {makeLogger} from '../service/service.js';
import {WorkerSyncService} from '../service/worker-sync-service.js';
import type {SyncConfig} from './types.js';

/** What WorkerSyncService shows: old names can stand on it, or on what does the same. */
export type SyncService = Pick<WorkerSyncService, keyof WorkerSyncService>;

/** For the option `dialect`: where the plan's vocabulary is, for servers that have no other. */
export const planDialect = new URL('./plan-dialect.js', import.meta.url).href;

let config: SyncConfig = {};
let service: WorkerSyncService | undefined;
/** What waits for the service to be made. */
const waiting = new Set<(made: SyncService) => void>();
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
  if (!service) {
    service = new WorkerSyncService({url: '/', ...config});
    for (const use of waiting) use(service);
    waiting.clear();
  }
  return service;
}

/** Calls with the service once somebody else uses it; at once where it is there. Returns what takes that back. */
export function onceStarted(use: (made: SyncService) => void): () => void {
  if (service) use(service);
  else waiting.add(use);
  return () => void waiting.delete(use);
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
 * Stands for an instance of a class that is asked for at each use of a member, so that neither naming it nor looking it over
 * makes anything.
 * @param overrides members that are answered here
 */
export function lazy<T extends object>(prototype: T, current: () => T, overrides: Partial<T> = {}): T {
  return new Proxy(Object.create(prototype) as T, {
    get: (shape, key) => {
      // Such as `then`, which is looked for wherever a promise is resolved with this.
      if (!Reflect.has(shape, key)) return undefined;
      const target = Object.hasOwn(overrides, key) ? overrides : current();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (_, key, value) => Reflect.set(current(), key, value),
  });
}
