/** What went wrong on the way to the server, for as long as it matters. */
import type {Clock, Remover} from '../platform/platform.js';
import type {SyncError, SyncErrorFrame} from '../protocol/protocol.js';
import type {LineFacts} from './worker.js';

/** How long a connection must last before its failures are forgotten. */
const STABLE_AFTER = 10_000;
/** Silence after which a person is told that the server can't be reached. */
const UNREACHABLE_AFTER = 15_000;

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
