/** Tells a silent engine from a busy one. Any word of it is life; while there is none, it is asked. */
import type {Clock, Remover} from '../platform/platform.js';

export interface WatchdogHooks {
  ask(): void;
  silent(): void;
}

/**
 * How often it is looked at within the limit. A page that was frozen finds its own timer late, and its engine, which was
 * frozen with it, has not had time to answer: one late look must not be enough.
 */
const LOOKS = 3;

export class Watchdog {
  readonly #clock: Clock;
  readonly #hooks: WatchdogHooks;
  #unanswered = 0;
  #cancel: Remover = () => {};

  constructor(clock: Clock, hooks: WatchdogHooks) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** @param limit milliseconds of this page's running time without a word */
  start(limit: number): void {
    this.stop();
    this.#unanswered = 0;
    this.#wait(limit / LOOKS);
  }

  heard(): void {
    this.#unanswered = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.timer(ms, () => {
      if (++this.#unanswered === LOOKS) return this.#hooks.silent();
      this.#hooks.ask();
      this.#wait(ms);
    });
  }
}
