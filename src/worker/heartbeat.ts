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
/** Pings that may go unanswered on lines that fell silent again and again: 55 s, at a heartbeat of 15. */
const MOST_CHANCES = 4;
/** Bytes a millisecond that a line carries, at the least: half of what a slow one does. */
const SLOWEST = 25;

export interface HeartbeatHooks {
  ping(t: number): void;
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
  /** Bytes that waited when it was last looked, but for those of pings. */
  #buffered = 0;
  /** Bytes of pings that may still wait: that a network takes them says nothing of the other side. */
  #pings = 0;
  /** Rows are on their way that may come in a frame of any length. */
  #isFilling = false;
  /** Pings that may go unanswered: while rows are on their way, and what is left of them. */
  #chances = 1;
  #left = 1;
  /** Milliseconds of silence that the frame on its way may take, as the server says. */
  #expected = 0;
  /** When the last ping was sent, as it says itself; undefined once it is answered. */
  #asked: number | undefined;
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
    this.#buffered = this.#pings = this.#expected = 0;
    this.#isFilling = false;
    this.#left = 1;
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
   * Rows are on their way. A line that falls silent now may be busy with one frame that takes longer than our patience, of
   * which nothing is heard until it is whole, if the server is one that does not say so: the next line has twice as many
   * chances, to a bound.
   */
  filling(): void {
    this.#isFilling = true;
    this.#left = this.#chances;
  }

  /** The stream has got to its head. */
  caughtUp(): void {
    this.#isFilling = false;
    this.#chances = 1;
    this.#left = 1;
  }

  /** The next frame is so long. */
  expect(bytes: number): void {
    this.#expected = bytes / SLOWEST;
  }

  heard(): void {
    this.#expected = 0;
    this.#lives();
  }

  #lives(): void {
    this.#left = this.#isFilling ? this.#chances : 1;
    this.#heardAt = this.#clock.monotonic();
    this.#dueAt = undefined;
    this.#deadline();
  }

  /** A pong. @param t when its ping was sent. @returns whether it answers the last one */
  answered(t: number): boolean {
    if (t !== this.#asked) return false;
    this.#asked = undefined;
    this.#latency = Math.max(0, this.#clock.now() - t);
    return true;
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
    if (this.#drains()) this.#lives();
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
      const isExpected = this.#clock.monotonic() - this.#heardAt < this.#expected;
      if (!this.#drains() && !isExpected && --this.#left <= 0) {
        if (this.#isFilling) this.#chances = Math.min(2 * this.#chances, MOST_CHANCES);
        return this.#hooks.dead();
      }
      this.#dueAt = undefined;
      this.#ask(PATIENCE);
    });
    this.#drains();
    this.#asked = this.#clock.now();
    const before = this.#hooks.buffered();
    this.#hooks.ping(this.#asked);
    this.#pings += this.#hooks.buffered() - before;
  }

  /** Whether less waits to be sent than when this was last asked. */
  #drains(): boolean {
    const before = this.#buffered;
    const waiting = this.#hooks.buffered();
    if (waiting === 0) this.#pings = 0;
    this.#buffered = Math.max(0, waiting - this.#pings);
    return this.#buffered < before;
  }
}
