/** The events of the elements, one class each. Importable in Node, which has `Event` since version 15. */
import type {ChangesDetail, QueuedOperation, Settlement, SyncError, SyncState} from './core.js';

const COMPOSED: EventInit = {composed: true};
const REQUEST: EventInit = {bubbles: true, cancelable: true, composed: true};

/** The snapshot changed. */
export class SyncStateChangeEvent extends Event {
  readonly state: SyncState;
  constructor(state: SyncState) {
    super('sync-state-change', COMPOSED);
    this.state = state;
  }
}

/** A commit touched these types and rows; `ids` is null where there were more than 1,000, `count` says of how many changes it was. */
export class SyncChangesEvent extends Event {
  readonly lsn: ChangesDetail['lsn'];
  readonly types: readonly string[];
  readonly ids: readonly string[] | null;
  readonly count: number | undefined;
  constructor(detail: ChangesDetail) {
    super('sync-changes', COMPOSED);
    this.lsn = detail.lsn;
    this.types = detail.types;
    this.ids = detail.ids;
    this.count = detail.count;
  }
}

/** The server answered an operation: `settlement` where it was taken, else `error`. */
export class SyncOperationSettledEvent extends Event {
  readonly id: string;
  readonly settlement: Settlement | undefined;
  readonly error: SyncError | undefined;
  constructor(id: string, outcome: {settlement: Settlement} | {error: SyncError}) {
    super('sync-operation-settled', COMPOSED);
    this.id = id;
    this.settlement = 'settlement' in outcome ? outcome.settlement : undefined;
    this.error = 'error' in outcome ? outcome.error : undefined;
  }
}

/** Something went wrong that no call of the page's reports. Also for attributes that make no sense. */
export class SyncErrorEvent extends Event {
  readonly error: SyncError;
  constructor(error: SyncError) {
    super('sync-error', COMPOSED);
    this.error = error;
  }
}

/** A person wants the line opened. Unless prevented, the element that sends it calls `forceConnect`. */
export class SyncConnectRequestEvent extends Event {
  readonly reason: 'retry' | 'sign-in';
  constructor(reason: 'retry' | 'sign-in' = 'retry') {
    super('sync-connect-request', REQUEST);
    this.reason = reason;
  }
}

/** A person wants what failed to be tried again: one operation, or all. Unless prevented, the sender calls `retry`. */
export class SyncRetryRequestEvent extends Event {
  readonly id: string | undefined;
  constructor(id?: string) {
    super('sync-retry-request', REQUEST);
    this.id = id;
  }
}

/** A person wants a refused operation dropped. Unless prevented, the sender calls `discard` once it can't be undone any more. */
export class SyncDiscardRequestEvent extends Event {
  readonly id: string;
  constructor(id: string) {
    super('sync-discard-request', REQUEST);
    this.id = id;
  }
}

/** A person wants to correct a refused operation. There is no default: the page shows a form and calls `replace`. */
export class SyncEditRequestEvent extends Event {
  readonly id: string;
  readonly operation: QueuedOperation;
  constructor(operation: QueuedOperation) {
    super('sync-edit-request', REQUEST);
    this.id = operation.id;
    this.operation = operation;
  }
}

/** A person wants a copy of what is listed. Unless prevented, the sender saves it as a JSON file. */
export class SyncExportRequestEvent extends Event {
  readonly operations: readonly QueuedOperation[];
  constructor(operations: readonly QueuedOperation[]) {
    super('sync-export-request', REQUEST);
    this.operations = operations;
  }
}

/** Nothing but a new page helps (a new protocol version). Unless prevented, the sender reloads it. */
export class SyncReloadRequestEvent extends Event {
  constructor() {
    super('sync-reload-request', REQUEST);
  }
}

/** `addEventListener` of an element that knows its own events besides those of every element. */
export interface Listens<E extends HTMLElement, M> {
  <K extends keyof M & string>(
    type: K,
    listener: (this: E, event: M[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: E, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  (type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/** For typed listeners: `event: SyncProviderEventMap['sync-changes']`. */
export interface SyncProviderEventMap {
  'sync-state-change': SyncStateChangeEvent;
  'sync-changes': SyncChangesEvent;
  'sync-operation-settled': SyncOperationSettledEvent;
  'sync-error': SyncErrorEvent;
}

export interface SyncStatusEventMap {
  'sync-connect-request': SyncConnectRequestEvent;
  'sync-retry-request': SyncRetryRequestEvent;
  'sync-reload-request': SyncReloadRequestEvent;
}

export interface SyncQueueEventMap {
  'sync-retry-request': SyncRetryRequestEvent;
  'sync-discard-request': SyncDiscardRequestEvent;
  'sync-edit-request': SyncEditRequestEvent;
  'sync-export-request': SyncExportRequestEvent;
}
