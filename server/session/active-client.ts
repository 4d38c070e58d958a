/**
 * A client that was let in: its stream of data, its operations, and the frames by which it steers them.
 *
 * Greetings and tokens are taken one after another, as each may wait for the host's word; the rest is done at once.
 */
import {
  CLOSE,
  type ClientFrame,
  type OperationAckFrame,
  type OperationNackFrame,
  SyncError,
  type SyncFrame,
} from '../../src/protocol/protocol.js';
import {applyOperation} from '../operations/apply.js';
import {OperationQueue} from '../operations/operation-queue.js';
import type {Identity} from '../options.js';
import {claimInstance, Refused, verifyIdentity, welcome} from './greeting.js';
import {Rate} from './rate.js';
import type {Session} from './session.js';
import {SyncStream} from './stream.js';
import {resolveGreeting, type Subscriptions} from './subscription.js';

/** Greetings and tokens, as an average: for each the host is asked who it is, or the database where to begin. */
const STEPS_PER_SECOND = 5;

export class ActiveClient {
  readonly instance: string;
  readonly #session: Session;
  readonly #clientId: string;
  readonly #operations: OperationQueue;
  readonly #operationRate: Rate;
  readonly #stepRate = new Rate(STEPS_PER_SECOND);
  #identity: Identity;
  #stream: SyncStream | undefined;
  #steps: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(session: Session, identity: Identity, frame: SyncFrame) {
    const {limits} = session.shared.settings;
    this.#session = session;
    this.#identity = identity;
    this.instance = frame.instance;
    this.#clientId = frame.clientId;
    this.#operationRate = new Rate(limits.operationsPerSecond);
    this.#operations = this.#queue(limits.operation);
    session.shared.counters.entered(identity.subject, frame.instance);
  }

  /** Starts the stream that this greeting asks for, in place of the one before. */
  follow(frame: SyncFrame, subscriptions: Subscriptions): void {
    const {settings, tail} = this.#session.shared;
    this.#stream?.stop();
    const {unserved} = subscriptions.wanted;
    if (unserved) this.#session.send({type: 'sync_error', code: unserved.code, message: unserved.message});
    const stream = new SyncStream(settings.source, tail, this.#session.socket, frame, subscriptions);
    this.#stream = stream;
    stream.run().catch(error => this.#session.refuse(error));
  }

  receive(frame: ClientFrame): void {
    if (this.#ended) return;
    switch (frame.type) {
      case 'received':
        this.#received(frame.stream, frame.n);
        return;
      case 'operations':
        this.#take(frame);
        return;
      case 'ping':
        this.#session.send({type: 'pong', t: frame.t});
        return;
      case 'pong':
        return;
      case 'token':
        this.#step(() => this.#renew(frame.token));
        return;
      case 'sync':
        this.#step(() => this.#syncAgain(frame));
        return;
    }
  }

  tick(now: number): void {
    const {expires} = this.#identity;
    const stalled = this.#stream?.credit.stalledFor() ?? 0;
    if (expires !== undefined && now >= expires) {
      this.#session.close('token-expired', 'The token has expired', CLOSE.unauthorized);
    } else if (stalled > this.#session.shared.settings.limits.stalled) {
      this.#session.close('stalled', 'Frames were not acknowledged', CLOSE.slowDown, {retryAfter: 1000});
    }
  }

  finishOperations(): Promise<void> {
    return this.#operations.stop();
  }

  /** Resolves when the operation in hand is done. */
  async end(): Promise<void> {
    const {counters, instances} = this.#session.shared;
    const {subject} = this.#identity;
    this.#ended = true;
    this.#stream?.stop();
    counters.left(subject, this.instance);
    instances.release(subject, this.instance, this.#session);
    await this.#operations.stop();
  }

  #step(run: () => Promise<void>): void {
    if (!this.#stepRate.take(1)) return this.#session.slowDown('Too many greetings');
    this.#steps = this.#steps.then(run).catch(error => this.#session.refuse(error));
  }

  #received(stream: number, n: number): void {
    // One of an older stream may still be on its way; a number that was never sent is no accident.
    if (stream !== this.#stream?.id) return;
    if (!this.#stream.credit.acknowledge(n)) throw new SyncError('bad-frame', `'received' ${n} was never sent`);
  }

  #take(frame: Extract<ClientFrame, {type: 'operations'}>): void {
    const {operations} = this.#session.shared.settings.limits;
    if (frame.ops.length > operations) {
      throw new SyncError('bad-frame', `${frame.ops.length} operations in a frame; the limit is ${operations}`);
    }
    const retryAfter = this.#operationRate.waitFor(frame.ops.length);
    if (retryAfter === 0) return this.#operations.push(frame);
    // Told one by one, the line stays: frames and bytes have limits of their own for those who don't listen.
    for (const {id} of frame.ops) {
      this.#answer({
        type: 'operation_nack',
        id,
        code: 'slow-down',
        message: 'Too many operations',
        retryable: true,
        retryAfter,
      });
    }
  }

  /** A second greeting on this socket: after a gap, or with another subscription. */
  async #syncAgain(frame: SyncFrame): Promise<void> {
    if (this.#ended || frame.stream <= (this.#stream?.id ?? -1)) return;
    if (frame.instance !== this.instance) throw new SyncError('bad-frame', 'Another instance on the same socket');
    if (frame.token !== undefined) await this.#newToken(frame.token, frame);
    const {instances, settings} = this.#session.shared;
    const subscriptions = resolveGreeting(frame, settings, this.#identity);
    await claimInstance(instances, frame, this.#identity, this.#session);
    if (!this.#ended) this.follow(frame, subscriptions);
  }

  /** The welcome says until when the new one is good. */
  async #renew(token: string): Promise<void> {
    await this.#newToken(token, undefined);
    if (!this.#ended) this.#session.send(welcome(this.#session.shared.settings, this.#identity));
  }

  async #newToken(token: string, frame: SyncFrame | undefined): Promise<void> {
    const {request, shared} = this.#session;
    const identity = await verifyIdentity(shared.settings, {token, request, frame});
    if (identity.subject !== this.#identity.subject) {
      throw new Refused('wrong-subject', CLOSE.forbidden, {subject: identity.subject});
    }
    this.#identity = identity;
  }

  #answer(answer: OperationAckFrame | OperationNackFrame): void {
    this.#session.shared.counters.answered(answer);
    this.#session.send(answer);
  }

  #queue(limit: number): OperationQueue {
    const {shared, socket} = this.#session;
    const {settings, instances} = shared;
    const {instance} = this;
    const clientId = this.#clientId;
    return new OperationQueue(
      {
        apply: op => {
          // Asked each time: a refreshed token may bring other permissions.
          const identity = this.#identity;
          const settled = instances.settled(identity.subject, instance);
          return applyOperation(settings.source, settings, op, {identity, instance, clientId, settled});
        },
        settle: seq => instances.settle(this.#identity.subject, instance, seq),
        answer: answer => this.#answer(answer),
        backlog: tooMuch => socket.pause(tooMuch),
        failed: error => this.#session.refuse(error),
        fault: (op, error) => settings.logger.error(`Operation '${op.type.slice(0, 100)}' failed`, error),
      },
      limit,
    );
  }
}
