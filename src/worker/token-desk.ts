/** Where the engine asks the page for a token, and waits no longer than it can. */
import type {Clock} from '../platform/platform.js';
import type {TokenAnswer} from './credentials.js';

/** How long the page may take to find a token. */
const LIMIT = 10_000;

export class TokenDesk {
  readonly #clock: Clock;
  readonly #post: (ask: number) => void;
  readonly #waiting = new Map<number, (answer: TokenAnswer) => void>();
  #asks = 0;
  #closed = false;

  constructor(clock: Clock, post: (ask: number) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Undefined where the page does not answer, or will not any more. */
  ask(): Promise<TokenAnswer> {
    if (this.#closed) return Promise.resolve(undefined);
    const ask = ++this.#asks;
    return new Promise(resolve => {
      const cancel = this.#clock.timer(LIMIT, () => this.#settle(ask, undefined));
      this.#waiting.set(ask, answer => {
        cancel();
        resolve(answer);
      });
      this.#post(ask);
    });
  }

  answer(ask: number, token: string | undefined): void {
    this.#settle(ask, {token});
  }

  close(): void {
    this.#closed = true;
    for (const ask of [...this.#waiting.keys()]) this.#settle(ask, undefined);
  }

  #settle(ask: number, answer: TokenAnswer): void {
    const settle = this.#waiting.get(ask);
    this.#waiting.delete(ask);
    settle?.(answer);
  }
}
