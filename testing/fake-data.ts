/** What a fake service holds: rows as the server has them, and operations whose writes lie on them as they really do. */
import {type RowQuery, wrong} from '../src/database/query.js';
import {Selection} from '../src/database/selection.js';
import {isObject, type JsonObject, type QueuedOperation, SyncError, type SyncState} from '../src/protocol/protocol.js';

type Table = Map<string, JsonObject>;
/** An operation as far as a test cares. */
export type FakeOperation = Partial<QueuedOperation> & Pick<QueuedOperation, 'id'>;

export class FakeData {
  readonly #tables = new Map<string, Table>();
  #operations: readonly QueuedOperation[] = [];

  get operations(): readonly QueuedOperation[] {
    return this.#operations;
  }
  set operations(operations: readonly QueuedOperation[]) {
    this.#operations = operations;
  }

  /** What the state says of the operations. */
  get counts(): Pick<SyncState, 'pending' | 'inFlight' | 'failed' | 'oldestPendingAt'> {
    const pending = this.#operations.filter(({stage}) => stage !== 'failed');
    return {
      pending: pending.length,
      inFlight: pending.filter(({stage}) => stage === 'sent').length,
      failed: this.#operations.length - pending.length,
      oldestPendingAt: pending.length === 0 ? null : Math.min(...pending.map(({createdAt}) => createdAt)),
    };
  }

  /** Rows without an `id` are known by their place. */
  setRows(type: string, rows: readonly JsonObject[]): void {
    this.#tables.set(type, new Map(rows.map((row, place) => [String(row['id'] ?? place), {...row}])));
  }

  clear(): void {
    this.#tables.clear();
    this.#operations = [];
  }

  /** @throws SyncError `unknown-operation` */
  find(id: string): QueuedOperation {
    const found = this.#operations.find(operation => operation.id === id);
    if (!found) throw new SyncError('unknown-operation', `There is no operation ${id}.`);
    return found;
  }

  change(id: string, change: Partial<QueuedOperation>): void {
    const changed = {...this.find(id), ...change};
    this.#operations = this.#operations.map(operation => (operation.id === id ? changed : operation));
  }

  drop(id: string): void {
    this.#operations = this.#operations.filter(operation => operation.id !== id);
  }

  /** The server has it: its write is in the rows, and no operation any more. */
  apply(id: string): void {
    const operation = this.find(id);
    const {entityType} = operation;
    if (entityType !== undefined) {
      const table = this.#tables.get(entityType) ?? new Map<string, JsonObject>();
      this.#tables.set(entityType, table);
      write(table, operation);
    }
    this.drop(id);
  }

  get(type: string, id: string): JsonObject | undefined {
    return this.#shown(type).get(id);
  }

  /** @throws SyncError `invalid-query` */
  select(type: string, query: RowQuery): JsonObject[] {
    const shown = this.#shown(type);
    const {after} = query;
    const row = after === undefined ? undefined : shown.get(after);
    if (after !== undefined && !row) throw wrong('after: there is no such row');
    const selection = new Selection(query, after !== undefined && row ? {id: after, row} : undefined);
    for (const [id, each] of shown) selection.add(id, each);
    return selection.result();
  }

  /** The rows with the writes on them that were not refused. */
  #shown(type: string): Table {
    const table: Table = new Map(this.#tables.get(type));
    for (const operation of this.#operations) {
      if (operation.entityType === type && operation.stage !== 'failed') write(table, operation);
    }
    return table;
  }
}

/** As the server does it: `upsert` merges columns, `partial` needs a row to merge into. */
function write(table: Table, {type, entityId, payload, partial}: QueuedOperation): void {
  if (entityId === undefined) return;
  const row = table.get(entityId);
  if (type === 'delete') table.delete(entityId);
  else if (type === 'upsert' && isObject(payload) && (row || !partial)) table.set(entityId, {...row, ...payload});
}

export function completed(operation: FakeOperation): QueuedOperation {
  return {type: 'upsert', payload: null, stage: 'queued', createdAt: Date.now(), attempts: 0, ...operation};
}
