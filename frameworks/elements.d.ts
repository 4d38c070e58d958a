/**
 * What a template may give each element. The declarations of this folder are types and nothing else: a framework's own
 * says how it writes properties and events, this one which there are. test/types holds it against the manifest.
 */
import type {
  SyncInspector,
  SyncProgress,
  SyncProvider,
  SyncProviderEventMap,
  SyncQueue,
  SyncQueueEventMap,
  SyncStatus,
  SyncStatusEventMap,
  SyncWhen,
} from '../components/index.js';

interface Entry<E extends HTMLElement, P extends keyof E, M = Record<never, never>> {
  element: E;
  properties: {[K in P]?: E[K] | undefined};
  events: M;
}

export interface SyncElements {
  'sync-inspector': Entry<SyncInspector, 'provider' | 'open'>;
  'sync-progress': Entry<SyncProgress, 'provider' | 'texts'>;
  'sync-provider': Entry<
    SyncProvider,
    | 'url'
    | 'database'
    | 'user'
    | 'client'
    | 'types'
    | 'mode'
    | 'worker'
    | 'log'
    | 'guard'
    | 'persist'
    | 'getToken'
    | 'logger'
    | 'service'
    | 'paused',
    SyncProviderEventMap
  >;
  'sync-queue': Entry<SyncQueue, 'provider' | 'filter' | 'limit' | 'editable' | 'naming' | 'texts', SyncQueueEventMap>;
  'sync-status': Entry<
    SyncStatus,
    'provider' | 'variant' | 'quiet' | 'announce' | 'details' | 'texts',
    SyncStatusEventMap
  >;
  'sync-when': Entry<SyncWhen, 'provider' | 'status'>;
}

export type Tag = keyof SyncElements;
export type ElementOf<T extends Tag> = SyncElements[T]['element'];
export type PropertiesOf<T extends Tag> = SyncElements[T]['properties'];
export type EventsOf<T extends Tag> = SyncElements[T]['events'];

/** A listener for each event, under its name behind a prefix: `on`, `on:`. */
export type ListenersOf<T extends Tag, Prefix extends string> = {
  [E in keyof EventsOf<T> & string as `${Prefix}${E}`]?: ((event: EventsOf<T>[E]) => void) | undefined;
};
