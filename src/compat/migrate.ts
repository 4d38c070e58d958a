/** What takes the old client's belongings over. Each may run twice and does its work once; each can be tried dry. */
import {isId, normaliseLsn} from '../protocol/protocol.js';
import type {SyncEvents} from '../service/types.js';
import {attach, logger, type SyncService, useClientId} from './shared.js';
import {eventName} from './sync-worker-manager.js';

type OldListener = (detail: never) => void;

/** Takes the listeners off again. */
export interface MigratedListeners {
  (): void;
  /** Listeners that were put on the service; with `dryRun`: that would be. */
  readonly taken: number;
  /** Names of events that the service does not have: nobody would ever call their listeners. */
  readonly unknown: readonly string[];
}

export interface MigrateOptions {
  /** Reports, and changes nothing. Default false. */
  dryRun?: boolean;
  /** Default: the one that the old names share. */
  service?: SyncService;
}

/** Which listeners stand where, by event, and how to take them off. On the service that the old names share: `SHARED`. */
const standing = new WeakMap<object, Map<string, Map<OldListener, () => void>>>();
const SHARED = {};

/** Puts the listeners of the old client on the service. A listener that is on it already stays, once. */
export function migrateEventListeners(
  listeners: ReadonlyMap<string, ReadonlySet<OldListener>>,
  {dryRun = false, service}: MigrateOptions = {},
): MigratedListeners {
  const here = standing.get(service ?? SHARED) ?? new Map<string, Map<OldListener, () => void>>();
  standing.set(service ?? SHARED, here);
  const removers: (() => void)[] = [];
  const unknown: string[] = [];
  let count = 0;
  for (const [name, set] of listeners) {
    const known = eventName(name);
    if (known === undefined) {
      unknown.push(name);
      logger().warn(`There is no event '${String(name).slice(0, 40)}': its listeners were not taken over`);
      continue;
    }
    const there = here.get(name) ?? new Map<OldListener, () => void>();
    here.set(name, there);
    for (const listener of set) {
      if (there.has(listener)) continue;
      count++;
      if (dryRun) continue;
      const remove = put(service, known, listener as (detail: unknown) => void);
      there.set(listener, remove);
      removers.push(() => {
        remove();
        there.delete(listener);
      });
    }
  }
  const removeAll = () => {
    for (const remove of removers.splice(0)) remove();
  };
  return Object.assign(removeAll, {taken: count, unknown});
}

function put(service: SyncService | undefined, name: keyof SyncEvents, listener: (detail: unknown) => void) {
  return service ? service.addEventListener(name, listener) : attach(made => made.addEventListener(name, listener));
}

export interface MigratedState {
  /** `taken` as the label of this client; `kept`: it has one already; `malformed`; or there was none. */
  clientId: 'taken' | 'kept' | 'malformed' | 'absent';
  /** Never the checkpoint: see `migrateSyncState`. */
  lastLSN: 'not-used' | 'malformed' | 'absent';
}

/**
 * The client id becomes the label of a client that has not begun yet. The LSN is read and not used: it says what another
 * database holds. Rows and checkpoint belong together here, so a client without rows takes a snapshot, whatever the old
 * one had seen, and one with rows goes on from its own checkpoint: it moves neither back nor over rows that aren't there.
 */
export function migrateSyncState(
  {clientId, lastLSN}: {clientId?: unknown; lastLSN?: unknown},
  {dryRun = false}: Pick<MigrateOptions, 'dryRun'> = {},
): MigratedState {
  const takes = isId(clientId) && useClientId(clientId, {dryRun});
  return {
    clientId: isAbsent(clientId) ? 'absent' : !isId(clientId) ? 'malformed' : takes ? 'taken' : 'kept',
    lastLSN: isAbsent(lastLSN) ? 'absent' : normaliseLsn(lastLSN) === undefined ? 'malformed' : 'not-used',
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
