/** What takes the old client's belongings over. Each may run twice and does its work once; each can be tried dry. */
import {isId, normaliseLsn, type Operation, SyncError} from '../protocol/protocol.js';
import {fnv1a} from '../protocol/subscription.js';
import {validateOperation} from '../protocol/validate-operation.js';
import {DEFAULT_LIMITS} from '../service/service.js';
import {OperationQueue, pageOperation} from './operation-queue.js';
import {configureSync, currentService, isStarted, logger, type SyncService} from './shared.js';
import {eventName} from './sync-worker-manager.js';
import type {SyncOperation} from './types.js';

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

/** Which listeners stand on which service, by event, and how to take them off. */
const migrated = new WeakMap<SyncService, Map<string, Map<OldListener, () => void>>>();

/** Puts the listeners of the old client on the service. A listener that is on it already stays, once. */
export function migrateEventListeners(
  listeners: ReadonlyMap<string, ReadonlySet<OldListener>>,
  {dryRun = false, service = currentService()}: MigrateOptions = {},
): MigratedListeners {
  const here = migrated.get(service) ?? new Map<string, Map<OldListener, () => void>>();
  migrated.set(service, here);
  const removers: (() => void)[] = [];
  const unknown: string[] = [];
  let count = 0;
  for (const [name, set] of listeners) {
    const known = eventName(name);
    if (known === undefined) {
      unknown.push(name);
      logger().warn(`There is no event '${name.slice(0, 40)}': its listeners were not taken over`);
      continue;
    }
    const there = here.get(name) ?? new Map<OldListener, () => void>();
    here.set(name, there);
    for (const listener of set) {
      if (there.has(listener)) continue;
      count++;
      if (dryRun) continue;
      const remove = service.addEventListener(known, listener as (detail: unknown) => void);
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

export interface MigratedOperations {
  /** Ids of those that are durable now; with `dryRun`: that would be. */
  taken: string[];
  /** Places in the list of those that are functions: they run in this page, and are lost with it. */
  inPageOnly: number[];
  refused: {index: number; error: SyncError}[];
}

export interface MigrateOperationsOptions extends MigrateOptions {
  /** Where functions go. Default: a queue of their own. */
  queue?: OperationQueue;
}

/** What was taken over in this page: of a second time nobody is told, and a function does not run twice. */
const known = new WeakSet<object>();

/**
 * Moves the old queue into the durable one. Resolves when all that is data is durable, in its order; functions are only
 * begun by then, and run when the line is live. What has no id gets one made from what it is and how many like it stand
 * before it: the same list taken over twice, also after a crash, is the same operations.
 */
export async function migrateQueuedOperations(
  operations: Iterable<SyncOperation>,
  options: MigrateOperationsOptions = {},
): Promise<MigratedOperations> {
  const {dryRun = false, service = currentService(), queue = new OperationQueue(() => service)} = options;
  const report: MigratedOperations = {taken: [], inPageOnly: [], refused: []};
  const seen = new Map<string, number>();
  for (const [index, operation] of [...operations].entries()) {
    try {
      const isFresh = !dryRun && !known.has(operation);
      const runs = pageOperation(operation) !== undefined;
      if (runs) {
        report.inPageOnly.push(index);
      } else {
        const checked = validateOperation(operation as Operation, DEFAULT_LIMITS.operationBytes, () =>
          idOf(operation, seen),
        );
        if (!dryRun) await service.enqueue(checked);
        report.taken.push(checked.id);
        if (isFresh) service.settled(checked.id).then(operation.resolve, operation.reject ?? (() => {}));
      }
      if (isFresh) known.add(operation);
      // Its outcome is told by its own callbacks.
      if (isFresh && runs) queue.queueOperation(operation).catch(() => {});
    } catch (error) {
      report.refused.push({index, error: SyncError.from(error, 'invalid-operation')});
    }
  }
  return report;
}

function idOf({resolve: _resolve, reject: _reject, ...data}: SyncOperation, seen: Map<string, number>): string {
  const hash = fnv1a(JSON.stringify(data));
  const count = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, count);
  return `migrated-${hash}-${count}`;
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
  const takes = isId(clientId) && !isStarted();
  if (takes && !dryRun) configureSync({clientId});
  return {
    clientId: isAbsent(clientId) ? 'absent' : !isId(clientId) ? 'malformed' : takes ? 'taken' : 'kept',
    lastLSN: isAbsent(lastLSN) ? 'absent' : normaliseLsn(lastLSN) === undefined ? 'malformed' : 'not-used',
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
