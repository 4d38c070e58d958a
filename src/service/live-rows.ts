/** The rows of a watched query as a list, from what the engine tells of how it changes. */
import type {SyncWorkerManager} from '../manager/sync-worker-manager.js';
import type {JsonObject, Query} from '../protocol/protocol.js';
import {joined} from '../protocol/stretches.js';
import type {WatchQuery} from './live-query.js';

export function liveRows(manager: SyncWorkerManager, type: string, query: Query): WatchQuery {
  return ({value, error}) => {
    let rows: JsonObject[] = [];
    return manager.watch(type, query, {
      value: stretches => {
        rows = joined(rows, stretches);
        // A copy: whoever gets it may sort it.
        value([...rows]);
      },
      error,
    });
  };
}
