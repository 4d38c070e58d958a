/** Where the engine asks the page for a token, and waits no longer than it can. */
import type {Clock} from '../platform/platform.js';

/** How long the page may take to find a token. */
const LIMIT = 10_000;

export class TokenDesk {
  readonly #clock: Clock;
  readonly #post: (ask: number) => void;
  readonly #waiting = new Map<number, (token: string | undefined) => void>();
  #asks = 0;

  constructor(clock: Clock, post: (ask: number) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Undefined where the page has none, or does not answer. */
  ask(): Promise<string | undefined> {
    const ask = ++this.#asks;
    return new Promise(resolve => {
      const cancel = this.#clock.timer(LIMIT, () => this.answer(ask, undefined));
      this.#waiting.set(ask, token => {
        cancel();
        resolve(token);
      });
      this.#post(ask);
    });
  }

  answer(ask: number, token: string | undefined): void {
    const settle = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    settle?.(token);
  }

  close(): void {
    for (const ask of [...this.#waiting.keys()]) this.answer(ask, undefined);
  }
}
