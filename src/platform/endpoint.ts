/** One end of a line between page and engine: a worker, the page itself and a test harness are the same to it. */
export interface Endpoint {
  post(message: unknown): void;
  /** One listener; messages that came before it wait. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** The engine's end inside a dedicated worker. */
export function workerScopeEndpoint(): Endpoint {
  const scope = globalThis as unknown as {
    postMessage(message: unknown): void;
    onmessage: ((event: MessageEvent) => void) | null;
    close(): void;
  };
  return {
    post: message => scope.postMessage(message),
    listen: listener => {
      scope.onmessage = event => listener(event.data);
    },
    close: () => scope.close(),
  };
}

/**
 * Both ends of a line within one place. What is posted is copied, as between two places, and arrives within the same task:
 * a page that is being frozen, or is going, gets no other one.
 */
export function localLine(): [Endpoint, Endpoint] {
  const one = new LocalEnd();
  const other = new LocalEnd();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class LocalEnd implements Endpoint {
  peer: LocalEnd | undefined;
  #listener: ((message: unknown) => void) | undefined;
  #early: unknown[] = [];

  post(message: unknown): void {
    const copy = structuredClone(message);
    queueMicrotask(() => {
      if (this.peer) this.peer.#receive(copy);
    });
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener(message);
  }

  close(): void {
    if (this.peer) this.peer.peer = undefined;
    this.peer = undefined;
  }

  #receive(message: unknown): void {
    if (this.#listener) this.#listener(message);
    else this.#early.push(message);
  }
}
