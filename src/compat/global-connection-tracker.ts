/**
 * GlobalConnectionTracker: which client ids are connected, or about to be, in any tab of this origin; for those who hold
 * sockets of their own (the service needs none of it). Web Locks decide, so what a crashed tab held is free at once;
 * announcements on a channel are what the synchronous answers come from.
 *
 *                 startConnectionAttempt          registerConnection
 *   nothing ◄────────────────────────── attempt ───────────────────► connected
 *      ▲   release, endConnectionAttempt                                │
 *      └──────────────────────── closeConnection ───────────────────────┘   (and all of it: cleanup, crash)
 */
import {browserPlatform} from '../platform/browser-platform.js';
import type {Channel, Platform} from '../platform/platform.js';
import {isObject, SyncError} from '../protocol/protocol.js';
import {deprecated} from './shared.js';

/** Ends this attempt, and no other; twice is the same as once. */
export interface ConnectionAttempt {
  (): void;
  /** True when no other attempt for this client is under way, in any tab; false if it was ended before that. */
  readonly turn: Promise<boolean>;
}

/** What a tab says of itself. */
interface Claims {
  attempting: string[];
  connected: string[];
}

const WAIT_LIMIT = 5000;

export class GlobalConnectionTracker {
  readonly #platform: Pick<Platform, 'locks' | 'channels' | 'clock' | 'random'>;
  readonly #name: string;
  readonly #tab: string;
  readonly #closed = new AbortController();
  readonly #channel: Channel;
  /** By client id. */
  readonly #attempts = new Map<string, Set<() => void>>();
  readonly #connections = new Map<string, {close: () => void; isOurs: Promise<boolean>}>();
  /** What other tabs last said, by tab. */
  readonly #others = new Map<string, Claims>();
  #isPresent = false;

