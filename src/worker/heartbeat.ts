/**
 * Whether the other side still lives. Any complete frame is life, and so is a send buffer that drains: on a slow line a
 * pong may stand behind megabytes. Deadlines are looked at in wall-clock time too, so that a laptop that slept notices.
 */
import type {Clock, Remover} from '../platform/platform.js';

const TICK = 5000;
/** After the ping. */
const PATIENCE = 10_000;
/** After sleep, `online`, becoming visible: somebody is waiting. */
const SHORT_PATIENCE = 3000;

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
  #silence = 15_000;
  #heardAt = 0;
  #tickedAt = 0;
  #buffered = 0;
  #asked = false;

  constructor(clock: Clock, hooks: HeartbeatHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** @param silence milliseconds after which to ask */
  start(silence: number): void {
    this.stop();
    this.#silence = Math.max(1000, silence);
    this.#heardAt = this.#clock.now();
    this.#tickedAt = this.#heardAt;
    this.#buffered = 0;
    this.#schedule();
  }

  stop(): void {
    this.#timer();
    this.#deadline();
    this.#asked = false;
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
    if (!this.#asked) return;
    this.#asked = false;
    this.#deadline();
  }

  probe(): void {
    this.#ask(SHORT_PATIENCE);
  }

  #schedule(): void {
    this.#timer = this.#clock.timer(TICK, () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    const slept = now - this.#tickedAt > 2 * TICK;
    this.#tickedAt = now;
    const buffered = this.#hooks.buffered();
    if (buffered < this.#buffered) this.heard();
    this.#buffered = buffered;
    this.#schedule();
    if (slept) this.#ask(SHORT_PATIENCE);
    else if (now - this.#heardAt >= this.#silence) this.#ask(PATIENCE);
  }

  #ask(patience: number): void {
    // An answer that is owed is waited for once, at the shorter of two limits.
    if (this.#asked && patience === PATIENCE) return;
    this.#deadline();
    this.#asked = true;
    this.#deadline = this.#clock.timer(patience, () => this.#hooks.dead());
    this.#hooks.ping();
  }
}
