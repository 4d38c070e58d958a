/** Every element in every state worth looking at: drawn by the gallery, and judged by the accessibility tests. */
import {html, render, type TemplateResult} from 'lit';
import '../define/index.js';
import type {QueuedOperation, SyncState} from '../shared/core.js';
import {StateFeed} from '../shared/state-feed.js';
import type {SyncProvider} from '../sync-provider.js';
import {FakeService} from './fake-service.js';

const MINUTE = 60_000;

export interface Scene {
  /** `sync-status/badge/offline`: unique, and a file name once the slashes are gone. */
  name: string;
  markup: TemplateResult;
  state: Partial<SyncState>;
  queue: readonly QueuedOperation[];
  /** Brings the element into the state that a person would bring it into. */
  after?(element: HTMLElement, service: FakeService): Promise<void>;
}

const now = Date.now();
const live: Partial<SyncState> = {
  clientId: 'laptop',
  isConnected: true,
  role: 'leader',
  mode: 'worker',
  tabs: 2,
  lastLSN: '0/1A2B3C' as SyncState['lastLSN'],
  lastSyncedAt: now - 20_000,
  latency: 38,
  storage: {persisted: false, usage: 48_300_000, quota: 2_100_000_000},
};
const away: Partial<SyncState> = {...live, isConnected: false, lastSyncedAt: now - 5 * MINUTE};
const waiting = {pending: 3, oldestPendingAt: now - 4 * MINUTE};
const trouble = (action: NonNullable<SyncState['error']>['action'], code: string): Partial<SyncState> => ({
  ...live,
  status: 'error',
  error: {code, message: 'For developers', action},
});

/** The states of `<sync-status>`, by name. */
export const STATES: Readonly<Record<string, Partial<SyncState>>> = {
  saved: {...live, status: 'synced'},
  waiting: {...live, status: 'pending', ...waiting},
  connecting: {...away, status: 'connecting', isConnecting: true},
  syncing: {...live, status: 'syncing', progress: {received: 43_210, total: 171_075, bytes: 21_000_000}},
  reconnecting: {...away, status: 'reconnecting', pending: 1, reconnectAttempts: 2, nextRetryAt: now + 2 * MINUTE},
  offline: {...away, status: 'offline', ...waiting, online: false, nextRetryAt: now + 2 * MINUTE},
  'not-durable': {...away, status: 'offline', ...waiting, durable: false, storage: null},
  'signed-out': {...away, status: 'needs-auth', pending: 2},
  refused: {...trouble('review', 'operations-failed'), failed: 2},
  interrupted: trouble('retry', 'apply-failed'),
  full: trouble('free-space', 'quota-exceeded'),
  outdated: trouble('reload', 'protocol-version'),
  stopped: trouble('none', 'internal'),
  paused: {...away, status: 'idle', ...waiting},
};

const operation = (id: string, change: Partial<QueuedOperation>): QueuedOperation => ({
  id,
  type: 'upsert',
  entityType: 'task',
  entityId: id,
  payload: {id, title: 'Buy two loaves of bread', done: false},
  stage: 'queued',
  createdAt: now - 4 * MINUTE,
  attempts: 0,
  ...change,
});
export const QUEUE: readonly QueuedOperation[] = [
  operation('o1', {
    stage: 'failed',
    attempts: 1,
    payload: {id: 'o1', title: 'Measure a 100,000-row sync on a five-year-old phone, in a tunnel'},
    error: {code: 'check-violation', message: 'The title is longer than 200 characters'},
    createdAt: now - 62 * MINUTE,
  }),
  operation('o2', {type: 'delete', stage: 'failed', attempts: 3, error: {code: 'forbidden', message: ''}}),
  operation('o3', {stage: 'sent', attempts: 1, payload: {id: 'o3', name: 'اجتماع الفريق الأسبوعي'}}),
  operation('o4', {payload: {id: 'o4', title: '<b>Bold</b> \u202Eevil\u202C move'}}),
  operation('o5', {type: 'send_message', entityType: 'message', payload: {text: 'On my way'}, createdAt: now - 9000}),
];

const scenes: Scene[] = [];
const add = (scene: Pick<Scene, 'name' | 'markup'> & Partial<Scene>) => scenes.push({state: live, queue: [], ...scene});

