/**
 * Whether the other side still lives. Any complete frame is life, and so is a send buffer that drains: on a slow line a
 * pong may stand behind megabytes. Deadlines are looked at in wall-clock time too, so that a laptop that slept notices.
 */
import type {Clock, Remover} from '../platform/platform.js';
import type {WelcomeFrame} from '../protocol/protocol.js';
import type {LineFacts} from './worker.js';

/** How often it is looked, at the least. */
const TICK = 5000;
/** After the ping. */
const PATIENCE = 10_000;
/** After sleep, `online`, becoming visible: somebody is waiting. */
const SHORT_PATIENCE = 3000;
/** Pings that may go unanswered on lines that fell silent again and again: enough for the largest row at 50 kB/s. */
const MOST_CHANCES = 16;

export interface HeartbeatHooks {
  ping(): void;
  /** Bytes that wait to be sent. */
  buffered(): number;
  dead(): void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #hooks: HeartbeatHooks;
  #timer: Remover = () => {};
  #deadline: Remover = () => {};
  /** When the answer must be here, on the monotonic clock; undefined while none is owed. */
  #dueAt: number | undefined;
  #silence = 15_000;
  #heardAt = 0;
  #tickedAt = 0;
  #buffered = 0;
  /** Pings that may go unanswered: of a line, and what is left of them. */
  #chances = 1;
  #left = 1;
  #latency: number | null = null;
  #clockOffset = 0;
  /** The server's clock less our monotonic one. */
  #serverAhead = 0;

  constructor(clock: Clock, hooks: HeartbeatHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** What is known of the other side, and was, while there is none. */
  get facts(): Pick<LineFacts, 'latency' | 'clockOffset'> {
    return {latency: this.#latency, clockOffset: this.#clockOffset};
  }

  /** The server's time, by its clock at the greeting and ours since, whatever becomes of the wall clock here. */
  get serverNow(): number {
    return this.#clock.monotonic() + this.#serverAhead;
  }

  /** @param roundTrip of greeting and welcome, in milliseconds */
  start({heartbeat, serverTime}: Pick<WelcomeFrame, 'heartbeat' | 'serverTime'>, roundTrip: number): void {
    this.stop();
    this.#silence = Math.min(60_000, Math.max(5000, heartbeat));
    this.#heardAt = this.#clock.monotonic();
    this.#tickedAt = this.#clock.now();
    this.#buffered = 0;
    this.#left = this.#chances;
    this.#latency ??= roundTrip;
    this.#serverAhead = serverTime + roundTrip / 2 - this.#heardAt;
    this.#clockOffset = Math.round(serverTime + roundTrip / 2 - this.#tickedAt);
    this.#schedule();
  }

  stop(): void {
    this.#timer();
    this.#deadline();
    this.#dueAt = undefined;
  }

  /**
   * The stream has got to its head. A line that falls silent before may be busy with one frame that takes longer than our
   * patience, of which nothing is heard until it is whole: the next one has twice as many chances.
   */
  caughtUp(): void {
    this.#chances = 1;
    this.#left = 1;
  }

  heard(): void {
    this.#left = this.#chances;
    this.#heardAt = this.#clock.monotonic();
    this.#dueAt = undefined;
    this.#deadline();
  }

  /** A pong. @param t when its ping was sent */
  answered(t: number): void {
    this.#latency = Math.max(0, this.#clock.now() - t);
  }

  probe(): void {
    this.#ask(SHORT_PATIENCE);
  }

  #schedule(): void {
    const left = this.#silence - (this.#clock.monotonic() - this.#heardAt);
    this.#timer = this.#clock.timer(left > 0 ? Math.min(TICK, left) : TICK, () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    // The monotonic clock may stand still in a laptop that sleeps; the wall clock may be set back. Each tells one thing.
    const slept = now - this.#tickedAt > 2 * TICK;
    this.#tickedAt = now;
    if (this.#drains()) this.heard();
    this.#schedule();
    if (slept) this.#ask(SHORT_PATIENCE);
    else if (this.#clock.monotonic() - this.#heardAt >= this.#silence) this.#ask(PATIENCE);
  }

  /** The first deadline holds: asking again, however often, does not put it off; asking more urgently brings it nearer. */
  #ask(patience: number): void {
    const dueAt = this.#clock.monotonic() + patience;
    if (this.#dueAt !== undefined && this.#dueAt <= dueAt) return;
    this.#dueAt = dueAt;
    this.#deadline();
    this.#deadline = this.#clock.timer(patience, () => {
      // What drains is life: the ping stands behind what is going out, and its answer is owed from now on.
      if (!this.#drains() && --this.#left <= 0) {
        this.#chances = Math.min(2 * this.#chances, MOST_CHANCES);
        return this.#hooks.dead();
      }
      this.#dueAt = undefined;
      this.#ask(PATIENCE);
    });
    this.#drains();
    this.#hooks.ping();
  }

  /** Whether less waits to be sent than when this was last asked. */
  #drains(): boolean {
    const before = this.#buffered;
    this.#buffered = this.#hooks.buffered();
    return this.#buffered < before;
  }
}
