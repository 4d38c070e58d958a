/** The body of an operation as one text, however its keys were ordered: what its identity is checked by. */
import {createHash} from 'node:crypto';
import type {Json, WireOperation} from '../../src/protocol/protocol.js';

/** `seq` and `timestamp` are not the body: a database that took a new instance numbers its outbox anew. */
export function bodyHash(op: WireOperation): string {
  const {type, entityType, entityId, payload, partial, base} = op;
  const body = canonical([type, entityType ?? null, entityId ?? null, payload ?? null, partial ?? false, base ?? null]);
  return createHash('sha256').update(body).digest('base64url');
}

export function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}