for (const variant of ['inline', 'badge', 'dot', 'bar']) {
  for (const [name, state] of Object.entries(STATES)) {
    add({name: `sync-status/${variant}/${name}`, state, markup: html`<sync-status variant=${variant}></sync-status>`});
  }
  add({
    name: `sync-status/${variant}/with-details`,
    state: STATES['offline'] ?? {},
    markup: html`<sync-status variant=${variant} details></sync-status>`,
  });
}
for (const name of ['saved', 'offline', 'refused', 'not-durable']) {
  add({
    name: `sync-status/details/${name}`,
    state: STATES[name] ?? {},
    // As many of each as the state counts: the first two were refused.
    queue: name === 'saved' ? [] : name === 'refused' ? QUEUE.slice(0, 2) : QUEUE.slice(2),
    markup: html`<sync-status details></sync-status>`,
    after: openDetails,
  });
}
add({name: 'sync-status/quiet/saved', markup: html`<sync-status quiet></sync-status>`});
add({
  name: 'sync-status/quiet/offline',
  state: STATES['offline'] ?? {},
  markup: html`<sync-status quiet></sync-status>`,
});
add({
  name: 'sync-status/slots/offline',
  state: STATES['offline'] ?? {},
  markup: html`<sync-status><span slot="icon" aria-hidden="true">◎</span><b slot="label">Notes</b></sync-status>`,
});
for (const part of ['button', 'cover']) {
  add({
    name: `sync-status/focus/${part}`,
    state: STATES['offline'] ?? {},
    markup: html`<sync-status details></sync-status>`,
    after: element => focus(element, `.${part}`),
  });
}
add({name: 'sync-progress/known', state: STATES['syncing'] ?? {}, markup: html`<sync-progress></sync-progress>`});
add({
  name: 'sync-progress/unknown',
  state: {...STATES['syncing'], progress: {received: 812, total: null, bytes: 1}},
  markup: html`<sync-progress></sync-progress>`,
});
add({
  name: 'sync-progress/estimate',
  state: STATES['syncing'] ?? {},
  markup: html`<sync-progress></sync-progress>`,
  // A rate is told once it was measured for a second.
  after: async (element, service) => {
    let received = 43_210;
    const more = setInterval(() => {
      received += 800;
      service.become({progress: {received, total: 171_075, bytes: 1}});
    }, 100);
    await until(element, () => element.shadowRoot?.querySelector('.time')?.textContent);
    clearInterval(more);
  },
});
add({
  name: 'sync-queue/slot',
  markup: html`<sync-queue><p slot="empty">All your changes have arrived.</p></sync-queue>`,
});
add({
  name: 'sync-queue/focus',
  queue: QUEUE,
  markup: html`<sync-queue filter="failed"></sync-queue>`,
  after: element => focus(element, '[data-id]'),
});
add({name: 'sync-queue/empty', markup: html`<sync-queue></sync-queue>`});
add({
  name: 'sync-queue/all',
  queue: QUEUE,
  state: {...live, failed: 2},
  markup: html`<sync-queue editable></sync-queue>`,
});
add({name: 'sync-queue/failed', queue: QUEUE, markup: html`<sync-queue filter="failed"></sync-queue>`});
add({name: 'sync-queue/limited', queue: QUEUE, markup: html`<sync-queue filter="pending" limit="2"></sync-queue>`});
add({
  name: 'sync-queue/discarded',
  queue: QUEUE,
  markup: html`<sync-queue filter="failed"></sync-queue>`,
  after: async element => {
    element.shadowRoot?.querySelector<HTMLElement>('[data-action=discard]')?.click();
  },
});
add({
  name: 'sync-when/offline',
  state: STATES['offline'] ?? {},
  markup: html`<sync-when status="offline reconnecting">You can keep working.</sync-when>`,
});
add({name: 'sync-inspector/closed', markup: html`<sync-inspector></sync-inspector>`});
add({
  name: 'sync-inspector/alone',
  markup: html`<sync-inspector open provider="nobody"></sync-inspector>`,
  after: element => until(element, () => element.shadowRoot?.querySelector('.panel')),
});
add({
  name: 'sync-inspector/open',
  state: {...STATES['refused'], pending: 3},
  queue: QUEUE,
  markup: html`<sync-inspector open></sync-inspector>`,
  after: element => until(element, () => element.shadowRoot?.querySelector('table')),
});

export const SCENES: readonly Scene[] = scenes;

/** As by a key: with a ring. */
async function focus(element: HTMLElement, selector: string): Promise<void> {
  const find = () => element.shadowRoot?.querySelector<HTMLElement>(selector);
  await until(element, find);
  find()?.focus({focusVisible: true} as FocusOptions);
}

async function openDetails(element: HTMLElement): Promise<void> {
  await until(element, () => element.shadowRoot?.querySelector('[popover]'));
  element.shadowRoot?.querySelector<HTMLElement>('.cover')?.click();
  await until(element, () => element.shadowRoot?.querySelector('dl'));
}

/** Resolves once what is looked for has been drawn. */
function until(element: HTMLElement, found: () => unknown): Promise<void> {
  return new Promise(resolve => {
    const look = () => {
      if (!found()) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    if (element.shadowRoot) observer.observe(element.shadowRoot, {subtree: true, childList: true, attributes: true});
    look();
  });
}

/** Draws a scene in a place of the page, and resolves with the element once it shows what it should. */
export async function play(scene: Scene, place: HTMLElement): Promise<HTMLElement> {
  const service = new FakeService();
  service.queue = [...scene.queue];
  service.become(scene.state);
  render(
    html`<sync-provider .service=${service as unknown as SyncProvider['service']}>${scene.markup}</sync-provider>`,
    place,
  );
  const element = place.querySelector('sync-provider')?.firstElementChild as HTMLElement;
  // What passes is shown only once it has lasted.
  const feed = StateFeed.of(service);
  await new Promise<void>(resolve => {
    const look = () => {
      if (feed.shown?.status !== service.getState().status) return;
      queueMicrotask(() => stop());
      resolve();
    };
    const stop = feed.subscribe(look);
    look();
  });
  await (element as HTMLElement & {updateComplete?: Promise<unknown>}).updateComplete;
  if (scene.name.startsWith('sync-queue')) await until(element, () => element.shadowRoot?.querySelector('[part]'));
  await scene.after?.(element, service);
  return element;
}
