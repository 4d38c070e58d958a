/**
 * A service without worker, disk or server, for tests of a page: it has the state, rows and operations it is given, and
 * the test is its server. What a page writes shows at once, as it does with the real one, and waits until the test says
 * what became of it. The line is what the test says: `connect` and the like are remembered in `calls` and change nothing.
 * A method can be replaced: `service.list = async () => { throw new SyncError('corrupt-data', '…'); }`.
 */
import type {SyncService} from '../components/shared/service.js';
import type {RowQuery} from '../src/database/query.js';
import {
  type JsonObject,
  type Operation,
  type OperationStage,
  type QueuedOperation,
  type Settlement,
  SyncError,
  type SyncState,
} from '../src/protocol/protocol.js';
import {validateOperation} from '../src/protocol/validate-operation.js';
import {Listeners} from '../src/service/listeners.js';
import {LiveQuery} from '../src/service/live-query.js';
import type {Live, SyncEvents} from '../src/service/types.js';
import {EMPTY_QUEUE, NO_CONNECTION, summarise} from '../src/state/state.js';
import {completed, FakeData, type FakeOperation} from './fake-data.js';
import {Outcomes} from './outcomes.js';

export interface FakeOptions {
  /** What differs from a tab that is connected and has everything: `{status: 'offline', isConnected: false}`. */
  state?: Partial<SyncState>;
  /** Rows by type, each known by its column `id`. */
  rows?: Readonly<Record<string, readonly JsonObject[]>>;
  /** What waits or was refused; `id` and `payload` are enough. */
  operations?: readonly FakeOperation[];
}

export interface FakeCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

const CONNECTED: SyncState = {
  ...summarise({...NO_CONNECTION, phase: 'live'}, EMPTY_QUEUE, {
    clientId: 'test',
    role: 'leader',
    mode: 'worker',
    durable: true,
    online: true,
    storage: null,
  }),
  lastSyncedAt: 0,
};
/** Of an operation, in bytes: the default of the real one. */
const LARGEST = 1_048_576;
/** What there is to listen to. */
const EVENTS = [
  ...(['connected', 'disconnected', 'reconnecting', 'error', 'sync_started', 'sync_completed'] as const),
  ...(['operation_complete', 'operation_error', 'changes', 'message', 'state'] as const),
];
const REFUSED = {code: 'operations-failed', message: 'The server refused some changes', action: 'review'} as const;

/** A fake to set as `service` of a `<sync-provider>`, or to hand to whatever takes a service. */
export function fakeService(options: FakeOptions = {}): FakeService {
  return new FakeService(options);
}

export class FakeService implements SyncService {
  /** What was called, in order. */
  readonly calls: FakeCall[] = [];
  readonly #data = new FakeData();
  readonly #listeners = new Listeners<SyncEvents>(raise);
  /** What live results wait for. */
  readonly #rows = new Listeners<{rows: undefined}>(raise);
  readonly #outcomes = new Outcomes();
  readonly #expected: {method: string; resolve: (call: FakeCall) => void}[] = [];
  #state = CONNECTED;
  #made = 0;

  constructor({state, rows = {}, operations = []}: FakeOptions = {}) {
    for (const [type, each] of Object.entries(rows)) this.#data.setRows(type, each);
    this.#data.operations = operations.map(completed);
    this.#state = Object.freeze({...CONNECTED, lastSyncedAt: Date.now(), ...this.#ofQueue(), ...state});
  }

  // ── what a test says ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Changes what is given of the state, whether or not it makes sense, and tells everybody. */
  setState(change: Partial<SyncState>): void {
    this.#state = Object.freeze({...this.#state, ...change});
    this.#listeners.emit('state', this.#state);
  }

  /** Puts these in the place of all rows of a type; live results are told. */
  setRows(type: string, rows: readonly JsonObject[]): void {
    this.#data.setRows(type, rows);
    this.#rows.emit('rows', undefined);
  }

  /** Puts these in the place of all operations. The counts of the state follow, and while connected its status. */
  setOperations(operations: readonly FakeOperation[]): void {
    this.#data.operations = operations.map(completed);
    this.#changed();
  }

