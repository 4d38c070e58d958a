/** One end of a line between page and engine: a worker, a MessagePort and a test harness are the same to it. */
export interface Endpoint {
  post(message: unknown): void;
  /** One listener; messages that came before it wait. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** A MessagePort, or what looks like one. */
export function portEndpoint(port: MessagePort): Endpoint {
  return {
    post: message => port.postMessage(message),
    listen: listener => {
      port.onmessage = event => listener(event.data);
    },
    close: () => port.close(),
  };
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

/** Both ends of a line within one place. */
export function localLine(): [Endpoint, Endpoint] {
  const {port1, port2} = new MessageChannel();
  return [portEndpoint(port1), portEndpoint(port2)];
}
