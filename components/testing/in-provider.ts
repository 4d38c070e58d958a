/** An element in a provider with a service of ours, as a test wants it. */

import type {ReactiveElement} from '@lit/reactive-element';
import {fixture, html} from '@open-wc/testing';
import type {TemplateResult} from 'lit';
import type {QueuedOperation, SyncState} from '../shared/core.js';
import type {FakeProvider} from './fake-provider.js';
import './fake-provider.js';
import {FakeService} from './fake-service.js';

export interface Placed<T> {
  element: T;
  service: FakeService;
  provider: FakeProvider;
}

export async function inProvider<T extends ReactiveElement>(
  markup: TemplateResult,
  state: Partial<SyncState> = {},
  queue: readonly QueuedOperation[] = [],
): Promise<Placed<T>> {
  const service = new FakeService();
  service.queue = [...queue];
  service.become({status: 'synced', isConnected: true, ...state});
  const provider = await fixture<FakeProvider>(html`<fake-provider .service=${service}>${markup}</fake-provider>`);
  const element = provider.firstElementChild as T;
  await element.updateComplete;
  return {element, service, provider};
}

export function operation(id: string, change: Partial<QueuedOperation> = {}): QueuedOperation {
  return {
    id,
    type: 'upsert',
    entityType: 'task',
    entityId: id,
    payload: {title: `Title of ${id}`},
    stage: 'queued',
    createdAt: Date.now(),
    attempts: 0,
    ...change,
  };
}

export const refused = (id: string, change: Partial<QueuedOperation> = {}): QueuedOperation =>
  operation(id, {stage: 'failed', attempts: 1, error: {code: 'forbidden', message: `No to ${id}`}, ...change});
