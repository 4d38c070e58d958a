/** How a wish becomes deed: the element asks by an event, and unless a page prevents it, the service is called. */
import {SyncConnectRequestEvent, SyncReloadRequestEvent, SyncRetryRequestEvent} from './events.js';
import {heldClosed} from './held-closed.js';
import type {SyncService} from './service.js';

export type Wish = 'connect' | 'sign-in' | 'retry' | 'reload';

export function requestFromService(host: Element, service: SyncService | undefined, wish: Wish): void {
  // What comes of it shows in the state; there is nobody else to tell.
  const quietly = (work: Promise<unknown> | undefined) => work?.catch(() => {});
  switch (wish) {
    case 'connect':
    case 'sign-in': {
      const reason = wish === 'sign-in' ? 'sign-in' : 'retry';
      const granted = host.dispatchEvent(new SyncConnectRequestEvent(reason));
      if (granted && service && !heldClosed.has(service)) quietly(service.forceConnect());
      return;
    }
    case 'retry':
      if (host.dispatchEvent(new SyncRetryRequestEvent())) quietly(service?.retry());
      return;
    case 'reload':
      if (host.dispatchEvent(new SyncReloadRequestEvent())) location.reload();
      return;
  }
}
