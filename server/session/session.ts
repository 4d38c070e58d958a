/**
 * One socket, from the upgrade to its close: whether it is let in, and the only place that closes it, always with a coded
 * reason. What an accepted client does is in active-client.ts.
 *
 *    waiting ── sync ──► checking ── granted ──► active ──► closed
 *       │                   │                       │
 *       │ 5 s, other frame, │ token, subject,       │ bad frame, expiry, newer leader,
 *       │ too large         │ protocol, epoch       │ no acknowledgements, draining
 *       └───────────────────┴───────────────────────┴──────► closed
 */
import type {IncomingMessage} from 'node:http';
import {
  CLOSE,
  type ClientFrame,
  parseClientFrame,
  type ServerFrame,
  SyncError,
  type SyncFrame,
  type UnknownFrame,
} from '../../src/protocol/protocol.js';
import type {LogTail} from '../log-tail.js';
import type {Settings} from '../options.js';
import {ActiveClient} from './active-client.js';
import type {Counters} from './counters.js';
import {checkGreeting, claimInstance, Refused, verifyIdentity, welcome} from './greeting.js';
import type {Instances, Occupant} from './instances.js';
import {Rate} from './rate.js';
import type {Socket} from './socket.js';
import {resolveGreeting} from './subscription.js';
import type {Turnstile} from './turnstile.js';

/** What all sessions of a server share. */
export interface Shared {
  readonly settings: Settings;
  readonly tail: LogTail;
  readonly instances: Instances;
  readonly turnstile: Turnstile;
  readonly counters: Counters;
  /** False: the subject has too many sockets. */
  admit(session: Session, subject: string): boolean;
}

type State =
  | {name: 'waiting'}
  | {name: 'checking'; inbox: ClientFrame[]}
  | {name: 'active'; client: ActiveClient}
  | {name: 'closed'};

/** Frames that may arrive while the greeting is being checked; unknown ones after which it is no accident. */
const INBOX = 16;
const UNKNOWN = 100;

export class Session implements Occupant {
  readonly socket: Socket;
  readonly request: IncomingMessage;
  readonly shared: Shared;
  readonly #opened = Date.now();
  readonly #frames: Rate;
  readonly #bytes: Rate;
  #state: State = {name: 'waiting'};
  #unknown = 0;

  constructor(shared: Shared, socket: Socket, request: IncomingMessage) {
    this.shared = shared;
    this.socket = socket;
    this.request = request;
    const {framesPerSecond, bytesPerSecond} = shared.settings.limits;
    this.#frames = new Rate(framesPerSecond);
    this.#bytes = new Rate(bytesPerSecond);
  }

  /** The local database this socket speaks for, once it is let in. */
  get instance(): string | undefined {
    return this.#state.name === 'active' ? this.#state.client.instance : undefined;
  }

