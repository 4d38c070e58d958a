/** What the old names share: one service, made on first use, and one note for each name. */
import type {Logger} from '../platform/logger.js';
import {type Limits, SyncError, type SyncState} from '../protocol/protocol.js';
import {DEFAULT_LIMITS, initialState, makeLogger} from '../service/service.js';
import {WorkerSyncService} from '../service/worker-sync-service.js';
import type {Database, SyncConfig} from './types.js';

/** What WorkerSyncService shows: old names can stand on it, or on what does the same. */
export type SyncService = Pick<WorkerSyncService, keyof WorkerSyncService>;

/** For the option `dialect`: where the plan's vocabulary is, for servers that have no other. */
export const planDialect = new URL('./plan-dialect.js', import.meta.url).href;

let config: SyncConfig = {};
let service: WorkerSyncService | undefined;
type Attach = (made: SyncService) => () => void;
/** What is to stand on each service that is made, with what takes it off the one there is. */
const attached = new Map<Attach, () => void>();
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

/**
 * The application's own database as the one in which rows are kept. Given again, it is the same as once.
 * @throws SyncError `already-started` where the service keeps its rows elsewhere
 */
export function useDatabase(database: Database | null | undefined): void {
  if (database && config.database !== database) configureSync({database});
}

/** The label goes to a client that has none of its own yet. False where it has another. */
export function useClientId(clientId: string, {dryRun}: {dryRun: boolean}): boolean {
  if (config.clientId !== undefined || service) return config.clientId === clientId;
  if (!dryRun) configureSync({clientId});
  return true;
}

export function isStarted(): boolean {
  return service !== undefined;
}

export function currentService(): SyncService {
  if (!service) {
    service = new WorkerSyncService({url: '/', ...config});
    for (const attach of attached.keys()) attached.set(attach, attach(service));
  }
  return service;
}

/** What is the case, also before anybody uses the service: looking makes none. */
export function currentState(): SyncState {
  return service?.getState() ?? initialState(config.clientId, config.mode);
}

export function currentLimits(): Limits {
  return {...DEFAULT_LIMITS, ...config.limits};
}

/** Puts something on the service that the old names share, whenever one is made. Returns what takes it off for good. */
export function attach(put: Attach): () => void {
  attached.set(put, service ? put(service) : () => {});
  return () => {
    attached.get(put)?.();
    attached.delete(put);
  };
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
 * makes anything. Each member that is used is told as an old name.
 * @param overrides members that are answered here
 */
export function lazy<T extends object>(name: string, prototype: T, current: () => T, overrides: Partial<T> = {}): T {
  const tell = (key: PropertyKey) => deprecated(`${name}.${String(key)}`, 'a WorkerSyncService of your own');
  return new Proxy(Object.create(prototype) as T, {
    get: (shape, key) => {
      // Such as `then`, which is looked for wherever a promise is resolved with this.
      if (!Reflect.has(shape, key)) return undefined;
      tell(key);
      const target = Object.hasOwn(overrides, key) ? overrides : current();
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (_, key, value) => {
      tell(key);
      return Reflect.set(current(), key, value);
    },
  });
}
