/**
 * One operation in its own transaction, together with the record that makes sending it again harmless. Reading and
 * writing are denied unless published; what is refused leaves nothing behind, and takes no position.
 */
import {isObject, type JsonObject, type Lsn, type WireOperation} from '../../src/protocol/protocol.js';
import type {Identity, OperationContext, Settings} from '../options.js';
import type {ChangeSource, SourceTable, SourceTransaction} from '../source/change-source.js';
import {matches} from '../source/encode.js';
import {bodyHash, canonical} from './canonical.js';
import {OperationRefused} from './refusal.js';

export interface Outcome {
  status: 'applied' | 'duplicate';
  generation: string;
  lsn: Lsn;
}

export interface ApplyContext extends OperationContext {
  /** The lowest unsettled `seq` this instance has told of; what lies below is done with. */
  readonly settled: number;
}

type Rules = Pick<Settings, 'authorize' | 'rows' | 'handlers'>;

/** @throws OperationRefused */
export async function applyOperation(
  source: ChangeSource,
  rules: Rules,
  op: WireOperation,
  context: ApplyContext,
): Promise<Outcome> {
  const {generation} = source;
  const {subject} = context.identity;
  const hash = bodyHash(op);
  return source.transaction(async (tx): Promise<Outcome> => {
    const record = await tx.findRecord(subject, op.id);
    if (record) {
      if (record.hash !== hash) refuse('id-reused', 'An operation of this id, with another body, was applied before');
      // An LSN of another history says nothing in this one; the head is certainly behind the commit.
      const lsn = record.generation === generation ? record.lsn : source.head.lsn;
      return {status: 'duplicate', generation, lsn};
    }
    if (op.seq < context.settled) refuse('stale-operation', 'The client has settled this operation before');
    const run = handlerOf(rules, source, op, context);
    await authorise(rules, op, context, tx);
    const lsn = await tx.position();
    await run(tx);
    await tx.saveRecord(subject, {id: op.id, hash, lsn, generation, instance: context.instance, seq: op.seq});
    return {status: 'applied', generation, lsn};
  });
}

type Run = (tx: SourceTransaction) => unknown | Promise<unknown>;

/** What is to be done, with all that can be refused by looking at the operation alone refused at once. */
function handlerOf(rules: Rules, source: ChangeSource, op: WireOperation, context: OperationContext): Run {
  switch (op.type) {
    case 'upsert': {
      const {table, id} = target(source, op);
      const columns = writableColumns(table, id, op);
      return tx => upsert(tx, rules, table, id, columns, op, context.identity);
    }
    case 'delete': {
      const {table, id} = target(source, op);
      if (!table.deletable) refuse('forbidden-type', `Rows of '${table.name}' can't be deleted by clients`);
      return tx => remove(tx, rules, table, id, op, context.identity);
    }
    default: {
      const handler = rules.handlers.get(op.type);
      if (!handler) refuse('unknown-operation', `There is no operation '${op.type.slice(0, 100)}' here`);
      return tx => handler(op, tx, context);
    }
  }
}

function target(source: ChangeSource, op: WireOperation): {table: SourceTable; id: string} {
  const {entityType, entityId} = op;
  if (entityType === undefined || entityId === undefined) {
    refuse('invalid-operation', `'${op.type}' needs an entityType and an entityId`);
  }
  const table = source.tables.get(entityType);
  if (!table || table.writable?.size === 0) {
    refuse('forbidden-type', `'${entityType.slice(0, 100)}' can't be written by clients`);
  }
  return {table, id: entityId};
}

function writableColumns(table: SourceTable, id: string, op: WireOperation): JsonObject {
  if (!isObject(op.payload)) refuse('invalid-operation', `'upsert' needs an object of columns as its payload`);
  const key = table.key.length === 1 ? [id] : keyParts(id);
  const columns: [string, JsonObject[string]][] = [];
  for (const [name, value] of Object.entries(op.payload as JsonObject)) {
    const place = table.key.indexOf(name);
    if (place >= 0) {
      if (typeof value === 'object' || String(value) !== key[place]) {
        refuse('invalid-value', `The key column '${name}' differs from the entityId`);
      }
    } else if (table.writable && !table.writable.has(name)) {
      refuse('forbidden-column', `'${table.name}.${name.slice(0, 100)}' can't be written by clients`);
    } else {
      columns.push([name, value]);
    }
  }
  return Object.fromEntries(columns);
}

function keyParts(id: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(id);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

async function authorise(
  rules: Rules,
  op: WireOperation,
  context: OperationContext,
  tx: SourceTransaction,
): Promise<void> {
  const verdict = (await rules.authorize?.(op, context, tx)) ?? true;
  if (verdict === true) return;
  if (verdict === false) refuse('forbidden', 'Not allowed');
  refuse(verdict.code, verdict.message);
}

async function upsert(
  tx: SourceTransaction,
  rules: Rules,
  table: SourceTable,
  id: string,
  columns: JsonObject,
  op: WireOperation,
  identity: Identity,
): Promise<void> {
  await checkBefore(tx, rules, table, id, op, identity);
  const written = await tx.write(table.name, id, columns, op.partial ? 'update' : 'merge');
  if (!written) refuse('not-found', 'There is no such row to merge these columns into');
  // The row as it has become: a client can't write itself out of, or others into, what it may see.
  if (rowsOf(rules, table, identity) !== true) await checkRow(rules, table, await tx.read(table.name, id), identity);
}

async function remove(
  tx: SourceTransaction,
  rules: Rules,
  table: SourceTable,
  id: string,
  op: WireOperation,
  identity: Identity,
): Promise<void> {
  await checkBefore(tx, rules, table, id, op, identity);
  await tx.remove(table.name, id);
}

/** The row as it stands: may this client touch it, and is it still what the client based its write on? */
async function checkBefore(
  tx: SourceTransaction,
  rules: Rules,
  table: SourceTable,
  id: string,
  op: WireOperation,
  identity: Identity,
): Promise<void> {
  const guarded = rowsOf(rules, table, identity) !== true;
  const {base} = op;
  if (base !== undefined && base !== null && !isObject(base)) refuse('invalid-operation', `'base' is no object`);
  if (!guarded && !base) return;
  const row = await tx.read(table.name, id);
  if (row && guarded) await checkRow(rules, table, row, identity);
  if (!base) return;
  const same = Object.entries(base).every(
    ([column, value]) =>
      row && canonical(Object.hasOwn(row, column) ? (row[column] ?? null) : null) === canonical(value),
  );
  if (!same) {
    throw new OperationRefused('conflict', 'The row is no longer what the change was based on', {row});
  }
}

function rowsOf(rules: Rules, table: SourceTable, identity: Identity) {
  return rules.rows?.(table.name, identity) ?? true;
}

async function checkRow(
  rules: Rules,
  table: SourceTable,
  row: JsonObject | undefined,
  identity: Identity,
): Promise<void> {
  const rule = rowsOf(rules, table, identity);
  if (rule === true || (rule !== false && row && matches(row, Object.entries(rule)))) return;
  refuse('forbidden', `Not your row of '${table.name}'`);
}

function refuse(code: string, message: string): never {
  throw new OperationRefused(code, message);
}
