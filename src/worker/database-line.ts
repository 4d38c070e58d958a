/** The engine's end of the line to a database of the user's own, which lives in the page. It waits for as long as that takes. */
import {type DatabaseAnswer, type DatabaseAsk, SyncError} from '../protocol/protocol.js';

interface Waiting extends Omit<PromiseWithResolvers<unknown>, 'promise'> {
  progressed: (() => void) | undefined;
}

export class DatabaseLine {
  readonly #post: (ask: DatabaseAsk) => void;
  readonly #waiting = new Map<number, Waiting>();
  #asks = 0;
  #closed = false;

  constructor(post: (ask: DatabaseAsk) => void) {
    this.#post = post;
  }

  /** @param progressed called while the page is at it */
  ask(request: DatabaseAsk['request'], progressed?: () => void): Promise<unknown> {
    if (this.#closed) return Promise.reject(closed());
    const {promise, resolve, reject} = Promise.withResolvers<unknown>();
    const ask = ++this.#asks;
    this.#waiting.set(ask, {resolve, reject, progressed});
    this.#post({kind: 'database', ask, request});
    return promise;
  }

  heard(said: DatabaseAnswer): void {
    const waiting = this.#waiting.get(said.ask);
    if (said.progress) return waiting?.progressed?.();
    this.#waiting.delete(said.ask);
    if ('error' in said) waiting?.reject(SyncError.fromRecord(said.error));
    else waiting?.resolve(said.answer);
  }

  close(): void {
    this.#closed = true;
    for (const {reject} of this.#waiting.values()) reject(closed());
    this.#waiting.clear();
  }
}

function closed(): SyncError {
  return new SyncError('closed', 'The service was closed');
}
