/** A client's side of the data for tests: what it would hold, and what it would greet with. */
import assert from 'node:assert/strict';
import {type Change, type SyncFrame, subscriptionHash} from '../../src/protocol/protocol.js';
import type {TestClient} from './client.js';

/** What a client knows after a `sync_complete`, to greet with again. */
export function checkpoint(generation: string, lsn: string, mark?: string): Partial<SyncFrame> {
  return {generation, lastLSN: lsn, have: subscriptionHash(undefined), ...(mark === undefined ? {} : {mark})};
}

/** The rows a client has after all data frames it was sent, with the chain of them checked. */
export function replica(client: TestClient, from = new Map<string, Change>()): Map<string, Change> {
  const rows = new Map(from);
  let position: string | undefined;
  let expected = 1;
  for (const frame of client.frames) {
    if (frame.type === 'sync_start') position = frame.lsn;
    if ('n' in frame) assert.equal(frame.n, expected++);
    if (frame.type === 'changes' || frame.type === 'head') {
      assert.equal(frame.prevLSN, position);
      if (frame.type === 'head' || frame.part === undefined || frame.final) position = frame.lsn;
    }
    if (frame.type !== 'sync_data' && frame.type !== 'changes') continue;
    for (const change of frame.changes) {
      const key = `${change.entityType}/${change.entityId}`;
      if (change.type === 'delete') rows.delete(key);
      else rows.set(key, change);
    }
  }
  return rows;
}
