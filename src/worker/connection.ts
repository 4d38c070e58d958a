/**
 * The line to the server: opens it, greets, keeps it alive, tries again, and says what is the case. The leader's only.
 *
 *             start   ┌ trying (attempt.ts) ──────────┐ welcome
 *   stopped ────────► │ token ─► socket ─► greeting   │ ────────► open
 *      ▲              └───────────────────────────────┘             │
 *      │ stop            ▲          │ failed, page silent           │ closed, silent
 *      │                 │          ▼                               ▼
 *      └──────────── waiting ◄──────────────────────────────────────┘
 *                    refused ◄── what trying again can't mend; start leaves it, and another token
 */
import type {Clock, Remover} from '../platform/platform.js';
import {
  CLOSE,
  type ClientFrame,
  PROTOCOL_VERSION,
  SyncError,
  type SyncErrorFrame,
  type WelcomeFrame,
} from '../protocol/protocol.js';
import {Turns} from '../queue/turns.js';
import {Attempt} from './attempt.js';
import {backoff} from './backoff.js';
import {afterClose, needsAuth, refusalOf} from './close-policy.js';
import {Credentials} from './credentials.js';
import {bounded} from './demands.js';
import {type Ears, hear} from './hear.js';
import {Heartbeat} from './heartbeat.js';
import {factsOf, type LineState, lineOf} from './line-state.js';
import {Trouble} from './trouble.js';
import type {ConnectionHooks, ConnectionOptions, LineFacts} from './worker.js';

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #clock: Clock;
  readonly #heartbeat: Heartbeat;
  readonly #trouble: Trouble;
  readonly #credentials: Credentials;
  readonly #ears: Ears;
  #state: LineState = {kind: 'stopped'};
  #retryTimer: Remover = () => {};

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#clock = options.platform.clock;
    this.#trouble = new Trouble(this.#clock, () => hooks.changed());
    this.#credentials = new Credentials(this.#clock, hooks.token, token => this.send({type: 'token', token}));
    this.#heartbeat = new Heartbeat(this.#clock, {
      ping: t => this.send({type: 'ping', t}),
      buffered: () => this.buffered,
      dead: () => this.drop('silence'),
    });
    this.#ears = bounded(this.#clock, {
      welcome: frame => this.#welcomed(frame),
      ping: t => this.send({type: 'pong', t}),
      pong: t => this.#heartbeat.answered(t) && hooks.changed(),
      complaint: frame => this.#complained(frame),
      request: () => void this.greetAgain(),
      filling: () => this.#heartbeat.filling(),
      caughtUp: () => this.#heartbeat.caughtUp(),
      large: bytes => this.#heartbeat.expect(Math.min(bytes, options.frameChars)),
      // Nothing may be applied before the server has said who it takes us for.
      data: (frame, text) => {
        if (this.#state.kind === 'open') hooks.frame(frame, text);
        else this.#malformed(new SyncError('bad-frame', `'${frame.type}' before 'welcome'`));
      },
      foreign: body => hooks.foreign(body),
      malformed: error => this.#malformed(error),
    });
  }

  get facts(): LineFacts {
    return {...this.#trouble.facts, ...factsOf(this.#state, this.#credentials.taken), ...this.#heartbeat.facts};
  }

  get welcome(): WelcomeFrame | undefined {
    return this.#state.kind === 'open' ? this.#state.welcome : undefined;
  }
  /** Bytes that wait in the socket. */
  get buffered(): number {
    return lineOf(this.#state)?.bufferedAmount ?? 0;
  }

  start(): void {
    if (this.#state.kind === 'stopped' || this.#state.kind === 'refused') this.force();
  }

  /** Drops the socket, forgets the backoff and what was refused, and connects. */
  force(): void {
    this.#credentials.forgive();
    this.#begin();
  }

  stop(): void {
    this.#leave(1000, 'bye');
    this.#trouble.forget();
    this.#hooks.changed();
  }

  /** Gives this socket up and tries again after the backoff. */
  drop(reason: string): void {
    if (this.#state.kind !== 'trying' && this.#state.kind !== 'open') return;
    this.#leave(4000, reason, 1006);
    this.#retry();
  }

  /** Stops for a reason that only the person, or the page, can mend. */
  refuse(error: SyncError): void {
    this.#leave(1000, error.code);
    this.#trouble.rest();
    this.#trouble.needsAuth = error.action === 'sign-in' && error.code !== 'forbidden';
    this.#trouble.error = error;
    this.#enter({kind: 'refused'});
    this.#hooks.changed();
    if (!this.#trouble.needsAuth) return;
    this.#credentials.refuse();
    if (this.#options.hasToken) this.#credentials.seek(() => this.#begin());
  }

  /** Something may have changed outside (awake, online, visible): ask now whether the line still holds. */
  probe(): void {
    if (this.#state.kind === 'open') return this.#heartbeat.probe();
    if (this.#trouble.needsAuth) {
      // Signed out: the page may have another token by now; where it has none to give, a cookie may be there.
      if (this.#options.hasToken) void this.#credentials.look();
      else this.force();
    }
    // A timer that was asleep with the laptop says nothing of the server.
    if (this.#state.kind !== 'stopped' && this.#state.kind !== 'refused') this.#trouble.missing();
    if (this.#state.kind !== 'waiting' || this.#state.asked || this.#trouble.attempts < 2) return;
    this.#trouble.attempts = 1;
    this.#wait(undefined);
  }

  send(frame: ClientFrame): void {
    try {
      lineOf(this.#state)?.send(frame);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) return this.refuse(refusal);
      this.drop(`send failed: ${SyncError.from(error).message}`);
    }
  }

  /** Greets again on the open socket, with the next stream. */
  async greetAgain(): Promise<void> {
    if (this.#state.kind === 'open') await this.#state.greetings.join();
  }

  /** The stream can't go on as it is, for which only the server can be to blame. */
  beginAgain(): void {
    if (this.#state.kind === 'open') this.#ears.request();
  }

  #begin(): void {
    this.#leave(1000, 'again');
    this.#trouble.forget();
    this.#trouble.missing();
    this.#try();
  }

  #try(): void {
    this.#trouble.complained();
    const attempt = new Attempt(this.#options, {
      token: () => this.#credentials.next(),
      greet: () => this.#greet(),
      message: text => this.#heard(text),
      binary: () => this.#malformed(new SyncError('bad-frame', 'A binary frame')),
      close: (code, reason) => this.#closed(code, reason),
      failed: reason => this.drop(reason),
      refused: error => this.refuse(error),
      silent: () => {
        this.drop('the page gives no token');
        this.#hooks.barren();
      },
    });
    this.#enter({kind: 'trying', attempt});
    this.#hooks.changed();
    void attempt.run();
  }

  async #greet(): Promise<void> {
    const before = this.#state;
    try {
      const frame = await this.#hooks.greeting();
      if (this.#state !== before) return;
      if (before.kind === 'trying') before.attempt.greets();
      // Only now: while the greeting was made the token may have been renewed.
      const token = this.#credentials.show();
      this.send(token === undefined ? frame : {...frame, token});
    } catch (error) {
      this.#options.logger.warn(`No greeting could be made: ${SyncError.from(error).message}`);
      if (this.#state === before) this.drop('no greeting could be made');
    }
  }

  #heard(text: string): void {
    this.#heartbeat.heard();
    hear(text, this.#options.frameChars, this.#ears);
  }

  #welcomed(frame: WelcomeFrame): void {
    // Again on an open line: the server has taken a new token.
    if (this.#state.kind === 'open') return this.#accepted(frame);
    const {attempt} = this.#state.kind === 'trying' ? this.#state : {};
    const roundTrip = attempt?.sinceGreeting;
    if (!attempt?.line || roundTrip === undefined) return;
    if (frame.protocol !== PROTOCOL_VERSION)
      return this.refuse(new SyncError('protocol-version', 'The server speaks another version', {action: 'reload'}));
    frame.limits = this.#trouble.within(frame.limits);
    const greetings = new Turns(async () => (this.#state === open ? this.#greet() : undefined));
    const open: LineState = {kind: 'open', line: attempt.line, welcome: frame, greetings};
    this.#enter(open);
    this.#trouble.greeted();
    this.#heartbeat.start(frame, roundTrip);
    this.#accepted(frame);
    this.#hooks.opened(frame);
    this.#hooks.changed();
  }

  #accepted({tokenExpires}: WelcomeFrame): void {
    // By the server's clock as it was at the greeting: a later welcome may have stood behind much else.
    if (this.#options.hasToken) this.#credentials.accepted(tokenExpires && tokenExpires - this.#heartbeat.serverNow);
  }

  #complained(frame: SyncErrorFrame): void {
    this.#trouble.complained(frame);
    this.#options.logger.warn(`The server says ${frame.code}: ${frame.message}`);
    this.#hooks.complaint(frame);
  }

  /** What the server sent can't be trusted from here on: report it, begin again from what is durable. */
  #malformed(error: SyncError): void {
    this.#options.logger.error(`${error.code}: ${error.message}`);
    this.#hooks.malformed(error.toRecord());
    this.#leave(CLOSE.badFrame, error.code);
    this.#retry();
  }

  #closed(code: number, reason: string): void {
    if (code === 1009) this.#complained(this.#trouble.outgrown(lineOf(this.#state)?.longest));
    const {complaint, retryAfter, tokenRefreshed} = this.#trouble;
    this.#leave(1000, '', code, reason);
    const policy = afterClose(code, reason);
    switch (policy.kind) {
      case 'stop':
        // A token of somebody else, renewed on this line: a fresh greeting opens what is theirs.
        return complaint === 'wrong-subject' ? this.#retry() : this.refuse(policy.error);
      case 'stand-down':
        this.#retry();
        return this.#hooks.fenced();
      case 'refresh-token':
        this.#credentials.refuse();
        if (tokenRefreshed || !this.#options.hasToken) return this.refuse(needsAuth());
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
    this.#retryTimer = this.#clock.timer(wait, () => this.#try());
    this.#hooks.retrying(attempts, retryAt);
    this.#hooks.changed();
  }

  #enter(state: LineState): void {
    this.#retryTimer();
    if (this.#state.kind === 'trying') this.#state.attempt.end();
    this.#state = state;
  }

  /** Turns away from the socket, closed with `code`; if it was open, what the outside hears of that is `told`. */
  #leave(code: number, reason: string, told = code, toldReason = reason): void {
    const line = lineOf(this.#state);
    const wasOpen = this.#state.kind === 'open';
    this.#enter({kind: 'stopped'});
    this.#heartbeat.stop();
    this.#credentials.rest();
    line?.leave(code, reason);
    if (!wasOpen) return;
    this.#trouble.missing();
    this.#hooks.closed(told, toldReason);
  }
}
