/** A status element in a provider with a service of ours, at rest in the state a test gives. */
import {fixture, html, waitUntil} from '@open-wc/testing';
import '../define/sync-status.js';
import type {SyncState} from '../shared/core.js';
import type {SyncStatus as StatusElement} from '../sync-status.js';
import type {FakeProvider} from './fake-provider.js';
import './fake-provider.js';
import {FakeService} from './fake-service.js';

export interface Scene {
  element: StatusElement;
  service: FakeService;
  show(change: Partial<SyncState>): Promise<void>;
}

/** A status inside a provider with a service of ours, at rest in the state that is given. */
export async function scene(state: Partial<SyncState>, template = html`<sync-status></sync-status>`): Promise<Scene> {
  const service = new FakeService();
  service.become({isConnected: true, lastSyncedAt: Date.now(), ...state});
  const provider = await fixture<FakeProvider>(html`<fake-provider .service=${service}>${template}</fake-provider>`);
  const element = provider.querySelector('sync-status') as StatusElement;
  const show = async (change: Partial<SyncState>) => {
    service.become(change);
    await waitUntil(() => element.shown?.status === service.getState().status);
    await element.updateComplete;
  };
  await show({});
  return {element, service, show};
}

export const find = (element: Element, selector: string) =>
  element.shadowRoot?.querySelector<HTMLElement>(selector) ?? null;

/** The words of an element that can be seen: those that no longer hold are hidden, not gone. */
export function wordsOf(element: HTMLElement | null): string {
  // biome-ignore lint/performance/useDomNodeTextContent: what is rendered is the question
  return element?.innerText.replace(/\s+/g, ' ').trim() ?? '';
}

/** What can be seen, with blanks as a reader would take them; the dots between parts are drawn by CSS. */
export function seen(element: Element): string {
  const base = find(element, '[part=base]');
  if (!base?.checkVisibility()) return '';
  const parts = [...base.querySelectorAll<HTMLElement>('[part]')].filter(
    part => part.localName !== 'button' && part.checkVisibility(),
  );
  const texts = parts.map(wordsOf);
  return texts.filter(Boolean).join(' · ');
}
