/**
 * OperationQueue: the old queue, in which an operation could be a function. What is data goes to the durable queue at once,
 * unless a function stands before it; a function runs in this page when the line is live and all before it is settled.
 */
import {pageClock} from '../platform/browser-page.js';
import {type Operation, SyncError, type SyncState} from '../protocol/protocol.js';
import {currentService, deprecated, logger, type SyncService} from './shared.js';
import type {PageOperation, SyncOperation} from './types.js';

/** Milliseconds after which those behind a function go on without it. */
const RUN_LIMIT = 30_000;

interface Entry {
  work: {run: () => unknown} | {operation: Operation};
  priority: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class OperationQueue {
  readonly #service: () => SyncService;
  /** What comes next stands first. */
  readonly #waiting: Entry[] = [];
  /** In the durable queue, without an outcome yet. */
  readonly #unsettled = new Set<Promise<void>>();
  #working = false;
  /** Ends the wait for the turn of the first: it may not be the first any more. */
  #wake = () => {};

  /** @param service default: the one that the old names share */
  constructor(service?: () => SyncService) {
    if (!service) deprecated('OperationQueue', 'enqueue of a WorkerSyncService');
    this.#service = service ?? currentService;
  }

  /** How many would be lost with this page: functions, and what stands behind one. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the server has applied it, or the function has run; calls the operation's own `resolve` and `reject` too.
   * @throws SyncError as `enqueue` and `settled` of the service; `timed-out`, `cancelled`; what the function throws
   */
  queueOperation(operation: SyncOperation): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const told = tellOutcome(operation);
      const entry = {
        work: workOf(operation),
        priority: pageOperation(operation)?.priority ?? (operation as Operation).priority ?? 0,
        resolve: () => resolve(told.resolve()),
        reject: (error: unknown) => reject(told.reject(error)),
      };
      const place = this.#waiting.findIndex(({priority}) => priority < entry.priority);
      this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, entry);
      if (place === 0) this.#wake();
      void this.#work();
    });
  }

  /** Functions that are queued from now on wait for this, too: of what went another way, and is to be over before them. */
  follow(outcome: Promise<unknown>): void {
    const over = () => void this.#unsettled.delete(settled);
    const settled: Promise<void> = outcome.then(over, over);
    this.#unsettled.add(settled);
  }

  /** Drops what has not begun, here and in the durable queue; whoever waits is told `cancelled`. */
  async clearOperationQueue(): Promise<void> {
    this.abandon();
    await this.#service().clearOperationQueue();
  }

  /** Drops what waits in this page only. */
  abandon(): void {
    const error = new SyncError('cancelled', 'The operation was taken off the queue before its turn');
    for (const entry of this.#waiting.splice(0)) entry.reject(error);
    this.#wake();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let entry = this.#waiting[0]; entry; entry = this.#waiting[0]) {
      try {
        if ('run' in entry.work && !(await this.#comesTurn())) continue;
        // The first of now: until the turn came, something urgent may have taken its place.
        entry = this.#waiting.shift() ?? entry;
        if ('run' in entry.work) await this.#run(entry, entry.work.run);
        else this.#enqueue(entry, entry.work.operation);
      } catch (error) {
        // There is no service to be had.
        if (this.#waiting[0] === entry) this.#waiting.shift();
        entry.reject(error);
      }
    }
    this.#working = false;
  }

  /** Nobody waits for one to be durable before the next is begun: the service keeps their order. */
  #enqueue(entry: Entry, operation: Operation): void {
    const service = this.#service();
    const enqueued = service.enqueue(operation);
    this.follow(enqueued.then(id => service.settled(id)).then(entry.resolve, entry.reject));
  }

  async #run(entry: Entry, run: () => unknown): Promise<void> {
    let stop = () => {};
    const late = new Promise((_, reject) => {
      const error = new SyncError('timed-out', `The operation's function did not end within ${RUN_LIMIT / 1000} s`);
      stop = pageClock.timer(RUN_LIMIT, () => reject(error));
    });
    try {
      await Promise.race([(async () => run())(), late]);
      entry.resolve();
    } catch (error) {
      entry.reject(error);
    } finally {
      stop();
    }
  }

  /** True when all before it is settled and the line is live, false where another may be the first by now. */
  async #comesTurn(): Promise<boolean> {
    const service = this.#service();
    let stop = () => {};
    const woken = new Promise<boolean>(resolve => {
      this.#wake = () => resolve(false);
    });
    const live = new Promise<boolean>(resolve => {
      const look = (state: SyncState) => isLive(state) && resolve(true);
      stop = service.onStateChange(look);
      look(service.getState());
    });
    // By then the line may be gone again: so it is looked at anew.
    const turn = Promise.all([live, ...this.#unsettled]).then(() => isLive(service.getState()));
    const comes = await Promise.race([woken, turn]);
    stop();
    this.#wake = () => {};
    return comes;
  }
}

/** Calls what an old operation brought for its outcome; what that throws is logged, and stops nobody. */
export function tellOutcome({resolve, reject}: SyncOperation): {resolve(): void; reject(error: unknown): unknown} {
  const guard = (call: () => void) => {
    try {
      call();
    } catch (error) {
      logger().error(`The callback of an operation threw: ${SyncError.from(error).message}`);
    }
  };
  return {
    resolve: () => guard(() => resolve?.()),
    reject: error => {
      guard(() => reject?.(error));
      return error;
    },
  };
}

const isLive = ({isConnected, status}: SyncState): boolean => isConnected && status !== 'syncing';

/** The function of an old operation, which the plan put into the payload. */
export function pageOperation(operation: SyncOperation): PageOperation | undefined {
  for (const part of [operation, (operation as Partial<Operation>).payload]) {
    const candidate = part as Partial<PageOperation> | null | undefined;
    if (typeof candidate?.execute === 'function') return candidate as PageOperation;
  }
  return undefined;
}

function workOf(operation: SyncOperation): Entry['work'] {
  const page = pageOperation(operation);
  if (page) return {run: () => page.execute()};
  const {resolve: _resolve, reject: _reject, ...data} = operation as SyncOperation & Operation;
  return {operation: data};
}