  /** @param options.name what tabs that know of each other have in common */
  constructor({
    platform = browserPlatform(),
    name = 'sync-elements/connections',
  }: {platform?: Pick<Platform, 'locks' | 'channels' | 'clock' | 'random'>; name?: string} = {}) {
    deprecated('GlobalConnectionTracker', 'WorkerSyncService, which has one socket for all tabs by itself');
    this.#platform = platform;
    this.#name = name;
    this.#tab = platform.random.uuid();
    this.#channel = platform.channels.open(name, message => this.#heard(message));
    // Others wait for this lock to learn that this tab is gone: nothing is claimed before it is held.
    this.#hold(`${name}/tab/${this.#tab}`, this.#closed.signal, () => {
      this.#isPresent = true;
      this.#announce(true);
    });
  }

  /** As last announced. */
  isClientConnected(clientId: string): boolean {
    return this.#connections.has(clientId) || this.#claims().some(({connected}) => connected.includes(clientId));
  }

  /** As last announced. */
  isAttemptingConnection(clientId: string): boolean {
    return this.#attempts.has(clientId) || this.#claims().some(({attempting}) => attempting.includes(clientId));
  }

  /** Says so to all tabs, and queues up behind the attempts that are under way: `turn` is the moment to open a socket. */
  startConnectionAttempt(clientId: string): ConnectionAttempt {
    if (this.#closed.signal.aborted) return Object.assign(() => {}, {turn: Promise.resolve(false)});
    const ended = new AbortController();
    const attempts = this.#attempts.get(clientId) ?? new Set();
    const release = () => {
      ended.abort();
      if (attempts.delete(release) && attempts.size === 0) this.#attempts.delete(clientId);
      this.#announce();
    };
    this.#attempts.set(clientId, attempts.add(release));
    this.#announce();
    const turn = new Promise<boolean>(resolve => {
      const name = `${this.#name}/attempt/${clientId}`;
      this.#hold(name, ended.signal, () => resolve(true)).finally(() => resolve(false));
    });
    return Object.assign(release, {turn});
  }

  /** Ends the attempts of this tab. */
  endConnectionAttempt(clientId: string): void {
    for (const release of [...(this.#attempts.get(clientId) ?? [])]) release();
  }

  /** The attempt was a success. False where another tab holds a connection of this client: close yours. */
  registerConnection(clientId: string): Promise<boolean> {
    if (this.#closed.signal.aborted) return Promise.resolve(false);
    const registered = this.#connections.get(clientId);
    if (registered) return registered.isOurs;
    const ended = new AbortController();
    const isOurs = new Promise<boolean>(resolve => {
      const name = `${this.#name}/connection/${clientId}`;
      const held = () => resolve(!ended.signal.aborted);
      this.#hold(name, ended.signal, held, 'if-free').finally(() => resolve(false));
    });
    const connection = {close: () => ended.abort(), isOurs};
    this.#connections.set(clientId, connection);
    this.endConnectionAttempt(clientId);
    this.#announce();
    void isOurs.then(is => {
      if (!is && this.#connections.get(clientId) === connection) this.closeConnection(clientId);
    });
    return isOurs;
  }

  /** Of this tab. */
  closeConnection(clientId: string): void {
    this.#connections.get(clientId)?.close();
    if (this.#connections.delete(clientId)) this.#announce();
  }

  /**
   * Resolves when no attempt for this client is under way that began before, in whatever tab; at once where none is.
   * @param options.timeout milliseconds
   * @throws SyncError `timed-out`, `closed`
   */
  async waitForExistingAttempt(clientId: string, {timeout = WAIT_LIMIT}: {timeout?: number} = {}): Promise<void> {
    if (this.#closed.signal.aborted) throw closed();
    const waiting = new AbortController();
    let error = closed();
    const stop = this.#platform.clock.timer(timeout, () => {
      error = new SyncError('timed-out', `An attempt to connect has not ended within ${timeout} ms`, {retryable: true});
      waiting.abort();
    });
    const close = () => waiting.abort();
    this.#closed.signal.addEventListener('abort', close);
    const name = `${this.#name}/attempt/${clientId}`;
    await this.#platform.locks
      .request(name, waiting.signal, async () => {})
      .catch(thrown => {
        throw waiting.signal.aborted ? error : SyncError.from(thrown);
      })
      .finally(() => {
        stop();
        this.#closed.signal.removeEventListener('abort', close);
      });
  }

  /** Gives all of this tab's up; who waits is told `closed`. Idempotent. */
  cleanup(): void {
    for (const clientId of [...this.#attempts.keys()]) this.endConnectionAttempt(clientId);
    for (const clientId of [...this.#connections.keys()]) this.closeConnection(clientId);
    this.#isPresent = false;
    this.#closed.abort();
    this.#others.clear();
    this.#channel.close();
  }

  #claims(): Claims[] {
    return [...this.#others.values()];
  }

  /** @param asks others are to say what they claim, too */
  #announce(asks = false): void {
    if (!this.#isPresent) return;
    const claims: Claims = {attempting: [...this.#attempts.keys()], connected: [...this.#connections.keys()]};
    this.#channel.post({tab: this.#tab, asks, ...claims});
  }

  #heard(message: unknown): void {
    if (this.#closed.signal.aborted || !isObject(message)) return;
    const {tab, asks, attempting, connected} = message;
    if (typeof tab !== 'string' || !isNames(attempting) || !isNames(connected)) return;
    const isNew = !this.#others.has(tab);
    this.#others.set(tab, {attempting, connected});
    if (asks === true) this.#announce();
    // Granted when that tab is gone, however it went.
    if (isNew)
      this.#hold(`${this.#name}/tab/${tab}`, this.#closed.signal, () => this.#others.delete(tab), 'wait', true);
  }

  /** Holds a lock until `signal` fires, or not at all if that is before its turn. Never rejects. */
  async #hold(
    name: string,
    signal: AbortSignal,
    held: () => void,
    mode: 'wait' | 'if-free' = 'wait',
    briefly = false,
  ): Promise<void> {
    const hold = () => {
      held();
      if (briefly || signal.aborted) return Promise.resolve();
      return new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), {once: true}));
    };
    await this.#platform.locks.request(name, signal, hold, mode).catch(() => {});
  }
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(name => typeof name === 'string');
}

function closed(): SyncError {
  return new SyncError('closed', 'The tracker was closed');
}
