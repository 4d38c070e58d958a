/** Where the engine asks the page for a token, and waits no longer than it can. */
import type {Clock} from '../platform/platform.js';
import type {TokenAnswer} from './credentials.js';

/** How long an answer is waited for. */
const LIMIT = 10_000;
/** How long the page may take to find one; after that it is taken to have forgotten, and asked again. */
const FORGOTTEN = 120_000;

export class TokenDesk {
  readonly #clock: Clock;
  readonly #post: (ask: number) => void;
  readonly #waiting = new Set<(answer: TokenAnswer) => void>();
  #asks = 0;
  /** The page is looking for one: it may have opened a dialog, and is not asked for another meanwhile. */
  #open: {ask: number; since: number} | undefined;
  /** Came when nobody waited any more. */
  #late: TokenAnswer;
  #closed = false;

  constructor(clock: Clock, post: (ask: number) => void) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Undefined where the page does not answer, or will not any more. */
  ask(): Promise<TokenAnswer> {
    const late = this.#late;
    this.#late = undefined;
    if (late || this.#closed) return Promise.resolve(late);
    const now = this.#clock.monotonic();
    const answer = new Promise<TokenAnswer>(resolve => {
      const cancel = this.#clock.timer(LIMIT, () => settle(undefined));
      const settle = (answer: TokenAnswer) => {
        cancel();
        this.#waiting.delete(settle);
        resolve(answer);
      };
      this.#waiting.add(settle);
    });
    if (!this.#open || now - this.#open.since >= FORGOTTEN) {
      this.#open = {ask: ++this.#asks, since: now};
      this.#post(this.#asks);
    }
    return answer;
  }

  answer(ask: number, token: string | undefined): void {
    if (ask !== this.#open?.ask) return;
    this.#open = undefined;
    if (this.#waiting.size === 0) this.#late = {token};
    else this.#settle({token});
  }

  close(): void {
    this.#closed = true;
    this.#settle(undefined);
  }

  #settle(answer: TokenAnswer): void {
    for (const settle of [...this.#waiting]) settle(answer);
  }
}
