/** What the page has asked and was not answered yet. It outlives the engine that was asked. */
import {type EngineRequest, type PageMessage, SyncError} from '../protocol/protocol.js';

interface Open {
  request: EngineRequest;
  /** The present engine was asked. */
  asked: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Nobody can take it back any more. */
  release(): void;
}

/**
 * Decisions about failed and queued work. Made twice, one could hit what another tab has queued, or what has failed, in the
 * meantime; all else can be asked again: an operation is known by its id, and the rest reads, or says what should be.
 */
const ONCE: ReadonlySet<EngineRequest['do']> = new Set(['retry', 'discard', 'replace', 'clearQueue']);

export class Requests {
  readonly #open = new Map<number, Open>();
  /** 0 and below are the manager's own. */
  #ids = 0;
  #post: ((message: PageMessage) => void) | undefined;

  /** Waits for an engine where there is none. @param signal takes it back */
  ask<T>(request: EngineRequest, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#ids;
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        if (this.#take(id)?.asked) this.#post?.({kind: 'cancel', id});
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      const release = () => signal?.removeEventListener('abort', abort);
      this.#open.set(id, {request, asked: false, resolve: resolve as Open['resolve'], reject, release});
      this.#put(id);
    });
  }

  /** An engine stands, and is asked what is open. */
  attach(post: (message: PageMessage) => void): void {
    this.#post = post;
    for (const id of this.#open.keys()) this.#put(id);
  }

  /** The engine is gone. What it may have done and must not do twice is not asked again. */
  detach(): void {
    this.#post = undefined;
    for (const [id, open] of this.#open) {
      if (open.asked && ONCE.has(open.request.do)) this.#take(id)?.reject(interrupted());
      open.asked = false;
    }
  }

  resolve(id: number, value: unknown): void {
    this.#take(id)?.resolve(value);
  }

  reject(id: number, error: SyncError): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: SyncError): void {
    for (const id of this.#open.keys()) this.reject(id, error);
  }

  #put(id: number): void {
    const open = this.#open.get(id);
    if (!open || !this.#post) return;
    try {
      this.#post({kind: 'request', id, request: open.request});
      open.asked = true;
    } catch (error) {
      this.reject(id, uncloneable(error));
    }
  }

  #take(id: number): Open | undefined {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.release();
    return open;
  }
}

/** Operations are checked before they come here: what can't be copied is a query's. */
export function uncloneable(error: unknown): SyncError {
  return new SyncError('invalid-query', `It can't be handed to a worker: ${SyncError.from(error).message}`);
}

function interrupted(): SyncError {
  return new SyncError('interrupted', 'The worker died before it answered', {action: 'review'});
}
