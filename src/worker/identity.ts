/**
 * Whose token this tab's page gives, where another tab holds the line: the same as the leader's, or the server is asked. A
 * socket greets it in the name of nobody, which no server lets in, but says who it takes us for (`wrong-subject`). Nothing is
 * claimed or fenced off by that, and the token goes nowhere but to the server.
 */
import type {Platform} from '../platform/platform.js';
import {PROTOCOL_VERSION, parseServerFrame, type SyncFrame} from '../protocol/protocol.js';
import {nameOf, type TokenAnswer} from './credentials.js';
import {Line} from './line.js';

const LIMIT = 10_000;
/** Characters; a welcome is short. */
const FRAME = 64 * 1024;

export class Identity {
  readonly #platform: Platform;
  readonly #url: string;
  readonly #token: () => Promise<TokenAnswer>;
  #known: {token: string; subject: string | undefined} | undefined;
  #asking = new AbortController();

  constructor(platform: Platform, url: string, token: () => Promise<TokenAnswer>) {
    this.#platform = platform;
    this.#url = url;
    this.#token = token;
  }

  /**
   * @param shown the name of the token that the leader has shown
   * @param subject whose that is
   * @returns whose this page's is; undefined where there is none, or it can't be found out now
   */
  async of(shown: string, subject: string | null): Promise<string | undefined> {
    this.rest();
    const {signal} = this.#asking;
    const {token} = (await this.#token()) ?? {};
    if (token === undefined || signal.aborted) return undefined;
    if (nameOf(token) === shown) return subject ?? undefined;
    if (this.#known?.token !== token || this.#known.subject === undefined) {
      this.#known = {token, subject: await this.#ask(token, signal)};
    }
    return this.#known.subject;
  }

  /** What is being asked need not be known any more: this tab has the line itself, or all is closed. */
  rest(): void {
    this.#asking.abort();
    this.#asking = new AbortController();
  }

  #ask(token: string, signal: AbortSignal): Promise<string | undefined> {
    const {sockets, clock, random} = this.#platform;
    const nobody = random.uuid();
    const greeting: SyncFrame = {
      ...{type: 'sync', protocol: PROTOCOL_VERSION, clientId: nobody, instance: nobody, subject: nobody, token},
      ...{epoch: 0, stream: 1, settled: 0, window: FRAME},
    };
    return new Promise(resolve => {
      const done = (subject?: string) => {
        cancel();
        line.leave(1000, 'bye');
        resolve(subject);
      };
      const cancel = clock.timer(LIMIT, done);
      const line = Line.dial(sockets, this.#url, {
        open: () => line.send(greeting),
        // The first frame tells: what is refused hears something else than who it is.
        message: text => done(subjectIn(text)),
        binary: done,
        close: () => done(),
      });
      signal.addEventListener('abort', () => done());
    });
  }
}

function subjectIn(text: string): string | undefined {
  try {
    const frame = parseServerFrame(text, FRAME);
    return 'subject' in frame && frame.type === 'welcome' ? frame.subject : undefined;
  } catch {
    return undefined;
  }
}
