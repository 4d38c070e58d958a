/**
 * The token of the line. The page is asked for one before each dial and again before it expires; one that the server has
 * refused is not shown to it twice.
 */
import type {Clock, Remover} from '../platform/platform.js';

/** What the page said when it was asked; undefined where it did not answer in time. */
export type TokenAnswer = {token: string | undefined} | undefined;

/** What there is to show to the server: a token, if one is needed; nothing new; or nothing is known. */
export type TokenState = {kind: 'token'} | {kind: 'refused'} | {kind: 'silent'};

/** How long before it expires a token is replaced, in milliseconds; one that lives shorter, in its last quarter. */
const AHEAD = 60_000;
/** A page that has no new one yet is asked again after half of the time that is left, but not sooner than that. */
const ASK_AGAIN = 2000;
/** While signed out the page is asked now and then, ever more rarely, between these two. */
const SEEK_FIRST = 15_000;
const SEEK_LAST = 300_000;

export class Credentials {
  /** What the server was last shown. */
  token: string | undefined;
  #refused: {token: string | undefined} | undefined;
  readonly #clock: Clock;
  readonly #ask: () => Promise<TokenAnswer>;
  readonly #renewed: (token: string) => void;
  #timer: Remover = () => {};
  #found: (() => void) | undefined;
  /** `token` is fresh from the page, and was not shown yet. */
  #fresh = false;

  /** @param renewed there is a new token for a server that already knows the old one */
  constructor(clock: Clock, ask: () => Promise<TokenAnswer>, renewed: (token: string) => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.#renewed = renewed;
  }

  /** Asks the page what to show to the server now. */
  async next(): Promise<TokenState> {
    if (this.#fresh) {
      this.#fresh = false;
      return {kind: 'token'};
    }
    const answer = await this.#ask();
    if (!answer) return {kind: 'silent'};
    if (this.#refused && this.#refused.token === answer.token) return {kind: 'refused'};
    this.token = answer.token;
    return {kind: 'token'};
  }

  /** What was shown is not to be shown again. */
  refuse(): void {
    this.#refused = {token: this.token};
    this.#fresh = false;
  }

  /** Somebody asks to try whatever there is. */
  forgive(): void {
    this.#refused = undefined;
  }

  /** @param expiresIn milliseconds; undefined: never */
  accepted(expiresIn: number | undefined): void {
    this.#refused = undefined;
    this.rest();
    if (expiresIn === undefined) return;
    this.#renewAt(Math.max(expiresIn - AHEAD, expiresIn * 0.75), this.#clock.monotonic() + expiresIn, expiresIn);
  }

  /** Signed out: asks the page now and then until it has another token. Once that is sought, to ask again is nothing. */
  seek(found: () => void): void {
    if (this.#found) return;
    this.#found = found;
    this.#seekIn(SEEK_FIRST);
  }

  /** Asks now, if one is sought. Resolves to whether it was found. */
  async look(wait = SEEK_FIRST): Promise<boolean> {
    const found = this.#found;
    if (!found) return false;
    const {kind} = await this.next();
    if (this.#found !== found) return false;
    this.#fresh = kind === 'token' && this.token !== undefined;
    if (!this.#fresh) {
      this.#seekIn(wait);
      return false;
    }
    this.rest();
    found();
    return true;
  }

  /** Nothing to renew, nothing to seek. */
  rest(): void {
    this.#found = undefined;
    this.#timer();
    this.#timer = () => {};
  }

  #seekIn(wait: number): void {
    this.#timer();
    this.#timer = this.#clock.timer(wait, () => void this.look(Math.min(2 * wait, SEEK_LAST)));
  }

  #renewAt(wait: number, expiresAt: number, lifetime: number): void {
    this.#timer = this.#clock.timer(Math.max(0, wait), () => void this.#renew(expiresAt, lifetime));
  }

  async #renew(expiresAt: number, lifetime: number): Promise<void> {
    const before = this.#timer;
    const answer = await this.#ask();
    // The line is gone, or another token was accepted meanwhile.
    if (this.#timer !== before) return;
    if (answer?.token !== undefined && answer.token !== this.token) {
      this.token = answer.token;
      // The server's word for it may stand behind much else: until then it is taken to live as long as the one before.
      this.accepted(lifetime);
      return this.#renewed(answer.token);
    }
    const left = expiresAt - this.#clock.monotonic();
    if (left > ASK_AGAIN) this.#renewAt(Math.max(ASK_AGAIN, left / 2), expiresAt, lifetime);
  }
}
