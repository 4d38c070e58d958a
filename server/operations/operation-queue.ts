/**
 * The operations of one session, one at a time and in order.
 *
 * Order within a key (entityType/entityId): once an operation is refused, those behind it for the same key in the same
 * frame are refused too (`blocked`), retryable as the first one is, or they would overtake it. The rest of that frame is
 * enough: a client puts successors of what it has not heard of in the same frame, and nowhere else.
 */
import type {
  OperationAckFrame,
  OperationNackFrame,
  OperationsFrame,
  WireOperation,
} from '../../src/protocol/protocol.js';
import type {Outcome} from './apply.js';
import {OperationRefused} from './refusal.js';

export interface OperationPort {
  /** @throws OperationRefused, or anything else: a fault of the server's */
  apply(op: WireOperation): Promise<Outcome>;
  /** Before the frame's operations: what the client has settled. */
  settle(seq: number): Promise<void>;
  answer(frame: OperationAckFrame | OperationNackFrame): void;
  /** Asks the client to send less, or again. */
  backlog(tooMuch: boolean): void;
  fault(op: WireOperation, error: unknown): void;
  /** What the client has settled could not be kept: nothing of the frame was done, the client has to send it again. */
  failed(error: unknown): void;
}

/** Bytes of one operation are the server's limit; frames that wait are bounded by pausing the socket. */
const MANY = 8;
/** Milliseconds until an operation that met a fault of the server's is worth sending again. */
const FAULT_RETRY = 5000;

export class OperationQueue {
  readonly #port: OperationPort;
  readonly #limit: number;
  readonly #frames: OperationsFrame[] = [];
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(port: OperationPort, limit: number) {
    this.#port = port;
    this.#limit = limit;
  }

  push(frame: OperationsFrame): void {
    if (this.#stopped) return;
    this.#frames.push(frame);
    if (this.#frames.length === MANY) this.#port.backlog(true);
    this.#running ??= this.#run().catch(error => this.#port.failed(error));
  }

  /** Takes no more; resolves when the operation in hand is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#frames.length = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (let frame = this.#frames[0]; frame && !this.#stopped; frame = this.#frames[0]) {
        await this.#frame(frame);
        this.#frames.shift();
        if (this.#frames.length === MANY - 1) this.#port.backlog(false);
      }
    } finally {
      this.#running = undefined;
    }
  }

  async #frame(frame: OperationsFrame): Promise<void> {
    await this.#port.settle(frame.settled);
    /** Keys whose first refusal in this frame could be retried, or could not. */
    const refused = new Map<string, boolean>();
    for (const op of frame.ops) {
      if (this.#stopped) return;
      const key = keyOf(op);
      const blocked = key === undefined ? undefined : refused.get(key);
      if (blocked !== undefined) {
        this.#port.answer(nack(op, 'blocked', 'One before it for the same entity was refused', blocked));
        continue;
      }
      const answer = await this.#apply(op);
      if (answer.type === 'operation_nack' && key !== undefined) refused.set(key, answer.retryable);
      this.#port.answer(answer);
    }
  }

  async #apply(op: WireOperation): Promise<OperationAckFrame | OperationNackFrame> {
    try {
      if (Buffer.byteLength(JSON.stringify(op)) > this.#limit) {
        return nack(op, 'operation-too-large', `An operation has at most ${this.#limit} bytes`, false);
      }
      return {type: 'operation_ack', id: op.id, ...(await this.#port.apply(op))};
    } catch (error) {
      if (error instanceof OperationRefused) {
        const {code, message, retryable, retryAfter, row} = error;
        const frame = nack(op, code, message, retryable);
        if (retryAfter !== undefined) frame.retryAfter = retryAfter;
        if (row !== undefined) frame.row = row;
        return frame;
      }
      // Ours to mend: the client keeps the operation, and other keys flow meanwhile.
      this.#port.fault(op, error);
      return {...nack(op, 'internal', 'The server failed on this operation', true), retryAfter: FAULT_RETRY};
    }
  }
}

function nack(op: WireOperation, code: string, message: string, retryable: boolean): OperationNackFrame {
  return {type: 'operation_nack', id: op.id, code, message: message.slice(0, 1000), retryable};
}

function keyOf(op: WireOperation): string | undefined {
  const {entityType, entityId} = op;
  if (entityType === undefined || entityId === undefined) return undefined;
  return JSON.stringify([entityType, entityId]);
}
