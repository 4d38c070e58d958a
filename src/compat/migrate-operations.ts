/** The old queue, laid into the durable one: what is data is kept there, what is a function stays in the page. */
import {type Limits, type Operation, SyncError} from '../protocol/protocol.js';
import {sameContent} from '../protocol/same-content.js';
import {validateOperation} from '../protocol/validate-operation.js';
import type {MigrateOptions} from './migrate.js';
import {OperationQueue, pageOperation, tellOutcome} from './operation-queue.js';
import {currentLimits, currentService, isStarted, type SyncService} from './shared.js';
import type {SyncOperation} from './types.js';

export interface MigratedOperations {
  /** Ids of those that are durable now and were not before; with `dryRun`: that would be. */
  taken: string[];
  /**
   * Ids of those that were queued before, and are not queued again: by an earlier run, earlier in the list, or, where
   * operations have neither ids nor time stamps, by another list that said the same (see `batch`).
   */
  known: string[];
  /** Places in the list of those that are functions: they run in this page, and are lost with it. */
  inPageOnly: number[];
  refused: {index: number; error: SyncError}[];
}

export interface MigrateOperationsOptions extends MigrateOptions {
  /** Where functions go. Default: a queue of their own. */
  queue?: OperationQueue;
  /** Tells this list from others that may say the same, for operations that have no ids. The same for each run of it. */
  batch?: string;
}

interface Item {
  index: number;
  operation: SyncOperation;
  /** Undefined: it is a function. */
  data?: Operation & {id: string};
}

/** What was taken over in this page: of a second time nobody is told, and a function does not run twice. */
const seen = new WeakSet<object>();

/** So many are written together: one at a time, ten thousand would take half a minute. */
const TOGETHER = 250;

/**
 * Moves the old queue into the durable one. Resolves when all that is data is durable, in its order; functions are only
 * begun by then: each runs when the line is live and all that stood before it in the list has its outcome. Data behind a
 * function does not wait for it: it is safe, and sent, at once. What has no id gets one made from what it says, its
 * `timestamp` or `createdAt` if it has one, `batch`, and how many like it stand before it: the same list taken over
 * twice, also after a crash, is the same operations, for as long as they are remembered (1,000 settled ones, 7 days).
 * @param options dryRun: looks for room and for known ids, if the service is in use; of the room it counts operations only
 * @throws SyncError where there is no service to be had
 */
export async function migrateQueuedOperations(
  operations: Iterable<SyncOperation>,
  {dryRun = false, service, queue, batch = ''}: MigrateOperationsOptions = {},
): Promise<MigratedOperations> {
  const report: MigratedOperations = {taken: [], known: [], inPageOnly: [], refused: []};
  // To look makes none: it can still be told where to connect.
  const used = service ?? (dryRun && !isStarted() ? undefined : currentService());
  const {limits, ids} = await lookAt(used);
  /** By id, what this run hands over. */
  const entered = new Map<string, Promise<unknown>>();
  const functions = queue ?? new OperationQueue(() => used ?? currentService());
  const names = new Names(batch);
  let room = limits.queueCount - ids.size;
  const refuse = (index: number, error: unknown) =>
    void report.refused.push({index, error: SyncError.from(error, 'invalid-operation')});

  const read = (operation: SyncOperation, index: number): Item[] => {
    try {
      if (pageOperation(operation)) return [{index, operation}];
      const {id, ...body} = validateOperation(operation as Operation, limits.operationBytes, () => '');
      return [{index, operation, data: {...body, id: id || names.nameOf(body, operation)}}];
    } catch (error) {
      refuse(index, error);
      return [];
    }
  };
  /** One whose outcome is remembered is in the queue no more. */
  const recall = async ({data}: Item) => {
    if (data && !ids.has(data.id))
      await used?.settled(data.id, {until: 'sent'}).then(({id}) => ids.set(id, undefined), isNot);
  };
  const take = async ({index, operation, data}: Item): Promise<['known' | 'taken', string] | undefined> => {
    const isFresh = !dryRun && !seen.has(operation);
    if (isFresh) seen.add(operation);
    if (!data) {
      report.inPageOnly.push(index);
      // Its outcome is told by its own callbacks.
      if (isFresh) functions.queueOperation(operation).catch(isNot);
      return undefined;
    }
    const {id} = data;
    const kind = ids.has(id) ? 'known' : 'taken';
    try {
      if (!sameContent(ids.get(id) ?? data, data))
        throw new SyncError('id-reused', `Another operation has the id '${id}'`);
      if (dryRun && kind === 'taken' && room-- <= 0)
        throw new SyncError('queue-full', `The queue takes ${limits.queueCount} operations`, {action: 'review'});
      ids.set(id, data);
      if (dryRun || !used) return [kind, id];
      // Never one that is known: its outcome may be forgotten by now, and it would be sent once more.
      if (kind === 'taken') entered.set(id, used.enqueue(data));
      const outcome = Promise.resolve(entered.get(id)).then(() => used.settled(id));
      functions.follow(outcome);
      await entered.get(id);
      const told = tellOutcome(operation);
      if (isFresh) outcome.then(told.resolve, told.reject);
      return [kind, id];
    } catch (error) {
      if (isFresh) seen.delete(operation);
      refuse(index, error);
      return undefined;
    }
  };
  const list = [...operations];
  for (let from = 0; from < list.length; from += TOGETHER) {
    const part = list.slice(from, from + TOGETHER).flatMap((operation, place) => read(operation, from + place));
    await Promise.all(part.map(recall));
    for (const done of await Promise.all(part.map(take))) if (done) report[done[0]].push(done[1]);
  }
  report.refused.sort((a, b) => a.index - b.index);
  return report;
}

const isNot = (): void => {};

/** What it takes, and by id what it holds, or (undefined) what it only remembers. */
async function lookAt(
  service: SyncService | undefined,
): Promise<{limits: Limits; ids: Map<string, Operation | undefined>}> {
  if (!service) return {limits: currentLimits(), ids: new Map()};
  const [{limits}, operations] = await Promise.all([service.diagnostics(), service.operations()]);
  return {limits: limits as Limits, ids: new Map(operations.map(held => [held.id, held]))};
}

/** Ids that follow from what operations of one list say, for those that have none. */
class Names {
  readonly #batch: string;
  readonly #alike = new Map<string, number>();

  constructor(batch: string) {
    this.#batch = batch;
  }

  nameOf(body: Operation, old: object): string {
    const {timestamp, createdAt} = old as Record<string, unknown>;
    const hash = hashOf([this.#batch, timestamp, createdAt, JSON.stringify(body)].map(String).join('\n'));
    const count = (this.#alike.get(hash) ?? 0) + 1;
    this.#alike.set(hash, count);
    return `migrated-${hash}-${count}`;
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
