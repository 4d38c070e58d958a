/** SyncWorkerManager: has an engine run, whatever becomes of the one before, and keeps what is asked of it. */
import {watchPage} from '../platform/browser-page.js';
import type {Clock, Remover} from '../platform/platform.js';
import {
  type DatabaseAnswer,
  type EngineConfig,
  type EngineMessage,
  type EngineRequest,
  type Query,
  SyncError,
} from '../protocol/protocol.js';
import {within} from '../worker/within.js';
import type {EngineLines} from './engine-line.js';
import {EngineTurn} from './engine-turn.js';
import {Ladder} from './ladder.js';
import type {Desk, ManagerHooks, Watch} from './manager.js';
import {Requests, uncloneable} from './requests.js';

/** An engine that has not closed everything by then is ended all the same. */
const CLEANUP_LIMIT = 5000;

export interface ManagerOptions {
  config: Omit<EngineConfig, 'mode' | 'line'>;
  mode: 'auto' | 'worker' | 'page';
  lines: EngineLines;
  clock: Clock;
  /** Answers an engine for a database of the user's own; each one anew. */
  desk?: ((post: (answer: DatabaseAnswer) => void) => Desk) | undefined;
}

export class SyncWorkerManager {
  readonly #options: ManagerOptions;
  readonly #hooks: ManagerHooks;
  readonly #requests = new Requests();
  readonly #watches = new Map<number, Watch>();
  #watchIds = 0;
  #ladder: Ladder;
  #turn: EngineTurn | undefined;
  /** The present engine's. */
  #desk: Desk | undefined;
  /** From the first `start` until all is given up. */
  #started: PromiseWithResolvers<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Whether the line to the server was last known to be wanted: a new engine is told so. */
  #lineWanted: boolean | undefined;
  #unwatchPage: Remover = () => {};
  #quiet = false;

  constructor(options: ManagerOptions, hooks: ManagerHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#ladder = new Ladder(options.mode, options.clock);
  }

