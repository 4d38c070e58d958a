/**
 * The door of the queue: an operation is checked and copied on the page's side, at once, before it crosses to the worker.
 * What is wrong with one is told here by its place alone; the words for it are in validate-operation.ts, which a page
 * loads when something is wrong.
 */
import {SyncError} from './errors.js';
import {isId, isObject, isTypeName, type Json, MAX_DEPTH, utf8Length} from './json.js';
import type {Operation} from './model.js';

/** What is no operation, or no JSON: where, and what is there. With a cause: reading it failed. */
export class Flaw extends Error {
  readonly path: string;
  readonly value: unknown;

  constructor(path: string, value: unknown, options?: ErrorOptions) {
    super(path, options);
    this.path = path;
    this.value = value;
  }

  refusal(why: string): SyncError {
    return new SyncError('invalid-operation', `${this.path}: ${why}`, this);
  }
}

type Copy = Operation & {id: string};
type Check = (value: unknown, before: Partial<Copy>) => boolean;

const optional =
  (check: (value: unknown) => boolean): Check =>
  value =>
    value === undefined || check(value);
const ofRow =
  (check: (value: unknown) => boolean): Check =>
  (value, {type}) =>
    (value === undefined && type !== 'upsert' && type !== 'delete') || check(value);

/** In an order in which each can be judged by those before it. */
const CHECKS: Readonly<Record<keyof Operation, Check>> = {
  type: isTypeName,
  entityType: ofRow(isTypeName),
  entityId: ofRow(isId),
  payload: (value, {type}) => type !== 'upsert' || isObject(value),
  base: () => true,
  partial: optional(value => typeof value === 'boolean'),
  priority: optional(Number.isFinite),
  key: optional(isId),
  id: optional(isId),
  after: (value, {id}) =>
    value === undefined || (Array.isArray(value) && value.every(item => isId(item) && item !== id)),
};

/**
 * A plain copy of the operation with an id. Refuses whatever a JSON round trip would change.
 * @throws Flaw, SyncError `operation-too-large`
 */
export function takeOperation(operation: Operation, maxBytes: number, uuid: () => string): Copy {
  const copy: Record<string, unknown> = {};
  try {
    if (!isObject(operation)) throw new Flaw('operation', operation);
    for (const [field, fits] of Object.entries(CHECKS)) {
      const value = read(operation, field, field);
      if (!fits(value, copy)) throw new Flaw(field, value);
      // A priority is for this device alone: digits that a server would not take are none of its business.
      if (value !== undefined) copy[field] = field === 'priority' ? value : copyJson(value, field);
    }
    copy['id'] ??= uuid();
  } catch (error) {
    // Getters and proxies are code of the caller's.
    throw error instanceof Flaw ? error : new Flaw('operation', undefined, {cause: error});
  }
  const bytes = utf8Length(JSON.stringify(copy));
  if (bytes > maxBytes) {
    throw new SyncError('operation-too-large', `The operation has ${bytes} bytes; the limit is ${maxBytes}`);
  }
  return copy as unknown as Copy;
}

function copyJson(value: unknown, path: string, depth = 0): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || isNumber(value)) return value;
  if (typeof value !== 'object' || depth >= MAX_DEPTH || !isPlain(value)) throw new Flaw(path, value);
  const item = (key: string | number, place: string) => copyJson(read(value, key, place), place, depth + 1);
  if (Array.isArray(value)) return Array.from({length: value.length}, (_, index) => item(index, `${path}[${index}]`));
  return Object.fromEntries(Object.getOwnPropertyNames(value).map(key => [key, item(key, `${path}.${key}`)]));
}

/**
 * A number of JSON, but no plain integer (from 1e21 on JSON spells it with an exponent) that no server takes: it would refuse
 * the whole frame, close the line, and be sent the same again, with all that waits behind it.
 */
function isNumber(value: unknown): value is number {
  return Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value) || isHuge(value as number));
}

const isHuge = (value: number) => Math.abs(value) >= 1e21;

/** Whether it is its items, or its columns, and nothing else. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return Object.keys(value).length <= value.length;
  const prototype = Object.getPrototypeOf(value);
  // Objects of another realm (an iframe's) have a prototype of their own, whose prototype is null as well.
  return (
    (prototype === null || Object.getPrototypeOf(prototype) === null) &&
    typeof (value as {toJSON?: unknown}).toJSON !== 'function' &&
    Reflect.ownKeys(value).every(key => typeof key === 'string' && key !== '__proto__')
  );
}

/** A getter may throw. */
function read(value: object, key: string | number, path: string): unknown {
  try {
    return (value as Record<string | number, unknown>)[key];
  } catch (cause) {
    throw new Flaw(path, undefined, {cause});
  }
}
