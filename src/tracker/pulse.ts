/**
 * One tick a second in each tab. The leader says that it lives; the others count how often they have not heard of it. A tab
 * that did not run itself has heard nothing either: only ticks of its own that came in time count as silence.
 */
import type {Clock, Remover} from '../platform/platform.js';

const TICK = 1000;
/** A tick this late means that this tab did not run: it slept, or was frozen. */
const LATE = 2000;
/** Longer than that, and what was announced meanwhile may be missing. */
const ASLEEP = 5000;
/** Silent ticks after which the leader is asked whether it is there. */
const PROBE_AFTER = 5;
/** And after which it is taken for dead. */
const DEAD_AFTER = 7;

export interface PulseHooks {
  /** Says that the leader lives; false where this tab is not the one to say it. */
  beat(): boolean;
  probe(): void;
  /** The leader neither spoke nor answered. */
  silent(): void;
  /** This tab did not run for so long that it must look again at everything. */
  woke(): void;
}

export class Pulse {
  readonly #clock: Clock;
  readonly #hooks: PulseHooks;
  #timer: Remover = () => {};
  #running = 0;
  #wall = 0;
  #silence = 0;

  constructor(clock: Clock, hooks: PulseHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  start(): void {
    this.#running = this.#clock.monotonic();
    this.#wall = this.#clock.now();
    this.#timer = this.#clock.timer(TICK, () => this.#tick());
  }

  stop(): void {
    this.#timer();
  }

  /** A word of the leader. */
  heard(): void {
    this.#silence = 0;
  }

  #tick(): void {
    // The monotonic clock may stand still while a laptop sleeps, and the wall clock may be set: the worse of both.
    const late = Math.max(this.#clock.monotonic() - this.#running, this.#clock.now() - this.#wall);
    this.start();
    if (late >= ASLEEP) this.#hooks.woke();
    if (this.#hooks.beat() || late >= LATE) {
      this.#silence = 0;
      return;
    }
    this.#silence++;
    if (this.#silence === PROBE_AFTER) this.#hooks.probe();
    if (this.#silence < DEAD_AFTER) return;
    this.#silence = 0;
    this.#hooks.silent();
  }
}
