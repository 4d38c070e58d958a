/** Sends what the queue lets go, while there is a greeted line: now, and again when a refused operation is due. */
import type {Clock, Remover} from '../platform/platform.js';
import {type ClientFrame, type ErrorRecord, type ServerLimits, SyncError} from '../protocol/protocol.js';
import type {OperationQueue} from '../queue/operation-queue.js';

/** How often a late answer is looked for. */
const ANSWER_CHECK = 10_000;
/** Bytes in the socket's buffer above which no more operations are added. */
const BUFFER_LIMIT = 1024 * 1024;

export interface PumpHooks {
  send(frame: ClientFrame): void;
  buffered(): number;
  /** An answer is so late that the connection can't be trusted. */
  overdue(): void;
  failed(error: ErrorRecord): void;
  /** The outbox could be read and written: what went wrong before is over. */
  worked(): void;
}

/** A graceful goodbye waits so long, in milliseconds, for answers that are on their way. */
const GOODBYE_LIMIT = 3000;

export class Pump {
  readonly #queue: OperationQueue;
  readonly #clock: Clock;
  readonly #hooks: PumpHooks;
  /** Of the server that is greeted; undefined while none is. */
  #limits: ServerLimits | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #scanning: Promise<void> | undefined;
  #retry: Remover = () => {};
  #check: Remover = () => {};

  constructor(queue: OperationQueue, clock: Clock, hooks: PumpHooks) {
    this.#queue = queue;
    this.#clock = clock;
    this.#hooks = hooks;
  }

  open(limits: ServerLimits): void {
    this.#limits = limits;
    this.#watchAnswers();
    this.#scan();
  }

  /** The line is gone: what is unanswered is unknown. */
  close(): void {
    this.#limits = undefined;
    this.#retry();
    this.#check();
    this.#queue.connectionLost();
  }

  /** Resolves when nothing is under way any more, or the time is up. */
  finish(limit = GOODBYE_LIMIT): Promise<void> {
    const until = this.#clock.monotonic() + limit;
    return new Promise(resolve => {
      const look = () => {
        if (!this.#limits || !this.#queue.isSending || this.#clock.monotonic() >= until) resolve();
        else this.#clock.timer(20, look);
      };
      look();
    });
  }

  async stop(): Promise<void> {
    this.close();
    await this.#running;
  }

  run(): void {
    this.#again = true;
    this.#running ??= this.#send().finally(() => {
      this.#running = undefined;
    });
  }

  async #send(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const limits = this.#limits;
      if (!limits || this.#hooks.buffered() > BUFFER_LIMIT) return;
      try {
        const ops = await this.#queue.takeSendable(limits);
        // Taken for a line that is gone: they stay in the outbox and go out on the next.
        if (this.#limits !== limits) this.#queue.connectionLost();
        else if (ops.length > 0) this.#hooks.send({type: 'operations', ops, settled: this.#queue.settledFloor});
        if (ops.length > 0) this.#again = true;
      } catch (error) {
        this.#hooks.failed(SyncError.from(error, 'storage-failed').toRecord());
        return;
      }
    }
    this.#retry();
    const dueAt = this.#queue.nextDueAt;
    if (dueAt !== undefined && this.#limits) {
      this.#retry = this.#clock.timer(Math.max(0, dueAt - this.#clock.monotonic()), () => this.run());
    }
  }

  /** A tab that died between its write and its word of it is found out here. While storage hangs it is asked once. */
  #scan(): void {
    this.#scanning ??= this.#queue
      .scan()
      .finally(() => {
        this.#scanning = undefined;
      })
      .then(
        () => {
          this.#hooks.worked();
          this.run();
        },
        error => this.#hooks.failed(SyncError.from(error, 'storage-failed').toRecord()),
      );
  }

  /** @param before bytes that waited when this was last looked at */
  #watchAnswers(before = this.#hooks.buffered()): void {
    this.#check();
    this.#check = this.#clock.timer(ANSWER_CHECK, () => {
      const buffered = this.#hooks.buffered();
      // What is still going out, on a slow line, can't be answered yet.
      if (this.#queue.answerOverdue && buffered >= before) return this.#hooks.overdue();
      this.#watchAnswers(buffered);
      this.#scan();
    });
  }
}
