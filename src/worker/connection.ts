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
import type {Clock, Remover, Socket} from '../platform/platform.js';
import {
  CLOSE,
  type ClientFrame,
  type ForeignFrame,
  parseServerFrame,
  type ServerFrame,
  SyncError,
  type SyncFrame,
  type WelcomeFrame,
} from '../protocol/protocol.js';
import {backoff} from './backoff.js';
import {afterClose} from './close-policy.js';
import {Heartbeat} from './heartbeat.js';
import type {ConnectionHooks, ConnectionOptions, LineFacts} from './line.js';

const CONNECT_LIMIT = 10_000;
const GREETING_LIMIT = 10_000;
/** How long a connection must last before its failures are forgotten. */
const STABLE_AFTER = 10_000;
/** Silence after which a person is told that the server can't be reached. */
const UNREACHABLE_AFTER = 15_000;

type State =
  | {kind: 'stopped'}
  | {kind: 'refused'}
  | {kind: 'waiting'; retryAt: number}
  | {kind: 'connecting'; socket: Socket | undefined}
  | {kind: 'greeting'; socket: Socket; since: number}
  | {kind: 'open'; socket: Socket; welcome: WelcomeFrame};

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #clock: Clock;
  readonly #heartbeat: Heartbeat;
  #state: State = {kind: 'stopped'};
  /** Every socket has a number; what a dead one still says is not heard. */
  #socketNumber = 0;
  /** Of the present state: its limit, or the wait for the next try. */
  #limit: Remover = () => {};
  #unreachableTimer: Remover = () => {};
  #stableTimer: Remover = () => {};
  #attempts = 0;
  #unreachable = false;
  #tokenRefreshed = false;
  #needsAuth = false;
  #error: SyncError | undefined;
  /** What the server said last before it closed. */
  #complaint: {code: string; retryAfter: number | undefined} | undefined;
  #latency: number | null = null;
  #clockOffset = 0;

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#clock = options.platform.clock;
    this.#heartbeat = new Heartbeat(this.#clock, {
      ping: () => this.send({type: 'ping', t: this.#clock.now()}),
      buffered: () => this.#socket()?.bufferedAmount ?? 0,
      dead: () => this.drop('silence'),
    });
  }

  get facts(): LineFacts {
    const {kind} = this.#state;
    return {
      phase: kind === 'greeting' ? 'connecting' : kind === 'refused' ? 'stopped' : kind,
      attempts: this.#attempts,
      unreachable: this.#unreachable,
      needsAuth: this.#needsAuth,
      nextRetryAt: this.#state.kind === 'waiting' ? this.#state.retryAt : null,
      latency: this.#latency,
      clockOffset: this.#clockOffset,
      error: this.#error?.toRecord() ?? null,
    };
  }

  get welcome(): WelcomeFrame | undefined {
    return this.#state.kind === 'open' ? this.#state.welcome : undefined;
  }

  /** Bytes that wait in the socket. */
  get buffered(): number {
    return this.#socket()?.bufferedAmount ?? 0;
  }

  start(): void {
    if (this.#state.kind !== 'stopped' && this.#state.kind !== 'refused') return;
    this.#forgetTrouble();
    this.#watchReach();
    this.#connect();
  }

  /** Drops the socket, forgets the backoff and connects. */
  force(): void {
    this.#abandon(1000, 'forced');
    this.#forgetTrouble();
    this.#watchReach();
    this.#connect();
  }

  stop(): void {
    const wasOpen = this.#state.kind === 'open';
    this.#abandon(1000, 'bye');
    this.#enter({kind: 'stopped'});
    this.#unreachableTimer();
    this.#unreachable = false;
    if (wasOpen) this.#hooks.closed(1000, 'bye');
    this.#hooks.changed();
  }

  /** Gives this socket up and tries again after the backoff. */
  drop(reason: string, retryAfter?: number): void {
    if (this.#state.kind === 'stopped' || this.#state.kind === 'refused' || this.#state.kind === 'waiting')
      return;
    const wasOpen = this.#state.kind === 'open';
    this.#abandon(4000, reason);
    this.#lost(wasOpen, 1006, reason, retryAfter);
  }

  /** Stops for a reason that only the person, or the page, can mend. */
  refuse(error: SyncError): void {
    const wasOpen = this.#state.kind === 'open';
    this.#abandon(1000, error.code);
    if (error.action === 'sign-in') this.#needsAuth = true;
    else this.#error = error;
    this.#enter({kind: 'refused'});
    if (wasOpen) this.#hooks.closed(1000, error.code);
    this.#hooks.changed();
  }

  /** Something may have changed outside (awake, online, visible): ask now whether the line still holds. */
  probe(): void {
    if (this.#state.kind === 'open') this.#heartbeat.probe();
    if (this.#state.kind === 'waiting' && this.#attempts > 1) {
      this.#attempts = 1;
      this.#wait(undefined);
    }
  }

  send(frame: ClientFrame): void {
    const socket = this.#socket();
    if (!socket) return;
    try {
      socket.send(JSON.stringify(frame));
    } catch (error) {
      this.drop(`send failed: ${SyncError.from(error).message}`);
    }
  }

  /** Greets again on the open socket, with the next stream. */
  async greetAgain(): Promise<void> {
    const number = this.#socketNumber;
    const frame = await this.#hooks.greeting(false);
    if (frame && number === this.#socketNumber && this.#state.kind === 'open') this.send(frame);
  }

  #socket(): Socket | undefined {
    return this.#state.kind === 'greeting' || this.#state.kind === 'open' ? this.#state.socket : undefined;
  }

  #connect(): void {
    const number = ++this.#socketNumber;
    const current = () => number === this.#socketNumber;
    this.#complaint = undefined;
    this.#enter({kind: 'connecting', socket: undefined});
    let socket: Socket;
    try {
      socket = this.#options.platform.sockets.connect(this.#options.url, {
        open: () => current() && void this.#greet(socket),
        message: text => current() && this.#heard(text),
        binary: () => current() && this.#malformed(new SyncError('bad-frame', 'A binary frame')),
        close: (code, reason) => current() && this.#closed(code, reason),
      });
    } catch (error) {
      this.refuse(new SyncError('invalid-url', SyncError.from(error).message));
      return;
    }
    if (this.#state.kind === 'connecting') this.#state.socket = socket;
    this.#limitTo(CONNECT_LIMIT, 'no connection within 10 s');
    this.#hooks.changed();
  }

  async #greet(socket: Socket): Promise<void> {
    const number = this.#socketNumber;
    let frame: SyncFrame | undefined;
    try {
      frame = await this.#hooks.greeting(this.#tokenRefreshed);
    } catch (error) {
      this.#options.logger.warn(`No greeting could be made: ${SyncError.from(error).message}`);
    }
    if (number !== this.#socketNumber) return;
    if (!frame) return this.drop('no greeting could be made');
    this.#enter({kind: 'greeting', socket, since: this.#clock.now()});
    this.send(frame);
    this.#limitTo(GREETING_LIMIT, 'no welcome within 10 s');
  }

  #heard(text: string): void {
    this.#heartbeat.heard();
    let frame: ServerFrame | ForeignFrame;
    try {
      frame = parseServerFrame(text, this.#options.frameChars);
    } catch (error) {
      this.#malformed(SyncError.from(error, 'bad-frame'));
      return;
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
        this.#complaint = {code: frame.code, retryAfter: frame.retryAfter};
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
    if (frame.protocol !== 1) {
      this.refuse(new SyncError('protocol-version', 'The server speaks another version', {action: 'reload'}));
      return;
    }
    const {socket, since} = this.#state;
    const roundTrip = this.#clock.now() - since;
    this.#enter({kind: 'open', socket, welcome: frame});
    this.#clockOffset = Math.round(frame.serverTime + roundTrip / 2 - this.#clock.now());
    this.#latency ??= roundTrip;
    this.#needsAuth = false;
    this.#tokenRefreshed = false;
    this.#error = undefined;
    this.#unreachableTimer();
    this.#unreachable = false;
    this.#stableTimer = this.#clock.timer(STABLE_AFTER, () => {
      this.#attempts = 0;
      this.#hooks.changed();
    });
    this.#heartbeat.start(frame.heartbeat);
    this.#hooks.opened(frame);
    this.#hooks.changed();
  }

  /** What the server sent can't be trusted from here on: report it, begin again from what is durable. */
  #malformed(error: SyncError): void {
    this.#options.logger.error(`${error.code}: ${error.message}`);
    this.#hooks.malformed(error.toRecord());
    const wasOpen = this.#state.kind === 'open';
    this.#abandon(CLOSE.badFrame, error.code);
    this.#lost(wasOpen, CLOSE.badFrame, error.message);
  }

  #closed(code: number, reason: string): void {
    const wasOpen = this.#state.kind === 'open';
    this.#abandon(undefined, '');
    const policy = afterClose(code, reason);
    switch (policy.kind) {
      case 'stop':
        this.#error = policy.error;
        this.#enter({kind: 'refused'});
        if (wasOpen) this.#hooks.closed(code, reason);
        return this.#hooks.changed();
      case 'stand-down':
        if (wasOpen) this.#hooks.closed(code, reason);
        this.#lost(false, code, reason);
        return this.#hooks.fenced();
      case 'refresh-token':
        if (!this.#tokenRefreshed && this.#options.canRefresh) {
          this.#tokenRefreshed = true;
          return this.#lost(wasOpen, code, reason);
        }
        this.#needsAuth = true;
        this.#enter({kind: 'refused'});
        if (wasOpen) this.#hooks.closed(code, reason);
        return this.#hooks.changed();
      case 'retry':
        return this.#lost(wasOpen, code, reason, this.#complaint?.retryAfter);
    }
  }

  #lost(wasOpen: boolean, code: number, reason: string, retryAfter?: number): void {
    if (wasOpen) {
      this.#hooks.closed(code, reason);
      this.#watchReach();
    }
    this.#attempts++;
    this.#wait(retryAfter);
  }

  #wait(retryAfter: number | undefined): void {
    this.#limit();
    const wait = retryAfter ?? backoff(this.#attempts - 1, this.#options.platform.random.fraction());
    const retryAt = this.#clock.now() + wait;
    this.#enter({kind: 'waiting', retryAt});
    this.#limit = this.#clock.timer(wait, () => this.#connect());
    this.#hooks.retrying(this.#attempts, retryAt);
    this.#hooks.changed();
  }

  #limitTo(ms: number, reason: string): void {
    this.#limit();
    this.#limit = this.#clock.timer(ms, () => this.drop(reason));
  }

  #enter(state: State): void {
    this.#limit();
    this.#limit = () => {};
    this.#state = state;
  }

  /** Turns away from the present socket, whether or not it will close. */
  #abandon(code: number | undefined, reason: string): void {
    const {socket} = this.#state as {socket?: Socket};
    this.#socketNumber++;
    this.#limit();
    this.#stableTimer();
    this.#heartbeat.stop();
    if (!socket || code === undefined) return;
    try {
      // A reason may have 123 bytes at most.
      socket.close(code, reason.slice(0, 40));
    } catch {
      // It was never opened, or is gone: nothing is left to close.
    }
  }

  #watchReach(): void {
    this.#unreachableTimer();
    this.#unreachableTimer = this.#clock.timer(UNREACHABLE_AFTER, () => {
      this.#unreachable = true;
      this.#hooks.changed();
    });
  }

  #forgetTrouble(): void {
    this.#attempts = 0;
    this.#needsAuth = false;
    this.#tokenRefreshed = false;
    this.#error = undefined;
    this.#complaint = undefined;
    this.#unreachable = false;
  }
}
