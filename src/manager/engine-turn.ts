/**
 * One engine, from its beginning to its end: handshake, init, watch. Once it is over, what it still says is not heard.
 *
 *   booting ──ready──► opening ──init answered──► running
 *      │ error, 10 s      │ error, 30 s              │ error, silence of 30 s
 *      └──────────────────┴────────► over ◄──────────┘   (also: refused, ended from outside)
 */
import type {Clock, Remover} from '../platform/platform.js';
import {
  type EngineConfig,
  type EngineMessage,
  isPortMessage,
  type PageMessage,
  PORT_FORMAT,
  SyncError,
} from '../protocol/protocol.js';
import type {EngineLine, OpenLine} from './engine-line.js';
import {Watchdog} from './watchdog.js';

/** An engine that has said nothing by then is not coming. */
const READY_LIMIT = 10_000;
/** One that stood is dead then. */
const SILENCE_LIMIT = 30_000;
/** Opening the local database goes on for as long as it takes; a person is told after this. */
const OPEN_LIMIT = 10_000;

/** Requests of a turn's own; those of the page have ids above. */
const INIT = 0;
const PING = -1;

/** A turn that died or was refused is to be ended by who hears of it. */
export interface TurnHooks {
  /** Storage is open, requests may be posted. */
  opened(): void;
  /** Opening takes long. It is still going on. */
  blocked(): void;
  /** It died, or never came to be. */
  died(cause: string): void;
  /** It can't serve this page, nor could another of its version. */
  refused(error: SyncError): void;
  said(message: EngineMessage): void;
}

export class EngineTurn {
  readonly #config: Omit<EngineConfig, 'mode'>;
  readonly #clock: Clock;
  readonly #hooks: TurnHooks;
  readonly #watchdog: Watchdog;
  readonly #launch: Promise<void>;
  #line: EngineLine | undefined;
  #phase: 'booting' | 'opening' | 'running' | 'over' = 'booting';
  #openLimit: Remover = () => {};

  constructor(open: OpenLine, config: Omit<EngineConfig, 'mode'>, clock: Clock, hooks: TurnHooks) {
    this.#config = config;
    this.#clock = clock;
    this.#hooks = hooks;
    this.#watchdog = new Watchdog(clock, {
      ask: () => this.post({kind: 'request', id: PING, request: {do: 'ping'}}),
      silent: () => this.#die(this.#phase === 'booting' ? 'it did not get ready within 10 s' : 'it does not answer'),
    });
    this.#launch = this.#begin(open);
  }

  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  /** @throws DataCloneError */
  post(message: PageMessage): void {
    this.#line?.endpoint.post(message);
  }

  /** A worker has ended when this returns, an engine in the page when it resolves. */
  async end(): Promise<void> {
    this.#phase = 'over';
    this.#watchdog.stop();
    this.#openLimit();
    const line = this.#line;
    this.#line = undefined;
    await line?.end();
    await this.#launch;
  }

  async #begin(open: OpenLine): Promise<void> {
    try {
      // Not before the constructor has returned: what fails at once is told like what fails later.
      await null;
      if (this.#isOver()) return;
      const line = await open(cause => this.#die(cause));
      if (this.#isOver()) return await line.end();
      this.#line = line;
      this.#watchdog.start(READY_LIMIT);
      line.endpoint.listen(message => this.#heard(message));
    } catch (error) {
      this.#die(SyncError.from(error).message);
    }
  }

  /** Asked by a function: the compiler would take the phase of before an `await` for that of behind it. */
  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #heard(message: unknown): void {
    if (this.#phase === 'over' || !isPortMessage(message)) return;
    this.#watchdog.heard();
    const said = message as EngineMessage;
    switch (said.kind) {
      case 'ready':
        return this.#ready(said.format);
      case 'over':
        return this.#hooks.refused(SyncError.fromRecord(said.error));
      case 'answer':
        if (said.id === INIT) return this.#opened();
        break;
      case 'refusal':
        if (said.id === INIT) return this.#hooks.refused(SyncError.fromRecord(said.error));
        break;
    }
    this.#hooks.said(said);
  }

  #ready(format: number): void {
    if (this.#phase !== 'booting' || !this.#line) return;
    if (format !== PORT_FORMAT) {
      const message = 'Page and worker are of two versions';
      return this.#hooks.refused(new SyncError('version-mismatch', message, {action: 'reload'}));
    }
    this.#phase = 'opening';
    this.#watchdog.start(SILENCE_LIMIT);
    this.#openLimit = this.#clock.timer(OPEN_LIMIT, () => this.#hooks.blocked());
    const config: EngineConfig = {...this.#config, mode: this.#line.place};
    this.post({kind: 'request', id: INIT, request: {do: 'init', format: PORT_FORMAT, config}});
  }

  #opened(): void {
    if (this.#phase !== 'opening') return;
    this.#phase = 'running';
    this.#openLimit();
    this.#hooks.opened();
  }

  #die(cause: string): void {
    if (this.#phase !== 'over') this.#hooks.died(cause);
  }
}
