/** The door of the queue: an operation is checked and copied on the page's side, before it crosses to the worker. */
import {SyncError} from './errors.js';
import {isId, isObject, isTypeName, type Json, MAX_DEPTH, utf8Length} from './json.js';
import type {Operation} from './model.js';

function refuse(path: string, why: string): SyncError {
  return new SyncError('invalid-operation', `${path}: ${why}`);
}

/**
 * A plain copy of the operation with an id. Refuses whatever a JSON round trip would change, naming the path.
 * @throws SyncError `invalid-operation`, `operation-too-large`
 */
export function validateOperation(
  operation: Operation,
  maxBytes: number,
  uuid: () => string,
): Operation & {id: string} {
  try {
    return copyOperation(operation, maxBytes, uuid);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    // Getters and proxies are code of the caller's.
    throw new SyncError('invalid-operation', 'operation: reading it failed', {cause: error});
  }
}

function copyOperation(operation: Operation, maxBytes: number, uuid: () => string): Operation & {id: string} {
  if (!isObject(operation)) throw refuse('operation', 'not an object');
  const {type, entityType, entityId, payload, partial, base, priority, key, after, id} = operation as Operation;
  if (!isTypeName(type)) throw refuse('type', 'a name of 1 to 255 characters is needed');
  const row = type === 'upsert' || type === 'delete';
  if ((row || entityType !== undefined) && !isTypeName(entityType)) throw refuse('entityType', 'a type name is needed');
  if ((row || entityId !== undefined) && !isId(entityId))
    throw refuse('entityId', 'text of 1 to 1,024 characters is needed');
  if (type === 'upsert' && !isObject(payload)) throw refuse('payload', 'an object of columns is needed');
  if (partial !== undefined && typeof partial !== 'boolean') throw refuse('partial', 'true or false');
  if (priority !== undefined && !Number.isFinite(priority)) throw refuse('priority', 'a number is needed');
  if (key !== undefined && !isId(key)) throw refuse('key', 'text of 1 to 1,024 characters is needed');
  if (id !== undefined && !isId(id)) throw refuse('id', 'text of 1 to 1,024 characters is needed');
  if (after !== undefined && !(Array.isArray(after) && after.every(isId)))
    throw refuse('after', 'a list of ids is needed');
  if (id !== undefined && after?.includes(id)) throw refuse('after', 'an operation can not wait for itself');
  const copy: Operation & {id: string} = {id: id ?? uuid(), type};
  if (entityType !== undefined) copy.entityType = entityType;
  if (entityId !== undefined) copy.entityId = entityId;
  if (payload !== undefined) copy.payload = copyJson(payload, 'payload', 0);
  if (base !== undefined) copy.base = copyJson(base, 'base', 0);
  if (partial !== undefined) copy.partial = partial;
  if (priority !== undefined) copy.priority = priority;
  if (key !== undefined) copy.key = key;
  if (after !== undefined) copy.after = [...after];
  const bytes = utf8Length(JSON.stringify(copy));
  if (bytes > maxBytes) {
    throw new SyncError('operation-too-large', `The operation has ${bytes} bytes; the limit is ${maxBytes}`);
  }
  return copy;
}

function copyJson(value: unknown, path: string, depth: number): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw refuse(path, `${value} is not a JSON number`);
      if (isUnsafe(value)) throw refuse(path, `${value} is beyond 2^53; write it as text`);
      return value;
    case 'object':
      break;
    default:
      throw refuse(path, `a ${typeof value} is not a JSON value`);
  }
  if (value === null) return null;
  if (depth >= MAX_DEPTH) throw refuse(path, `deeper than ${MAX_DEPTH} levels, or a cycle`);
  if (Array.isArray(value)) {
    if (Object.keys(value).length > value.length) throw refuse(path, 'a list with names is not a JSON value');
    return Array.from({length: value.length}, (_, index) => {
      const place = `${path}[${index}]`;
      return copyJson(read(value, index, place), place, depth + 1);
    });
  }
  const prototype = Object.getPrototypeOf(value);
  // Objects of another realm (an iframe's) have a prototype of their own, whose prototype is null as well.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refuse(path, `a ${prototype.constructor?.name ?? 'class instance'} is not a plain object`);
  }
  if (typeof (value as {toJSON?: unknown}).toJSON === 'function') throw refuse(path, 'toJSON would change it');
  const copy: {[key: string]: Json} = {};
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw refuse(path, 'a symbol is not a JSON key');
    if (key === '__proto__') throw refuse(path, "'__proto__' is not allowed as a column");
    const place = `${path}.${key}`;
    copy[key] = copyJson(read(value, key, place), place, depth + 1);
  }
  return copy;
}

/**
 * Whether JSON spells it as a plain integer (from 1e21 on it has an exponent) that no server takes: it would refuse the whole
 * frame, close the line, and be sent the same again, with all that waits behind it.
 */
const isUnsafe = (value: number) => Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;

/** A getter may throw. */
function read(value: object, key: string | number, path: string): unknown {
  try {
    return (value as Record<string | number, unknown>)[key];
  } catch (cause) {
    throw new SyncError('invalid-operation', `${path}: reading it failed`, {cause});
  }
}
