/**
 * How an element finds its service, in either upgrade order: it asks at once, and again whenever a provider announces
 * itself. Knows nothing of providers but the context protocol.
 */
import type {ReactiveController, ReactiveControllerHost} from '@lit/reactive-element';
import {type ContextProviderEvent, ContextRequestEvent, type ServiceCallback, serviceContext} from './context.js';
import type {SyncService} from './service.js';

export interface ConsumerHost extends ReactiveControllerHost, Element {
  /** The provider's id, or the element itself. Without it, the nearest one above. */
  provider?: string | Element | null | undefined;
}

export class ServiceConsumer implements ReactiveController {
  readonly #host: ConsumerHost;
  readonly #follow: (service: SyncService) => () => void;
  #service: SyncService | undefined;
  #asked: string | Element | null | undefined;
  /** Number of the request whose answers count; those of earlier ones come too late. */
  #request = 0;
  #unsubscribe: (() => void) | undefined;
  /** Ends the following of the present service. */
  #stop: (() => void) | undefined;
  /** Remembered, because an element adopted elsewhere hears of its removal when it already belongs to the other document. */
  #document: Document | undefined;

  /** `follow` is called with each service that is found, and what it returns when that one has gone, or the element has. */
  constructor(host: ConsumerHost, follow: (service: SyncService) => () => void) {
    this.#host = host;
    this.#follow = follow;
    host.addController(this);
  }

  get service(): SyncService | undefined {
    return this.#service;
  }

  hostConnected(): void {
    this.#document = this.#host.ownerDocument;
    this.#document.addEventListener('context-provider', this.#announced);
    this.#ask();
  }

  hostDisconnected(): void {
    this.#document?.removeEventListener('context-provider', this.#announced);
    this.#document = undefined;
    this.#request++;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#use(undefined);
  }

  hostUpdate(): void {
    if (this.#document && this.#host.provider !== this.#asked) this.#ask();
  }

  readonly #announced = (event: Event): void => {
    if ((event as Partial<ContextProviderEvent>).context === serviceContext) this.#ask();
  };

  #ask(): void {
    const request = ++this.#request;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#asked = this.#host.provider;
    let answered = false;
    const callback: ServiceCallback = (service, unsubscribe) => {
      if (request !== this.#request) return unsubscribe?.();
      answered = true;
      this.#unsubscribe = unsubscribe;
      this.#use(service);
    };
    this.#target()?.dispatchEvent(new ContextRequestEvent(this.#host, callback, true));
    if (!answered) this.#use(undefined);
  }

  /** Where the request starts: at ourselves to find the nearest above, or at the provider that was named. */
  #target(): Element | null {
    const named = this.#asked;
    if (!named) return this.#host;
    if (typeof named !== 'string') return named;
    const root = this.#host.getRootNode();
    const near = root instanceof Document || root instanceof ShadowRoot ? root.getElementById(named) : null;
    return near ?? this.#host.ownerDocument.getElementById(named);
  }

  #use(service: SyncService | undefined): void {
    if (service === this.#service) return;
    this.#stop?.();
    this.#service = service;
    this.#stop = service && this.#follow(service);
    this.#host.requestUpdate();
  }
}
