/** Work that nobody waits for: done in a moment, once for all who asked for it meanwhile, and behind what somebody does wait for. */
import type {Clock, Remover} from './platform.js';

/** Milliseconds: a frame of the screen. */
const MOMENT = 16;

export class Soon {
  readonly #clock: Clock;
  readonly #work: () => void;
  #cancel: Remover | undefined;

  constructor(clock: Clock, work: () => void) {
    this.#clock = clock;
    this.#work = work;
  }

  ask(): void {
    this.#cancel ??= this.#clock.timer(MOMENT, () => {
      this.#cancel = undefined;
      this.#work();
    });
  }

  /** What was asked for is not done. */
  drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
