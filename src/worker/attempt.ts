/** One try to open the line: a token, a socket, the greeting, the welcome, each within its limit. */
import {loadModule} from '../platform/load-module.js';
import type {Clock, Remover, SocketHandlers} from '../platform/platform.js';
import {type MakeDialect, SyncError} from '../protocol/protocol.js';
import {needsAuth} from './close-policy.js';
import type {TokenState} from './credentials.js';
import {Line} from './line.js';
import type {ConnectionOptions} from './worker.js';

/** For the connection, and again for the welcome. */
const LIMIT = 10_000;

export interface AttemptHooks extends Pick<SocketHandlers, 'message' | 'binary' | 'close'> {
  token(): Promise<TokenState>;
  /** Sends the first frame. */
  greet(): Promise<void>;
  /** The page did not say whether it has a token. */
  silent(): void;
  /** No sense in trying. */
  refused(error: SyncError): void;
  failed(reason: string): void;
}

export class Attempt {
  readonly #options: ConnectionOptions;
  readonly #hooks: AttemptHooks;
  readonly #clock: Clock;
  #line: Line | undefined;
  #limit: Remover = () => {};
  #over = false;
  #greetedAt: number | undefined;

  constructor(options: ConnectionOptions, hooks: AttemptHooks) {
    this.#options = options;
    this.#hooks = hooks;
    this.#clock = options.platform.clock;
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** Milliseconds since the greeting went out; undefined before. */
  get sinceGreeting(): number | undefined {
    return this.#greetedAt === undefined ? undefined : this.#clock.now() - this.#greetedAt;
  }

  async run(): Promise<void> {
    const answer = await this.#hooks.token();
    if (this.#over) return;
    switch (answer.kind) {
      case 'token':
        return this.#dial();
      case 'refused':
        return this.#hooks.refused(needsAuth());
      case 'silent':
        return this.#hooks.silent();
    }
  }

  /** Nothing more is done here. The line stays as it is: it was greeted, or whoever ends this ends it too. */
  end(): void {
    this.#over = true;
    this.#limit();
  }

  /** The first frame goes out now. */
  greets(): void {
    this.#greetedAt = this.#clock.now();
    this.#limitTo('no welcome within 10 s');
  }

  async #dial(): Promise<void> {
    const {greet, failed, message, binary, close} = this.#hooks;
    const {platform, url, dialect} = this.#options;
    this.#limitTo('no connection within 10 s');
    let translate: MakeDialect | undefined;
    try {
      if (dialect !== undefined) translate = (await loadModule(dialect)).default as MakeDialect;
    } catch (error) {
      // Offline, as likely as not.
      return this.#over ? undefined : failed(`the dialect can't be loaded: ${SyncError.from(error).message}`);
    }
    if (this.#over) return;
    try {
      this.#line = Line.dial(platform.sockets, url, {open: () => void greet(), message, binary, close}, translate);
    } catch (error) {
      return this.#hooks.refused(new SyncError('invalid-url', SyncError.from(error).message));
    }
  }

  #limitTo(reason: string): void {
    this.#limit();
    this.#limit = this.#clock.timer(LIMIT, () => this.#hooks.failed(reason));
  }
}
