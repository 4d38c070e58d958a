/**
 * The service room: WorkerSyncService, the one front door. It checks what comes in, hands it to the manager, and gives out
 * what comes back: answers, events, one frozen state. It keeps no data of its own.
 */

import {engineLines} from '../manager/engine-line.js';
import type {ManagerOptions} from '../manager/sync-worker-manager.js';
import {canLast} from '../platform/browser-context.js';
import {consoleSink, pageClock, pageUrl} from '../platform/browser-page.js';
import {type Logger, type LogLevel, levelLogger} from '../platform/logger.js';
import {type EngineConfig, isId, type Limits, SyncError, type SyncState} from '../protocol/protocol.js';
import {IDLE_STATE} from '../state/snapshot.js';
import {deskMaker, ownConfig} from './own-database.js';
import {resolveUrl} from './resolve-url.js';
import type {SyncOptions} from './types.js';

export const DEFAULT_LIMITS: Limits = {
  queueCount: 10_000,
  queueBytes: 50_000_000,
  operationBytes: 1024 * 1024,
  frameChars: 8 * 1024 * 1024,
  windowBytes: 1024 * 1024,
  rowCacheBytes: 64 * 1024 * 1024,
  journalSlack: 1000,
};

/** @throws SyncError `invalid-url`, `insecure-url`, `invalid-options` */
export function managerOptions(options: SyncOptions, log: LogLevel): ManagerOptions {
  const {database, mode = 'auto', worker} = options;
  const desk = typeof database === 'object' ? deskMaker(database) : undefined;
  return {config: engineConfig(options, log), mode, lines: engineLines(worker), desk, clock: pageClock};
}

/** The options as the engine takes them. @throws SyncError `invalid-url`, `insecure-url`, `invalid-options` */
export function engineConfig(options: SyncOptions, log: LogLevel): Omit<EngineConfig, 'mode' | 'line'> {
  return {
    url: resolveUrl(options.url, pageUrl()),
    ...databaseOf(options.database),
    ...named('user', options.user),
    ...named('clientId', options.clientId),
    ...subscription(options.types),
    limits: {...DEFAULT_LIMITS, ...options.limits},
    ...(options.dialect === undefined ? {} : {dialect: String(new URL(options.dialect, pageUrl()))}),
    hasToken: options.getToken !== undefined,
    log,
  };
}

/** A server refuses a greeting with any other name, and would go on to. */
function named<K extends string>(option: K, name: string | undefined): {[key in K]?: string} {
  if (name === undefined) return {};
  if (!isId(name)) throw new SyncError('invalid-options', `${option}: use text of 1 to 1,024 characters`);
  return {[option]: name} as {[key in K]: string};
}

function databaseOf(option: SyncOptions['database'] = 'sync'): Pick<EngineConfig, 'database' | 'own'> {
  return typeof option === 'object' ? ownConfig(option) : {database: option};
}

/** What is asked of the server, and apart from it what only this device needs to know. */
function subscription(types: SyncOptions['types']): Pick<EngineConfig, 'types' | 'indexes'> {
  if (types === undefined) return {};
  const indexes = new Map<string, string[]>();
  const wants = types.map(want => {
    if (typeof want === 'string') return want;
    const {indexes: columns = [], ...rest} = want;
    if (!Array.isArray(columns) || columns.some(column => typeof column !== 'string')) {
      throw new SyncError('invalid-options', `indexes of '${want.type}': use a list of columns`);
    }
    indexes.set(want.type, [...new Set([...(indexes.get(want.type) ?? []), ...columns])]);
    return rest;
  });
  return {types: wants, indexes: Object.fromEntries(indexes)};
}

export function makeLogger(option: SyncOptions['logger']): {logger: Logger; level: LogLevel} {
  if (typeof option === 'object') return {logger: option, level: 'debug'};
  const level = option ?? 'error';
  return {logger: levelLogger(level, consoleSink), level};
}

/** What is the case before the engine has said anything. */
export function initialState(clientId = '', mode: SyncOptions['mode'] = 'auto'): SyncState {
  return Object.freeze({...IDLE_STATE, clientId, mode: mode === 'page' ? mode : 'worker', durable: canLast()});
}

/** What is the case where no engine runs that could tell; of the rest, what was last known. */
export function troubledState(last: SyncState, {code, message, action}: SyncError): SyncState {
  const unknown = {isConnected: false, isConnecting: false, nextRetryAt: null, progress: null};
  return {...last, ...unknown, status: 'error', error: {code, message, action}};
}
