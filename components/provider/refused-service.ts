/**
 * What stands in where no service could be made, because an attribute makes no sense: it says why, as its state and as
 * the error of every call, so that children show it like any other error and nothing throws in a lifecycle callback.
 */
import {IDLE_STATE, type Live, type SyncError, type SyncState, WorkerSyncService} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

export function refusedService(error: SyncError): SyncService {
  const state: SyncState = Object.freeze({
    ...IDLE_STATE,
    status: 'error',
    error: Object.freeze({code: error.code, message: error.message, action: error.action}),
  });
  const refuse = () => Promise.reject(error);
  const no = () => Promise.resolve(false);
  const nothing = () => Promise.resolve();
  const remover = () => () => {};
  const calls = Object.getOwnPropertyNames(WorkerSyncService.prototype).map(call => [call, refuse]);
  return {
    ...(Object.fromEntries(calls) as Record<keyof SyncService, typeof refuse>),
    initialize: no,
    connect: no,
    forceConnect: nothing,
    disconnect: nothing,
    cleanup: nothing,
    live: () => refusedLive(error),
    getState: () => state,
    onStateChange: remover,
    addEventListener: remover,
  };
}

function refusedLive(error: SyncError): Live<never> {
  return {
    value: undefined,
    error,
    subscribe(listener) {
      listener(undefined);
      return () => {};
    },
  };
}
