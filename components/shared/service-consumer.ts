/**
 * How an element finds its service and follows its state, in either upgrade order: it asks at once, and again whenever
 * a provider announces itself. Knows nothing of providers but the context protocol.
 */
import type {ReactiveController, ReactiveControllerHost} from 'lit';
import {type ContextProviderEvent, ContextRequestEvent, type ServiceCallback, serviceContext} from './context.js';
import type {SyncState} from './core.js';
import type {SyncService} from './service.js';

export interface ConsumerHost extends ReactiveControllerHost, Element {
  /** The provider's id, or the element itself. Without it, the nearest one above. */
  provider?: string | Element | null | undefined;
}

export class ServiceConsumer implements ReactiveController {
  readonly #host: ConsumerHost;
  readonly #onState: (state: SyncState | undefined) => void;
  #service: SyncService | undefined;
  #asked: string | Element | null | undefined;
  /** Number of the request whose answers count; those of earlier ones come too late. */
  #request = 0;
  /** Left the page: whatever is found next is news, even if it is nothing. */
  #away = false;
  #unsubscribe: (() => void) | undefined;
  #stopState: (() => void) | undefined;
  /** Remembered, because an element adopted elsewhere hears of its removal when it already belongs to the other document. */
  #document: Document | undefined;

  /** `onState` hears the state at once when a service is found, on each change, and undefined when it has gone. */
  constructor(host: ConsumerHost, onState: (state: SyncState | undefined) => void) {
    this.#host = host;
    this.#onState = onState;
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
    this.#stopState?.();
    this.#stopState = undefined;
    this.#service = undefined;
    this.#away = true;
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
      this.#follow(service);
    };
    this.#target()?.dispatchEvent(new ContextRequestEvent(this.#host, callback, true));
    if (!answered) this.#follow(undefined);
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

  #follow(service: SyncService | undefined): void {
    if (service === this.#service && !this.#away) return;
    this.#away = false;
    this.#stopState?.();
    this.#service = service;
    this.#stopState = service?.onStateChange(state => this.#onState(state));
    this.#onState(service?.getState());
    this.#host.requestUpdate();
  }
}
