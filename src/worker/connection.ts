/**
 * The line to the server: opens it, greets, keeps it alive, tries again, and says what is the case. The leader's only.
 *
 *              start                 open              welcome
 *   stopped ─────────► connecting ─────────► greeting ─────────► open
 *      ▲                 ▲   │ failed, 10 s     │ 10 s              │ closed, silent
 *      │ stop            │   ▼                  ▼                   ▼
 *      └──────────── waiting ◄──────────────────────────────────────┘
 *                    refused ◄── a close code that trying again can't mend; start leaves it
 */
import type {Clock, Remover} from '../platform/platform.js';
import {
  CLOSE,
  type ClientFrame,
  type ForeignFrame,
  PROTOCOL_VERSION,
  parseServerFrame,
  type ServerFrame,
  SyncError,
  type SyncFrame,
  type WelcomeFrame,
} from '../protocol/protocol.js';
import {backoff} from './backoff.js';
import {afterClose, needsAuth} from './close-policy.js';
import {Heartbeat} from './heartbeat.js';
import {Line} from './line.js';
import {Trouble} from './trouble.js';
import type {ConnectionHooks, ConnectionOptions, LineFacts} from './worker.js';

/** For the connection, and again for the greeting. */
const LIMIT = 10_000;

type State =
  | {kind: 'stopped'}
  | {kind: 'refused'}
  /** `asked`: the server named the time. */
  | {kind: 'waiting'; retryAt: number; asked: boolean}
  | {kind: 'connecting'; line: Line}
  | {kind: 'greeting'; line: Line; since: number}
  | {kind: 'open'; line: Line; welcome: WelcomeFrame};

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #clock: Clock;
  readonly #heartbeat: Heartbeat;
  readonly #trouble: Trouble;
  #state: State = {kind: 'stopped'};
  /** Of the present state: its limit, or the wait for the next try. */
  #limit: Remover = () => {};
  #latency: number | null = null;
  #clockOffset = 0;

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#clock = options.platform.clock;
    this.#trouble = new Trouble(this.#clock, () => hooks.changed());
    this.#heartbeat = new Heartbeat(this.#clock, {
      ping: () => this.send({type: 'ping', t: this.#clock.now()}),
      buffered: () => this.buffered,
      dead: () => this.drop('silence'),
    });
  }

  get facts(): LineFacts {
    const {kind} = this.#state;
    return {
      ...this.#trouble.facts,
      phase: kind === 'greeting' ? 'connecting' : kind === 'refused' ? 'stopped' : kind,
      nextRetryAt: this.#state.kind === 'waiting' ? this.#state.retryAt : null,
      latency: this.#latency,
      clockOffset: this.#clockOffset,
    };
  }

  get welcome(): WelcomeFrame | undefined {
    return this.#state.kind === 'open' ? this.#state.welcome : undefined;
  }

  /** Bytes that wait in the socket. */
  get buffered(): number {
    return 'line' in this.#state ? this.#state.line.bufferedAmount : 0;
  }

  start(): void {
    if (this.#state.kind === 'stopped' || this.#state.kind === 'refused') this.force();
  }

  /** Drops the socket, forgets the backoff and connects. */
  force(): void {
    this.#leave(1000, 'again');
    this.#trouble.forget();
    this.#trouble.missing();
    this.#connect();
  }

  stop(): void {
    this.#leave(1000, 'bye');
    this.#trouble.rest();
    this.#hooks.changed();
  }

  /** Gives this socket up and tries again after the backoff. */
  drop(reason: string, retryAfter?: number): void {
    if (!('line' in this.#state)) return;
    this.#leave(4000, reason, 1006);
    this.#retry(retryAfter);
  }

  /** Stops for a reason that only the person, or the page, can mend. */
  refuse(error: SyncError): void {
    this.#leave(1000, error.code);
    this.#trouble.rest();
    this.#trouble.needsAuth = error.code === 'needs-auth' || error.code === 'wrong-subject';
    this.#trouble.error = error;
    this.#enter({kind: 'refused'});
    this.#hooks.changed();
  }

  /** Something may have changed outside (awake, online, visible): ask now whether the line still holds. */
  probe(): void {
    if (this.#state.kind === 'open') this.#heartbeat.probe();
    if (this.#state.kind !== 'waiting' || this.#state.asked || this.#trouble.attempts < 2) return;
    this.#trouble.attempts = 1;
    this.#wait(undefined);
  }

  send(frame: ClientFrame): void {
    if (this.#state.kind !== 'greeting' && this.#state.kind !== 'open') return;
    try {
      this.#state.line.send(JSON.stringify(frame));
    } catch (error) {
      this.drop(`send failed: ${SyncError.from(error).message}`);
    }
  }

  /** Greets again on the open socket, with the next stream. */
  async greetAgain(): Promise<void> {
    const before = this.#state;
    if (before.kind !== 'open') return;
    const frame = await this.#greeting();
    if (this.#state !== before) return;
    if (frame) this.send(frame);
    else this.drop('no greeting could be made');
  }

  #connect(): void {
    this.#trouble.retryAfter = undefined;
    try {
      const line = Line.dial(this.#options.platform.sockets, this.#options.url, line => ({
        open: () => void this.#greet(line),
        message: text => this.#heard(text),
        binary: () => this.#malformed(new SyncError('bad-frame', 'A binary frame')),
        close: (code, reason) => this.#closed(code, reason),
      }));
      this.#enter({kind: 'connecting', line});
    } catch (error) {
      return this.refuse(new SyncError('invalid-url', SyncError.from(error).message));
    }
    this.#limitTo(LIMIT, 'no connection within 10 s');
    this.#hooks.changed();
  }

  async #greet(line: Line): Promise<void> {
    const frame = await this.#greeting();
    if (line.isLeft) return;
    if (!frame) return this.drop('no greeting could be made');
    this.#enter({kind: 'greeting', line, since: this.#clock.now()});
    this.send(frame);
    this.#limitTo(LIMIT, 'no welcome within 10 s');
  }

  async #greeting(): Promise<SyncFrame | undefined> {
    try {
      return await this.#hooks.greeting(this.#trouble.tokenRefreshed);
    } catch (error) {
      this.#options.logger.warn(`No greeting could be made: ${SyncError.from(error).message}`);
      return undefined;
    }
  }

  #heard(text: string): void {
    this.#heartbeat.heard();
    let frame: ServerFrame | ForeignFrame;
    try {
      frame = parseServerFrame(text, this.#options.frameChars);
    } catch (error) {
      return this.#malformed(SyncError.from(error, 'bad-frame'));
    }
    if ('foreign' in frame) this.#hooks.foreign(frame.body);
    else this.#take(frame, text);
  }

  #take(frame: ServerFrame, text: string): void {
    switch (frame.type) {
      case 'welcome':
        return this.#welcomed(frame);
      case 'ping':
        return this.send({type: 'pong', t: frame.t});
      case 'pong':
        this.#latency = Math.max(0, this.#clock.now() - frame.t);
        return this.#hooks.changed();
      case 'sync_error':
        this.#trouble.retryAfter = frame.retryAfter;
        this.#options.logger.warn(`The server says ${frame.code}: ${frame.message}`);
        return this.#hooks.complaint(frame);
      case 'sync_request':
        return void this.greetAgain();
      default:
        // Nothing may be applied before the server has said who it takes us for.
        if (this.#state.kind === 'open') this.#hooks.frame(frame, text);
        else this.#malformed(new SyncError('bad-frame', `'${frame.type}' before 'welcome'`));
    }
  }

  #welcomed(frame: WelcomeFrame): void {
    if (this.#state.kind !== 'greeting') return;
    if (frame.protocol !== PROTOCOL_VERSION) {
      return this.refuse(new SyncError('protocol-version', 'The server speaks another version', {action: 'reload'}));
    }
    const {line, since} = this.#state;
    const roundTrip = this.#clock.now() - since;
    this.#enter({kind: 'open', line, welcome: frame});
    this.#clockOffset = Math.round(frame.serverTime + roundTrip / 2 - this.#clock.now());
    this.#latency ??= roundTrip;
    this.#trouble.greeted();
    this.#heartbeat.start(frame.heartbeat);
    this.#hooks.opened(frame);
    this.#hooks.changed();
  }

  /** What the server sent can't be trusted from here on: report it, begin again from what is durable. */
  #malformed(error: SyncError): void {
    this.#options.logger.error(`${error.code}: ${error.message}`);
    this.#hooks.malformed(error.toRecord());
    this.#leave(CLOSE.badFrame, error.code);
    this.#retry();
  }

  #closed(code: number, reason: string): void {
    const {retryAfter, tokenRefreshed} = this.#trouble;
    this.#leave(1000, '', code, reason);
    const policy = afterClose(code, reason);
    switch (policy.kind) {
      case 'stop':
        return this.refuse(policy.error);
      case 'stand-down':
        this.#retry();
        return this.#hooks.fenced();
      case 'refresh-token':
        if (tokenRefreshed || !this.#options.canRefresh) return this.refuse(needsAuth());
        this.#trouble.tokenRefreshed = true;
        return this.#retry();
      case 'retry':
        return this.#retry(retryAfter);
    }
  }

  #retry(retryAfter?: number): void {
    this.#trouble.attempts++;
    this.#wait(retryAfter);
  }

  #wait(retryAfter: number | undefined): void {
    const {attempts} = this.#trouble;
    const wait = retryAfter ?? backoff(attempts - 1, this.#options.platform.random.fraction());
    const retryAt = this.#clock.now() + wait;
    this.#enter({kind: 'waiting', retryAt, asked: retryAfter !== undefined});
    this.#limit = this.#clock.timer(wait, () => this.#connect());
    this.#hooks.retrying(attempts, retryAt);
    this.#hooks.changed();
  }

  #limitTo(ms: number, reason: string): void {
    this.#limit();
    this.#limit = this.#clock.timer(ms, () => this.drop(reason));
  }

  #enter(state: State): void {
    this.#limit();
    this.#state = state;
  }

  /**
   * Turns away from the present socket, if there is one, and tells of it if it was open.
   * @param code with which it is closed from here
   * @param told the code that the outside hears, where that is another
   */
  #leave(code: number, reason: string, told = code, toldReason = reason): void {
    const before = this.#state;
    this.#enter({kind: 'stopped'});
    this.#heartbeat.stop();
    if ('line' in before) before.line.leave(code, reason);
    if (before.kind !== 'open') return;
    this.#trouble.missing();
    this.#hooks.closed(told, toldReason);
  }
}