  /** One text frame from the client; whatever is wrong with it ends this session and no other. */
  receive(text: string, bytes: number): void {
    if (this.#state.name === 'closed') return;
    if (!this.#frames.take(1) || !this.#bytes.take(bytes)) {
      this.slowDown('Too many frames');
      return;
    }
    try {
      this.#dispatch(this.#parse(text, bytes));
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Control frames of the WebSocket itself cost something too. */
  countPing(): void {
    if (!this.#frames.take(1)) this.slowDown('Too many pings');
  }

  binary(): void {
    this.close('bad-frame', 'Frames are text', CLOSE.badFrame);
  }

  /** @param retryAfter milliseconds */
  slowDown(message: string, retryAfter = 5000): void {
    this.close('slow-down', message, CLOSE.slowDown, {retryAfter});
  }

  /** Says why, and closes. Resolves when the operation in hand is done. */
  async close(
    code: string,
    message: string,
    closeCode: number,
    more: {retryAfter?: number; subject?: string} = {},
  ): Promise<void> {
    if (this.#state.name === 'closed') return;
    this.shared.counters.closed(code);
    this.send({type: 'sync_error', code, message, ...more});
    this.socket.close(closeCode, code);
    await this.closed();
  }

  /** Closes with what a failure amounts to. */
  refuse(error: unknown): void {
    if (error instanceof Refused) {
      this.close(error.code, error.message, error.closeCode, error.more);
    } else if (error instanceof SyncError) {
      const forbidden = error.code === 'unknown-type' || error.code === 'unknown-column';
      this.close(error.code, error.message, forbidden ? CLOSE.forbidden : CLOSE.badFrame);
    } else {
      this.shared.settings.logger.error('A session failed', error);
      this.close('internal', 'The server could not go on', CLOSE.draining, {retryAfter: 5000});
    }
  }

  /** A newer leader of this instance is there. */
  evict(): Promise<void> {
    return this.close('fenced', 'A newer leader of this client is connected', CLOSE.fenced);
  }

  /** The socket is gone. Resolves when the operation in hand is done. */
  async closed(): Promise<void> {
    const state = this.#state;
    this.#state = {name: 'closed'};
    if (state.name === 'active') await state.client.end();
  }

  /** Takes no more operations; resolves when the one in hand is done. */
  async finishOperations(): Promise<void> {
    if (this.#state.name === 'active') await this.#state.client.finishOperations();
  }

  /** Called every now and then: what time alone brings about. */
  tick(now: number): void {
    if (this.#state.name === 'active') this.#state.client.tick(now);
    else if (now - this.#opened > this.shared.settings.limits.greeting) {
      this.close('no-greeting', 'No greeting in time', CLOSE.noGreeting);
    }
  }

  send(frame: ServerFrame): void {
    this.socket.send(frame);
  }

  #parse(text: string, bytes: number): ClientFrame | UnknownFrame {
    const {limits} = this.shared.settings;
    const limit = this.#state.name === 'active' ? limits.frame : limits.greetingFrame;
    if (bytes > limit) throw new SyncError('frame-too-large', `A frame of ${bytes} bytes; the limit is ${limit}`);
    if (this.#state.name === 'waiting') checkGreeting(text);
    return parseClientFrame(text, limit);
  }

  #dispatch(frame: ClientFrame | UnknownFrame): void {
    const state = this.#state;
    if (state.name === 'waiting') {
      if ('unknown' in frame || frame.type !== 'sync') throw new Refused('greeting-expected', CLOSE.badFrame);
      this.#state = {name: 'checking', inbox: []};
      this.#greet(frame).catch(error => this.refuse(error));
    } else if ('unknown' in frame) {
      if (++this.#unknown > UNKNOWN) throw new Refused('unknown-frame', CLOSE.badFrame);
      this.send({
        type: 'sync_error',
        code: 'unknown-frame',
        message: `Unknown frame '${frame.type.slice(0, 40)}'`,
      });
    } else if (state.name === 'checking') {
      if (state.inbox.push(frame) > INBOX) throw new Refused('greeting-expected', CLOSE.badFrame);
    } else if (state.name === 'active') {
      state.client.receive(frame);
    }
  }

  async #greet(frame: SyncFrame): Promise<void> {
    const {settings, instances} = this.shared;
    const identity = await verifyIdentity(settings, {token: frame.token, request: this.request, frame});
    if (this.#state.name !== 'checking') return;
    const {subject} = identity;
    if (frame.subject !== undefined && frame.subject !== subject) {
      // The client opens the right database, and greets again from there.
      this.send(welcome(settings, identity));
      throw new Refused('wrong-subject', CLOSE.forbidden, {subject});
    }
    const wait = this.shared.turnstile.enter(`${subject} ${frame.instance}`, Date.now());
    if (wait > 0) {
      this.slowDown('Many come at once', wait);
      return;
    }
    const subscriptions = resolveGreeting(frame, settings, identity);
    if (!this.shared.admit(this, subject)) {
      this.slowDown('Too many connections');
      return;
    }
    await claimInstance(instances, frame, identity, this);
    if (this.#state.name !== 'checking') {
      // Closed while it was being checked: the place it was given is free again.
      instances.release(subject, frame.instance, this);
      return;
    }
    const {inbox} = this.#state;
    const client = new ActiveClient(this, identity, frame);
    this.#state = {name: 'active', client};
    this.send(welcome(settings, identity));
    client.follow(frame, subscriptions);
    for (const early of inbox) client.receive(early);
  }
}
