/**
 * The token of the line. The page is asked for one before each dial and again before it expires; one that the server has
 * refused is not shown to it twice.
 */
import type {Clock, Remover} from '../platform/platform.js';
import {fnv1a} from '../protocol/subscription.js';

/** What the page said when it was asked; undefined where it did not answer in time. */
export type TokenAnswer = {token: string | undefined} | undefined;

/** What there is to show to the server: a token, if one is needed; nothing new; or nothing is known. */
export type TokenState = {kind: 'token'} | {kind: 'refused'} | {kind: 'silent'};

/** How long before it expires a token is replaced, in milliseconds; one that lives shorter, in its last quarter. */
const AHEAD = 60_000;
/** A page that has no new one yet is asked again after half of the time that is left, but not sooner than that. */
const ASK_AGAIN = 2000;
/** What lives shorter can't be renewed in time. */
const SHORTEST = 2 * ASK_AGAIN;
/** While signed out the page is asked now and then, ever more rarely, between these two. */
const SEEK_FIRST = 15_000;
const SEEK_LAST = 300_000;

/** By which tabs compare their tokens without telling them to each other; null for none. */
export function nameOf(token: string | undefined): string | null {
  return token === undefined ? null : fnv1a(token);
}

export class Credentials {
  /** What the page gave last. */
  token: string | undefined;
  /** The name of the one that the server took last; null: it asked for none. */
  taken: string | null = null;
  /** What the server has judged, or is about to: the token of the last greeting, or of the last welcome. */
  #judged: string | undefined;
  #refused: {token: string | undefined} | undefined;
  readonly #clock: Clock;
  readonly #ask: () => Promise<TokenAnswer>;
  readonly #renewed: (token: string) => void;
  #timer: Remover = () => {};
  #found: (() => void) | undefined;
  /** `token` is fresh from the page, and was not shown yet. */
  #fresh = false;
  #wait = SEEK_FIRST;

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

  /** The token goes out in a greeting. */
  show(): string | undefined {
    this.#judged = this.token;
    return this.token;
  }

  /** What was shown is not to be shown again; one that came after it may still be. */
  refuse(): void {
    this.#refused = {token: this.#judged};
    this.#fresh = false;
  }

  /** Somebody asks to try whatever there is. */
  forgive(): void {
    this.#refused = undefined;
  }

  /** @param expiresIn milliseconds; undefined: never */
  accepted(expiresIn: number | undefined): void {
    this.#judged = this.token;
    this.taken = nameOf(this.token);
    this.#refused = undefined;
    this.#wait = SEEK_FIRST;
    // A word that came so late is of a token that has a successor by now; or it was not meant in milliseconds.
    if (expiresIn === undefined || expiresIn >= SHORTEST) this.#renewWithin(expiresIn);
  }

  /** Signed out: asks the page now and then, ever more rarely, until it has another token. */
  seek(found: () => void): void {
    if (this.#found) return;
    this.#found = found;
    this.#seekLater();
  }

  /** Asks now, if one is sought. */
  async look(): Promise<void> {
    const found = this.#found;
    if (!found) return;
    const {kind} = await this.next();
    if (this.#found !== found) return;
    this.#fresh = kind === 'token' && this.token !== undefined;
    if (!this.#fresh) return;
    this.rest();
    found();
  }

  /** Nothing to renew, nothing to seek. */
  rest(): void {
    this.#found = undefined;
    this.#timer();
    this.#timer = () => {};
  }

  #seekLater(): void {
    this.#timer = this.#clock.timer(this.#wait, () => {
      void this.look();
      if (this.#found) this.#seekLater();
    });
    // Not begun anew by what is found: a page may make up tokens for ever that no server takes.
    this.#wait = Math.min(2 * this.#wait, SEEK_LAST);
  }

  #renewWithin(expiresIn: number | undefined): void {
    this.rest();
    if (expiresIn === undefined) return;
    this.#renewAt(Math.max(expiresIn - AHEAD, expiresIn * 0.75), this.#clock.monotonic() + expiresIn, expiresIn);
  }

  #renewAt(wait: number, expiresAt: number, lifetime: number): void {
    this.#timer = this.#clock.timer(wait, () => void this.#renew(expiresAt, lifetime));
  }

  async #renew(expiresAt: number, lifetime: number): Promise<void> {
    const before = this.#timer;
    const answer = await this.#ask();
    // The line is gone, or another token was accepted meanwhile.
    if (this.#timer !== before) return;
    if (answer?.token !== undefined && answer.token !== this.token) {
      this.token = answer.token;
      // The server's word for it may stand behind much else: until then it is taken to live as long as the one before.
      this.#renewWithin(lifetime);
      return this.#renewed(answer.token);
    }
    const left = expiresAt - this.#clock.monotonic();
    if (left > ASK_AGAIN) this.#renewAt(Math.max(ASK_AGAIN, left / 2), expiresAt, lifetime);
  }
}
