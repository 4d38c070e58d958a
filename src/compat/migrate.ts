/** What takes the old client's belongings over. Each may run twice and does its work once; each can be tried dry. */
import {isId, normaliseLsn, type Operation, SyncError} from '../protocol/protocol.js';
import {validateOperation} from '../protocol/validate-operation.js';
import type {SyncEvents} from '../service/types.js';
import {OperationQueue, pageOperation, tellOutcome} from './operation-queue.js';
import {attach, currentLimits, currentService, logger, type SyncService, useClientId} from './shared.js';
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

type Standing = Map<string, Map<OldListener, () => void>>;

/** Which listeners stand on which service, by event, and how to take them off. */
const migrated = new WeakMap<SyncService, Standing>();
/** The same on the one that the old names share. It need not be there yet. */
const shared: Standing = new Map();

function standingOn(service: SyncService | undefined): Standing {
  const standing = service ? (migrated.get(service) ?? new Map()) : shared;
  if (service) migrated.set(service, standing);
  return standing;
}

/** Puts the listeners of the old client on the service. A listener that is on it already stays, once. */
export function migrateEventListeners(
  listeners: ReadonlyMap<string, ReadonlySet<OldListener>>,
  {dryRun = false, service}: MigrateOptions = {},
): MigratedListeners {
  const here = standingOn(service);
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

/** So many are written together: one at a time, ten thousand would take half a minute. */
const TOGETHER = 250;

/**
 * Moves the old queue into the durable one. Resolves when all that is data is durable, in its order; functions are only
 * begun by then, and run when the line is live. What has no id gets one made from what it is and how many like it stand
 * before it: the same list taken over twice, also after a crash, is the same operations.
 */
export async function migrateQueuedOperations(
  operations: Iterable<SyncOperation>,
  {dryRun = false, service, queue}: MigrateOperationsOptions = {},
): Promise<MigratedOperations> {
  const report: MigratedOperations = {taken: [], inPageOnly: [], refused: []};
  const names = new Names();
  const use = () => service ?? currentService();
  const functions = queue ?? new OperationQueue(use);
  /** The id of one that is data. */
  const take = async (operation: SyncOperation, index: number): Promise<string | undefined> => {
    const isFresh = !dryRun && !known.has(operation);
    try {
      if (isFresh) known.add(operation);
      if (pageOperation(operation)) {
        report.inPageOnly.push(index);
        // Its outcome is told by its own callbacks.
        if (isFresh) functions.queueOperation(operation).catch(() => {});
        return undefined;
      }
      const checked = validateOperation(operation as Operation, currentLimits().operationBytes, () => '');
      const id = names.nameOf(checked);
      if (!dryRun) await use().enqueue({...checked, id});
      const told = tellOutcome(operation);
      if (isFresh) use().settled(id).then(told.resolve, told.reject);
      return id;
    } catch (error) {
      if (isFresh) known.delete(operation);
      report.refused.push({index, error: SyncError.from(error, 'invalid-operation')});
      return undefined;
    }
  };
  const list = [...operations];
  for (let from = 0; from < list.length; from += TOGETHER) {
    const part = list.slice(from, from + TOGETHER);
    const ids = await Promise.all(part.map((operation, place) => take(operation, from + place)));
    report.taken.push(...ids.filter(id => id !== undefined));
  }
  report.refused.sort((a, b) => a.index - b.index);
  return report;
}

/** Of the operations in one list: their own ids, or such as follow from what they say. */
class Names {
  readonly #alike = new Map<string, number>();
  readonly #bodies = new Map<string, string>();

  /** @throws SyncError `id-reused`: the second one would be taken for the first, and be lost */
  nameOf({id, ...body}: Operation & {id: string}): string {
    const text = JSON.stringify(body);
    if (id === '') {
      const hash = hashOf(text);
      const count = (this.#alike.get(hash) ?? 0) + 1;
      this.#alike.set(hash, count);
      return `migrated-${hash}-${count}`;
    }
    if ((this.#bodies.get(id) ?? text) !== text)
      throw new SyncError('id-reused', `Another operation has the id '${id}'`);
    this.#bodies.set(id, text);
    return id;
  }
}

/** 64 bits by two multiplications a character: ten thousand operations must not be felt. */
function hashOf(text: string): string {
  let [one, two] = [0x811c9dc5, 0xc2b2ae35];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ unit, 0x85ebca6b) ^ (two >>> 15);
  }
  return [one, two].map(half => (half >>> 0).toString(36).padStart(7, '0')).join('');
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
