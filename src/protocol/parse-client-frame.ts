/** What a server takes from a client: the client is hostile until each field has been looked at. */
import {badFrame, compact, count, flag, id, lsn, need, optional, own, parseObject, text, time} from './check.js';
import type {ClientFrame, SyncFrame, Want, WireOperation} from './frames.js';
import {isObject, isTypeName, type Json} from './json.js';
import {findFlaw, hasUnsafeInteger} from './json-flaws.js';
import {readWants} from './subscription.js';

/** A frame of a type that is none of the protocol's. */
export interface UnknownFrame {
  unknown: true;
  type: string;
}

/**
 * Parses and validates one text frame. Payloads are checked for depth and numbers only: whether one fits its table is
 * for the operation to say, so that one bad operation does not close the connection.
 * @param limit characters, default 1 MiB
 * @throws SyncError `bad-frame`, `frame-too-large`
 */
export function parseClientFrame(source: string, limit = 1024 * 1024): ClientFrame | UnknownFrame {
  const frame = parseObject(source, limit);
  const type = text(frame, 'type', 255);
  switch (type) {
    case 'sync':
      return sync(frame);
    case 'received':
      return {type, stream: count(frame, 'stream'), n: count(frame, 'n')};
    case 'operations':
      return {type, ops: operations(frame, source), settled: count(frame, 'settled')};
    case 'token':
      return {type, token: text(frame, 'token', 16_384)};
    case 'ping':
    case 'pong':
      return {type, t: time(frame, 't')};
    default:
      return {unknown: true, type};
  }
}

function sync(frame: Record<string, unknown>): SyncFrame {
  return compact({
    type: 'sync',
    protocol: count(frame, 'protocol'),
    clientId: id(frame, 'clientId'),
    instance: id(frame, 'instance'),
    epoch: count(frame, 'epoch'),
    stream: count(frame, 'stream'),
    subject: optional(frame, 'subject', id),
    token: optional(frame, 'token', (own, field) => text(own, field, 16_384)),
    generation: optional(frame, 'generation', id),
    lastLSN: optional(frame, 'lastLSN', lsn),
    mark: optional(frame, 'mark', text),
    have: optional(frame, 'have', text),
    had: optional(frame, 'had', (own, field) => (own[field] === 'all' ? 'all' : wants(own, field))),
    want: optional(frame, 'want', wants),
    snapshot: optional(frame, 'snapshot', snapshot),
    settled: count(frame, 'settled'),
    window: count(frame, 'window'),
  });
}

function snapshot(frame: Record<string, unknown>, field: string): {lsn: string; cursor: string} {
  const value = own(frame, field);
  if (!isObject(value)) throw badFrame("'snapshot' of 'sync'");
  return {lsn: lsn(value, 'lsn'), cursor: text(value, 'cursor', 8192)};
}

function wants(frame: Record<string, unknown>, field: string): Want[] {
  return need(frame, field, readWants(own(frame, field)));
}

function operations(frame: Record<string, unknown>, source: string): WireOperation[] {
  const list = own(frame, 'ops');
  if (!Array.isArray(list)) throw badFrame("'ops' is not an array");
  let suspicion = false;
  const ops = list.map((item: unknown): WireOperation => {
    if (!isObject(item)) throw badFrame('an operation that is not an object');
    const payload = own(item, 'payload');
    const base = own(item, 'base');
    for (const value of [payload, base]) {
      const flaw = findFlaw(value);
      if (flaw === 'unsafe-integer') suspicion = true;
      else if (flaw) throw badFrame(flaw === 'depth' ? 'a payload too deep' : 'a number out of range');
    }
    return compact({
      id: id(item, 'id'),
      seq: count(item, 'seq'),
      type: need(item, 'type', isTypeName(own(item, 'type')) ? text(item, 'type') : undefined),
      entityType: optional(item, 'entityType', id),
      entityId: optional(item, 'entityId', id),
      payload: payload as Json | undefined,
      partial: optional(item, 'partial', flag),
      base: base as Json | undefined,
      timestamp: time(item, 'timestamp'),
    });
  });
  if (suspicion && hasUnsafeInteger(source)) throw badFrame('an integer beyond 2^53; send it as a string');
  return ops;
}
