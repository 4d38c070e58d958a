/** What is wrong with an operation, in words for a developer. */
import {MAX_DEPTH} from './json.js';
import type {Operation} from './model.js';
import {Flaw, takeOperation} from './take-operation.js';

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
    return takeOperation(operation, maxBytes, uuid);
  } catch (thrown) {
    throw thrown instanceof Flaw ? thrown.refusal(whyOf(thrown)) : thrown;
  }
}

const ID = 'text of 1 to 1,024 characters is needed';
const FIELDS: Readonly<Record<string, string>> = {
  operation: 'not an object',
  type: 'a name of 1 to 255 characters is needed',
  entityType: 'a type name is needed',
  entityId: ID,
  partial: 'true or false',
  priority: 'a number is needed',
  key: ID,
  id: ID,
  after: 'a list of ids is needed, its own not among them',
};

export function whyOf({path, value, cause}: Flaw): string {
  try {
    if (cause === undefined) return FIELDS[path] ?? whyNoJson(value, path);
  } catch {
    // Code of the caller's, once more.
  }
  return 'reading it failed';
}

function whyNoJson(value: unknown, path: string): string {
  const whole = path === 'payload' ? 'an object of columns is needed' : `deeper than ${MAX_DEPTH} levels, or a cycle`;
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) return `${value} is not a JSON number`;
      return Number.isSafeInteger(value) ? whole : `${value} is beyond 2^53; write it as text`;
    case 'object':
      return (value && whyNotPlain(value)) ?? whole;
    case 'string':
    case 'boolean':
      return whole;
    default:
      return `a value of type ${typeof value} is not JSON`;
  }
}

function whyNotPlain(value: object): string | undefined {
  if (Array.isArray(value)) {
    return Object.keys(value).length > value.length ? 'a list with names is not a JSON value' : undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `a ${prototype.constructor?.name ?? 'class instance'} is not a plain object`;
  }
  if (typeof (value as {toJSON?: unknown}).toJSON === 'function') return 'toJSON would change it';
  const keys = Reflect.ownKeys(value);
  if (keys.some(key => typeof key === 'symbol')) return 'a symbol is not a JSON key';
  return keys.includes('__proto__') ? "'__proto__' is not allowed as a column" : undefined;
}
