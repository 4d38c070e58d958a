/**
 * What elements ask of a service: the front door of the core, narrowed to what they use, so that a test or a page can
 * hand in anything of the same shape.
 */
import type {WorkerSyncService} from './core.js';

export type SyncService = Pick<
  WorkerSyncService,
  | 'initialize'
  | 'connect'
  | 'disconnect'
  | 'forceConnect'
  | 'get'
  | 'list'
  | 'count'
  | 'live'
  | 'put'
  | 'patch'
  | 'remove'
  | 'enqueue'
  | 'settled'
  | 'operations'
  | 'retry'
  | 'discard'
  | 'replace'
  | 'flush'
  | 'logout'
  | 'getState'
  | 'onStateChange'
  | 'addEventListener'
  | 'diagnostics'
  | 'cleanup'
>;

export type LogoutOptions = Parameters<WorkerSyncService['logout']>[0];
