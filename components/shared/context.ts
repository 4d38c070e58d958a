/**
 * The community context protocol (webcomponents-cg/community-protocols, proposals/context.md): a child asks upwards with
 * a `context-request` event, the nearest provider answers by calling back. The key is a registered symbol, so elements
 * of another copy of this package, or of another library, find the service too.
 */
import type {SyncService} from './service.js';

export const serviceContext: unique symbol = Symbol.for('sync-elements.service') as never;

/** Undefined says that the service has gone: its provider was removed. */
export type ServiceCallback = (service: SyncService | undefined, unsubscribe?: () => void) => void;

/** "Who has a service for me?" Bubbles and crosses shadow roots; whoever answers stops it. */
export class ContextRequestEvent extends Event {
  readonly context: symbol = serviceContext;
  readonly contextTarget: Element;
  readonly callback: ServiceCallback;
  readonly subscribe: boolean;

  constructor(contextTarget: Element, callback: ServiceCallback, subscribe = false) {
    super('context-request', {bubbles: true, composed: true});
    this.contextTarget = contextTarget;
    this.callback = callback;
    this.subscribe = subscribe;
  }
}

/** "I provide now." Heard at the document by those who asked before this provider was there to answer. */
export class ContextProviderEvent extends Event {
  readonly context: symbol = serviceContext;
  readonly contextTarget: Element;

  constructor(contextTarget: Element) {
    super('context-provider', {bubbles: true, composed: true});
    this.contextTarget = contextTarget;
  }
}

/** Whether an event of that name is a request for our context. Events are anybody's: nothing about its shape is sure. */
export function isServiceRequest(event: Event): event is ContextRequestEvent {
  const request = event as Partial<ContextRequestEvent>;
  return request.context === serviceContext && typeof request.callback === 'function';
}
