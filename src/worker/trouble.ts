/** What went wrong on the way to the server, for as long as it matters. */
import type {Clock, Remover} from '../platform/platform.js';
import type {ServerLimits, SyncError, SyncErrorFrame} from '../protocol/protocol.js';
import type {Sent} from './line.js';
import type {LineFacts} from './worker.js';

/** How long a connection must last before its failures are forgotten. */
const STABLE_AFTER = 10_000;
/** Silence after which a person is told that the server can't be reached. */
const UNREACHABLE_AFTER = 15_000;

/** Characters by which an operation may be longer on the wire than where it is kept. */
const WRAPPING = 200;

export class Trouble {
  /** Tries that failed since the last stable connection. */
  attempts = 0;
  needsAuth = false;
  /** The last token was refused, and there has been another try with a new one since. */
  tokenRefreshed = false;
  error: SyncError | undefined;
  /** Milliseconds the server asked for before it closed. */
  retryAfter: number | undefined;
  /** The code of what it complained of on this line. */
  complaint: string | undefined;
  /** What the way to the server was found to carry, which may be less than the server says: proxies have limits too. */
  #carried = {frame: Number.POSITIVE_INFINITY, operation: Number.POSITIVE_INFINITY};
  #unreachable = false;
  readonly #clock: Clock;
  readonly #changed: () => void;
  #reachTimer: Remover = () => {};
  #stableTimer: Remover = () => {};

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get facts(): Pick<LineFacts, 'attempts' | 'unreachable' | 'needsAuth' | 'error'> {
    const {attempts, needsAuth, error} = this;
    return {attempts, unreachable: this.#unreachable, needsAuth, error: error?.toRecord() ?? null};
  }

  /** What the server says of this line; nothing yet, where it is a new one. */
  complained(frame?: SyncErrorFrame): void {
    this.complaint = frame?.code;
    this.retryAfter = frame?.retryAfter;
  }

  /** The line was closed for a frame that was too large: next time frames are half as long, or that operation stays here. */
  outgrown(sent: Sent | undefined): SyncErrorFrame {
    const {chars, type, operations} = sent ?? {chars: 0, type: 'sync', operations: 0};
    if (operations > 1) this.#carried.frame = chars;
    if (operations === 1) this.#carried.operation = chars - WRAPPING;
    const message = `A frame was too large on its way; the longest one was '${type}' of ${chars} characters`;
    return {type: 'sync_error', code: 'frame-too-large', message};
  }

  /** The limits that a server has told of, as far as the way to it allows. */
  within(limits: ServerLimits): ServerLimits {
    const {frame, operation} = this.#carried;
    return {...limits, frame: Math.min(limits.frame, frame), operation: Math.min(limits.operation, operation)};
  }

  /** Somebody wants to connect: all is new. */
  forget(): void {
    this.attempts = 0;
    this.needsAuth = false;
    this.tokenRefreshed = false;
    this.error = undefined;
    this.complained();
    this.rest();
  }

  /** Nothing is expected of the line. */
  rest(): void {
    this.#unreachable = false;
    this.#reachTimer();
    this.#stableTimer();
  }

  /** The greeting that was due is missing from now on. */
  missing(): void {
    this.#stableTimer();
    this.#reachTimer();
    this.#reachTimer = this.#clock.timer(UNREACHABLE_AFTER, () => {
      this.#unreachable = true;
      this.#changed();
    });
  }

  /** Greeted: over, once it has lasted. */
  greeted(): void {
    this.rest();
    this.needsAuth = false;
    this.tokenRefreshed = false;
    this.error = undefined;
    this.#stableTimer = this.#clock.timer(STABLE_AFTER, () => {
      this.attempts = 0;
      this.#changed();
    });
  }
}
