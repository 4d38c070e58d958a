/** A service whose server is the test: it keeps what is enqueued, and settles it when the test says so. */
import type {SyncService} from '../../src/compat/shared.js';
import {type Limits, type Operation, type Settlement, SyncError, type SyncState} from '../../src/protocol/protocol.js';
import {Listeners} from '../../src/service/listeners.js';
import {DEFAULT_LIMITS, initialState} from '../../src/service/service.js';
import type {SyncEvents} from '../../src/service/types.js';

export class FakeSyncService {
  readonly queued: (Operation & {id: string})[] = [];
  readonly calls: string[] = [];
  readonly listeners = new Listeners<SyncEvents>(error => {
    throw error;
  });
  limits: Limits = DEFAULT_LIMITS;
  /** Ids of those whose outcome the server has told. */
  readonly #done = new Set<string>();
  #state = initialState('label');
  readonly #outcomes = new Map<string, PromiseWithResolvers<Settlement>>();

  /** What those who use it see. */
  get service(): SyncService {
    return this as unknown as SyncService;
  }

  become(change: Partial<SyncState>): void {
    this.#state = {...this.#state, ...change};
    this.listeners.emit('state', this.#state);
  }

  goLive(): void {
    this.become({status: 'synced', isConnected: true});
  }

  apply(id: string): void {
    this.#done.add(id);
    this.#outcome(id).resolve({id, status: 'applied', lsn: '0/1'});
  }

  refuse(id: string, error: SyncError): void {
    this.#outcome(id).reject(error);
  }

  // ── what the service does ──────────────────────────────────────────────────────────────────────────────────────────

  readonly getState = () => this.#state;
  readonly isConnected = () => this.#state.isConnected;
  readonly isConnecting = () => this.#state.isConnecting;
  readonly getNetworkStatus = () => ({online: this.#state.online});
  readonly onStateChange = (listener: (state: SyncState) => void) => this.listeners.add('state', listener);
  readonly addEventListener = <K extends keyof SyncEvents>(name: K, listener: (detail: SyncEvents[K]) => void) =>
    this.listeners.add(name, listener);

  async enqueue(operation: Operation): Promise<string> {
    const id = operation.id ?? `made-${this.queued.length + 1}`;
    if (!this.queued.some(known => known.id === id)) this.queued.push({...operation, id});
    return id;
  }

  async settled(id: string): Promise<Settlement> {
    if (!this.queued.some(known => known.id === id)) throw new SyncError('unknown-operation', id);
    return this.#outcome(id).promise;
  }

  readonly diagnostics = async () => ({limits: this.limits});
  readonly operations = async () => this.queued.filter(({id}) => !this.#done.has(id));

  readonly initialize = () => this.#did('initialize', true);
  readonly connect = () => this.#did('connect', true);
  readonly disconnect = (graceful: boolean) => this.#did(`disconnect ${graceful}`, undefined);
  readonly forceConnect = () => this.#did('forceConnect', undefined);
  readonly clearOperationQueue = () => this.#did('clearOperationQueue', undefined);
  readonly sendSyncMessage = (message: object) => this.#did(`message ${JSON.stringify(message)}`, 'id');
  readonly cleanup = () => this.#did('cleanup', undefined);

  async #did<T>(call: string, answer: T): Promise<T> {
    this.calls.push(call);
    return answer;
  }

  #outcome(id: string): PromiseWithResolvers<Settlement> {
    const outcome = this.#outcomes.get(id) ?? Promise.withResolvers<Settlement>();
    this.#outcomes.set(id, outcome);
    return outcome;
  }
}
