/** A service that does what a test says: keeps no data, remembers calls, and has the state it is given. */
import {IDLE} from '../provider/refused-service.js';
import type {
  JsonObject,
  Live,
  OperationStage,
  QueuedOperation,
  Settlement,
  SyncEvents,
  SyncOptions,
  SyncState,
} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

type Call = {name: string; args: unknown[]};

export class FakeService implements SyncService {
  readonly options: SyncOptions | undefined;
  readonly calls: Call[] = [];
  rows: JsonObject[] = [];
  queue: QueuedOperation[] = [];
  history: {at: number; status: string; phase: string}[] = [];
  #state: SyncState = IDLE;
  readonly #stateListeners = new Set<(state: SyncState) => void>();
  readonly #listeners = new Map<string, Set<(detail: never) => void>>();
  readonly #lives = new Set<(rows: JsonObject[]) => void>();
  readonly #awaited = new Map<string, (() => void)[]>();

  constructor(options?: SyncOptions) {
    this.options = options;
  }

  /** How often a method was called. */
  times(name: string): number {
    return this.calls.filter(call => call.name === name).length;
  }

  /** When a method is called for the first time, or was already. */
  called(name: string): Promise<void> {
    if (this.times(name) > 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#awaited.set(name, [...(this.#awaited.get(name) ?? []), resolve]);
    });
  }

  become(change: Partial<SyncState>): void {
    this.#state = Object.freeze({...this.#state, ...change});
    for (const listener of [...this.#stateListeners]) listener(this.#state);
  }

  emit<K extends keyof SyncEvents>(type: K, detail: SyncEvents[K]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])])
      (listener as (detail: SyncEvents[K]) => void)(detail);
  }

  setRows(rows: JsonObject[]): void {
    this.rows = rows;
    for (const tell of [...this.#lives]) tell(rows);
  }

  /** Listeners still held: none after everybody has gone. */
  get listening(): number {
    let total = this.#stateListeners.size + this.#lives.size;
    for (const set of this.#listeners.values()) total += set.size;
    return total;
  }

  #note<T>(name: string, args: unknown[], result: T): Promise<T> {
    this.calls.push({name, args});
    for (const resolve of this.#awaited.get(name) ?? []) resolve();
    this.#awaited.delete(name);
    return Promise.resolve(result);
  }

  initialize = () => this.#note('initialize', [], true);
  connect = () => this.#note('connect', [], true);
  forceConnect = () => this.#note('forceConnect', [], undefined);
  disconnect = (...args: unknown[]) => this.#note('disconnect', args, undefined);
  get = (...args: unknown[]) => this.#note('get', args, this.rows[0] as never);
  list = (...args: unknown[]) => this.#note('list', args, this.rows as never);
  count = (...args: unknown[]) => this.#note('count', args, this.rows.length);
  put = (...args: unknown[]) => this.#note('put', args, 'operation-1');
  patch = (...args: unknown[]) => this.#note('patch', args, 'operation-1');
  remove = (...args: unknown[]) => this.#note('remove', args, 'operation-1');
  enqueue = (...args: unknown[]) => this.#note('enqueue', args, 'operation-1');
  settled = (id: string) => this.#note('settled', [id], {id, status: 'applied', lsn: undefined} as Settlement);
  operations = (filter: {stage?: OperationStage} = {}) =>
    this.#note(
      'operations',
      [filter],
      this.queue.filter(({stage}) => filter.stage === undefined || stage === filter.stage),
    );
  retry = (...args: unknown[]) => this.#note('retry', args, undefined);
  discard = (...args: unknown[]) => this.#note('discard', args, undefined);
  replace = (...args: unknown[]) => this.#note('replace', args, undefined);
  diagnostics = () => this.#note('diagnostics', [], {state: this.#state, phase: 'live', history: this.history});
  flush = (...args: unknown[]) => this.#note('flush', args, undefined);
  logout = (...args: unknown[]) => this.#note('logout', args, undefined);
  cleanup = () => this.#note('cleanup', [], undefined);
  getState = () => this.#state;

  live(): Live<never> {
    const rows = () => this.rows;
    const live: Live<JsonObject[]> = {
      get value() {
        return rows();
      },
      error: undefined,
      subscribe: listener => {
        const own = (value: JsonObject[]) => listener(value);
        this.#lives.add(own);
        listener(this.rows);
        return () => this.#lives.delete(own);
      },
    };
    return live as Live<never>;
  }

  onStateChange(listener: (state: SyncState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  addEventListener<K extends keyof SyncEvents>(
    type: K,
    listener: (detail: SyncEvents[K]) => void,
    options?: {signal?: AbortSignal},
  ): () => void {
    const set = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, set);
    set.add(listener);
    const remove = () => set.delete(listener);
    options?.signal?.addEventListener('abort', remove, {once: true});
    return remove;
  }
}