  /**
   * Resolves when an engine is ready and its storage is open; after a rejection the next call begins anew.
   * @throws SyncError `worker-failed`, `version-mismatch`, `newer-version`, or of the storage
   */
  start(): Promise<void> {
    if (this.#closing) return Promise.reject(closed());
    if (!this.#started) {
      this.#started = Promise.withResolvers();
      // Who did not ask for it hears of it by what they did ask.
      this.#started.promise.catch(() => {});
      this.#ladder = new Ladder(this.#options.mode, this.#options.clock);
      this.#unwatchPage = watchPage({
        // A lock that a worker holds may survive its page in Safari. Of one that is frozen nobody gets the lock, and no newer
        // deploy the databases; asked to let go it is often frozen before it has heard.
        away: () => void this.#leave(),
        back: () => this.#boot(),
        visible: () => this.#turn?.post({kind: 'visible'}),
      });
      this.#boot();
    }
    return this.#started.promise;
  }

  /** One request. It outlives the engine: what died before it answered is asked of the next. */
  request<T>(request: EngineRequest, signal?: AbortSignal): Promise<T> {
    if (this.#closing) return Promise.reject(closed());
    const answer = this.#requests.ask<T>(request, signal);
    void this.start();
    return answer;
  }

  /** Whether nobody listens to the event `changes`, whichever engine runs. */
  quiet(quiet: boolean): void {
    this.#quiet = quiet;
    this.#turn?.post({kind: 'quiet', quiet});
  }

  watch(type: string, query: Query, hooks: Pick<Watch, 'value' | 'error'>): Remover {
    const live = ++this.#watchIds;
    this.#watches.set(live, {type, query, ...hooks});
    if (this.#turn?.isRunning) this.#postWatch(live);
    this.start().catch(() => {});
    return () => {
      if (this.#watches.delete(live) && this.#turn?.isRunning) this.#turn.post({kind: 'unwatch', live});
    };
  }

  /** Asks the engine to close everything, then ends it. Idempotent. */
  terminate(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const {clock} = this.#options;
    if (this.#turn?.isRunning) {
      await within(
        clock,
        CLEANUP_LIMIT,
        this.#requests.ask({do: 'cleanup'}).catch(() => {}),
      );
    }
    // In the page an engine that waits for its storage ends when it has it.
    await within(clock, CLEANUP_LIMIT, this.#stop(closed()));
    this.#watches.clear();
  }

  /** The present engine is gone, or has to go. */
  #leave(): Promise<void> | undefined {
    const ended = this.#turn?.end();
    this.#turn = undefined;
    this.#desk?.close();
    this.#desk = undefined;
    this.#requests.detach();
    // No other takes its place any more.
    if (this.#closing) this.#requests.rejectAll(closed());
    return ended;
  }

  async #stop(error: SyncError): Promise<void> {
    this.#unwatchPage();
    this.#started?.reject(error);
    this.#started = undefined;
    const ended = this.#leave();
    this.#requests.rejectAll(error);
    await ended;
  }

  #boot(): void {
    if (this.#turn) return;
    const {config, lines, clock} = this.#options;
    const line = this.#lineWanted;
    this.#turn = new EngineTurn(lines[this.#ladder.rung], line === undefined ? config : {...config, line}, clock, {
      opened: () => this.#opened(),
      blocked: () => this.#hooks.trouble(blocked()),
      died: cause => this.#fell(cause),
      refused: error => this.#fail(error),
      said: message => this.#said(message),
    });
    const turn = this.#turn;
    this.#desk = this.#options.desk?.(answer => turn.post(answer));
  }

  #opened(): void {
    const turn = this.#turn;
    this.#ladder.stands();
    this.#started?.resolve();
    turn?.post({kind: 'quiet', quiet: this.#quiet});
    this.#requests.attach(message => turn?.post(message));
    for (const live of this.#watches.keys()) this.#postWatch(live);
  }

  #fell(cause: string): void {
    void this.#leave();
    if (this.#closing) return;
    switch (this.#ladder.fell()) {
      case 'again':
        this.#hooks.log('warn', `The sync worker died and is replaced: ${cause}`);
        return this.#boot();
      case 'page':
        this.#hooks.log(
          'error',
          `The sync worker can't be used: ${cause}. Syncing goes on in the page (worker-failed)`,
        );
        return this.#boot();
      case 'none':
        return this.#fail(new SyncError('worker-failed', `The sync engine can't run: ${cause}`, {action: 'reload'}));
    }
  }

  #fail(error: SyncError): void {
    void this.#stop(error);
    for (const watch of this.#watches.values()) watch.error(error.toRecord());
    this.#hooks.trouble(error);
  }

  #said(said: EngineMessage): void {
    switch (said.kind) {
      case 'answer':
        return this.#requests.resolve(said.id, said.value);
      case 'refusal':
        return this.#requests.reject(said.id, SyncError.fromRecord(said.error));
      case 'state':
        return this.#hooks.state(said.state);
      case 'event':
        return this.#hooks.event(said.event);
      case 'live':
        return this.#watches.get(said.live)?.value(said.value);
      case 'live-error':
        return this.#watches.get(said.live)?.error(said.error);
      case 'line':
        this.#lineWanted = said.wanted;
        return;
      case 'token':
        return void this.#answerToken(said.ask);
      case 'database':
        return this.#desk?.hear(said);
      case 'log':
        return this.#hooks.log(said.level, said.message);
    }
  }

  async #answerToken(ask: number): Promise<void> {
    const turn = this.#turn;
    let token: string | undefined;
    try {
      const given: unknown = await this.#hooks.token();
      if (typeof given === 'string') token = given;
      else if (given !== undefined && given !== null)
        throw new TypeError(`it gave no text, but a value of type ${typeof given}`);
    } catch (error) {
      this.#hooks.log('warn', `getToken failed: ${SyncError.from(error).message}`);
    }
    // An engine that took its place counts its questions anew: to that one this would be the answer to another.
    turn?.post(token === undefined ? {kind: 'token', ask} : {kind: 'token', ask, token});
  }

  #postWatch(live: number): void {
    const watch = this.#watches.get(live);
    if (!watch) return;
    try {
      this.#turn?.post({kind: 'watch', live, type: watch.type, query: watch.query});
    } catch (error) {
      watch.error(uncloneable(error).toRecord());
    }
  }
}

function closed(): SyncError {
  return new SyncError('closed', 'The service was closed');
}

function blocked(): SyncError {
  return new SyncError('storage-blocked', 'The local database has not opened for 10 s', {retryable: true});
}
