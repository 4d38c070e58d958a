/** All that a memory source knows: plain data, so that it can be copied whole. */
import {randomUUID} from 'node:crypto';
import type {JsonObject} from '../../../src/protocol/protocol.js';
import type {InstanceState, OperationRecord} from '../change-source.js';

export interface MemoryChange {
  table: string;
  id: string;
  /** Whole rows: what is published of them is decided when they are read. */
  old: JsonObject | null;
  row: JsonObject | null;
}

export interface MemoryEntry {
  lsn: bigint;
  mark: string;
  at: number;
  changes: MemoryChange[];
}

export interface MemoryState {
  generation: string;
  /** What the published tables looked like, to tell when an older checkpoint says nothing any more. */
  shape: string | undefined;
  rows: Map<string, Map<string, JsonObject>>;
  /** Transactions behind the floor; their LSNs are consecutive. */
  log: MemoryEntry[];
  floor: {lsn: bigint; mark: string};
  records: Map<string, OperationRecord & {subject: string}>;
  instances: Map<string, InstanceState>;
}

export function emptyState(): MemoryState {
  return {
    generation: randomUUID(),
    shape: undefined,
    rows: new Map(),
    log: [],
    floor: {lsn: 1n, mark: randomUUID()},
    records: new Map(),
    instances: new Map(),
  };
}