  /** The server takes an operation: its write stays in the rows, and who awaits it is told. */
  settle(id: string): void {
    const settlement: Settlement = {id, status: 'applied', lsn: '0/1' as Settlement['lsn']};
    this.#data.apply(id);
    this.#outcomes.set(id, {settlement});
    this.#changed();
    this.#listeners.emit('operation_complete', settlement);
  }

  /** The server refuses an operation: its write leaves the rows, and it waits for a person. Default: `forbidden`. */
  refuse(id: string, {code = 'forbidden', message = 'No'}: {code?: string; message?: string} = {}): void {
    const error = new SyncError(code, message);
    this.#data.change(id, {stage: 'failed', attempts: this.#data.find(id).attempts + 1, error: {code, message}});
    this.#outcomes.set(id, {error});
    this.#changed();
    this.#listeners.emit('operation_error', {id, error});
  }

  /** Tells an event as the service would: `service.emit('error', new SyncError('storage-evicted', '…'))`. */
  emit<K extends keyof SyncEvents>(type: K, detail: SyncEvents[K]): void {
    this.#listeners.emit(type, detail);
  }

  /** The first call of a method, as soon as the page has made one. */
  called(method: string): Promise<FakeCall> {
    const made = this.calls.find(call => call.method === method);
    if (made) return Promise.resolve(made);
    return new Promise(resolve => this.#expected.push({method, resolve}));
  }

  /** How many listeners the page has on it, live results included: none once everything was taken out. */
  get listening(): number {
    return EVENTS.reduce((total, name) => total + this.#listeners.count(name), this.#rows.count('rows'));
  }

  // ── what a page asks ───────────────────────────────────────────────────────────────────────────────────────────────

  getState = (): SyncState => this.#state;
  onStateChange = (listener: (state: SyncState) => void): (() => void) => this.#listeners.add('state', listener);
  addEventListener = <K extends keyof SyncEvents>(
    type: K,
    listener: (detail: SyncEvents[K]) => void,
    {signal}: {signal?: AbortSignal} = {},
  ): (() => void) => this.#listeners.add(type, listener, signal);

  initialize = async () => this.#note('initialize', [], true);
  connect = async () => this.#note('connect', [], this.#state.isConnected);
  forceConnect = async () => this.#note('forceConnect', [], undefined);
  disconnect: SyncService['disconnect'] = async (...args: unknown[]) => this.#note('disconnect', args, undefined);
  cleanup = async () => this.#note('cleanup', [], undefined);
  diagnostics: SyncService['diagnostics'] = async () => {
    const phase = this.#state.isConnected ? 'live' : 'stopped';
    return this.#note('diagnostics', [], {state: this.#state, phase, history: []});
  };

  get: SyncService['get'] = async (type: string, id: string) =>
    this.#note('get', [type, id], this.#data.get(type, id) as never);
  list: SyncService['list'] = async (type: string, query: RowQuery = {}) =>
    this.#note('list', [type, query], this.#data.select(type, query) as never);
  count: SyncService['count'] = async (type: string, query: RowQuery = {}) =>
    this.#note('count', [type, query], this.#data.select(type, query).length);
  live: SyncService['live'] = (type: string, query: RowQuery = {}): Live<never> => {
    this.#note('live', [type, query], undefined);
    return new LiveQuery<never>(({value, error}) => {
      const tell = () => {
        try {
          value(this.#data.select(type, query));
        } catch (thrown) {
          error(SyncError.from(thrown).toRecord());
        }
      };
      tell();
      return this.#rows.add('rows', tell);
    });
  };

  put: SyncService['put'] = async (type: string, id: string, row: object) =>
    this.#write('put', [type, id, row], {type: 'upsert', entityType: type, entityId: id, payload: row as JsonObject});
  patch: SyncService['patch'] = async (type: string, id: string, columns: object) =>
    this.#write('patch', [type, id, columns], {
      type: 'upsert',
      entityType: type,
      entityId: id,
      payload: columns as JsonObject,
      partial: true,
    });
  remove: SyncService['remove'] = async (type: string, id: string) =>
    this.#write('remove', [type, id], {type: 'delete', entityType: type, entityId: id, payload: null});
  enqueue: SyncService['enqueue'] = async (operation: Operation) => this.#write('enqueue', [operation], operation);

  settled: SyncService['settled'] = async (id: string, options: object = {}): Promise<Settlement> => {
    this.#note('settled', [id, options], undefined);
    if (!this.#outcomes.has(id)) this.#data.find(id);
    return this.#outcomes.of(id);
  };
  operations: SyncService['operations'] = async ({stage}: {stage?: OperationStage} = {}): Promise<QueuedOperation[]> =>
    this.#note(
      'operations',
      [{stage}],
      this.#data.operations.filter(operation => stage === undefined || operation.stage === stage),
    );
  retry: SyncService['retry'] = async (id?: string) => {
    this.#note('retry', [id], undefined);
    for (const each of this.#refused(id)) {
      this.#data.change(each, {stage: 'queued'});
      this.#outcomes.forget(each);
    }
    this.#changed();
  };
  discard: SyncService['discard'] = async (id?: string) => {
    this.#note('discard', [id], undefined);
    for (const each of id === undefined ? this.#refused() : [this.#data.find(id).id]) {
      this.#data.drop(each);
      this.#outcomes.set(each, {error: new SyncError('discarded', `The operation ${each} was discarded.`)});
    }
    this.#changed();
  };
  replace: SyncService['replace'] = async (id: string, operation: Operation) => {
    this.#note('replace', [id, operation], undefined);
    const valid = validateOperation(operation, LARGEST, () => this.#nextId());
    this.#refused(id);
    this.#data.drop(id);
    this.#add(valid);
  };
  flush: SyncService['flush'] = async (options: {signal?: AbortSignal} = {}) => {
    this.#note('flush', [options], undefined);
    const done = Promise.withResolvers<void>();
    const look = () => {
      if (this.#data.counts.pending === 0) done.resolve();
    };
    const stop = this.#listeners.add('state', look);
    options.signal?.addEventListener('abort', () => done.reject(new SyncError('cancelled', 'Nobody waits any more')));
    look();
    await done.promise.finally(stop);
  };
  logout: SyncService['logout'] = async (options: object) => {
    this.#note('logout', [options], undefined);
    this.#data.clear();
    this.#rows.emit('rows', undefined);
    this.setState({...EMPTY_QUEUE, status: 'idle', isConnected: false, lastSyncedAt: null, error: null});
  };

  // ── inside ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #note<T>(method: string, args: readonly unknown[], answer: T): T {
    const call = {method, args};
    this.calls.push(call);
    for (const expected of this.#expected) if (expected.method === method) expected.resolve(call);
    return answer;
  }

  #nextId(): string {
    return `operation-${++this.#made}`;
  }

  #write(method: string, args: readonly unknown[], operation: Operation): string {
    this.#note(method, args, undefined);
    return this.#add(validateOperation(operation, LARGEST, () => this.#nextId()));
  }

  #add(operation: Operation & {id: string}): string {
    this.#data.operations = [...this.#data.operations, completed(operation)];
    this.#outcomes.forget(operation.id);
    this.#changed();
    return operation.id;
  }

  /** Those that were refused: all, or the one, which must be. */
  #refused(id?: string): string[] {
    const refused = this.#data.operations.filter(({stage}) => stage === 'failed').map(each => each.id);
    if (id === undefined) return refused;
    if (!refused.includes(id)) throw new SyncError('unknown-operation', `No operation ${id} was refused.`);
    return [id];
  }

  #changed(): void {
    this.#rows.emit('rows', undefined);
    this.setState(this.#ofQueue());
  }

  /** What the operations make of the state: the counts always, the word only while connected and nothing else is said. */
  #ofQueue(): Partial<SyncState> {
    const {counts} = this.#data;
    const {isConnected, status, error} = this.#state;
    const follows = isConnected && (status === 'synced' || status === 'pending' || error?.code === REFUSED.code);
    if (!follows) return counts;
    if (counts.failed > 0) return {...counts, status: 'error', error: REFUSED};
    return {...counts, status: counts.pending > 0 ? 'pending' : 'synced', error: null};
  }
}

/** A listener that throws is a fault of the page's: the test should see it, and no other listener miss what is told. */
function raise(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
