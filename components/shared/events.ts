/** The events of the elements, one class each. Importable in Node, which has `Event` since version 15. */
import type {ChangesDetail, Settlement, SyncError, SyncState} from './core.js';

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

/** A commit touched these types and rows; `ids` is null where there were more than 1,000. */
export class SyncChangesEvent extends Event {
  readonly lsn: ChangesDetail['lsn'];
  readonly types: readonly string[];
  readonly ids: readonly string[] | null;
  constructor(detail: ChangesDetail) {
    super('sync-changes', COMPOSED);
    this.lsn = detail.lsn;
    this.types = detail.types;
    this.ids = detail.ids;
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

/** Nothing but a new page helps (a new protocol version). Unless prevented, the sender reloads it. */
export class SyncReloadRequestEvent extends Event {
  constructor() {
    super('sync-reload-request', REQUEST);
  }
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
