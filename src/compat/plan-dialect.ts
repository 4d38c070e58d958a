/**
 * The plan's own vocabulary: `sync`, `sync_request`, `changes`, `batch_update`, `entity_*`, `sync_*`, and no answer to an
 * operation, ever. The file is complete in itself when built: the worker loads it by its address.
 *
 * Its frames become a chain of our own. Each that carries rows gets the position of its LSN, or the next one where it has
 * none; the plan's LSN, by which the server is greeted, goes along as the mark, and commits with the rows. An operation is
 * laid into the rows when it is sent, as the server will say at most once, by a change of the row, what became of it.
 * Such a server sends all it has at once: what is more than the client has room for waits here.
 */
import {pageClock} from '../platform/browser-page.js';
import {
  type Change,
  type ClientFrame,
  compareLsn,
  type Dialect,
  type DialectLine,
  formatLsn,
  isObject,
  LSN_ZERO,
  type Lsn,
  parseLsn,
  SyncError,
  type SyncFrame,
  type WireOperation,
} from '../protocol/protocol.js';
import {type PlanRows, planRows} from './plan-frames.js';

/** Of a history that never says when it becomes another. */
const GENERATION = 'plan';
/** Whom a server takes us for that knows no users. */
const ANYBODY = 'anybody';
const LIMITS = {operation: 1024 * 1024, frame: 8 * 1024 * 1024, operations: 100};
const HEARTBEAT = 15_000;

export default function planDialect(line: DialectLine): Dialect {
  return new PlanDialect(line);
}

class PlanDialect implements Dialect {
  readonly #line: DialectLine;
  #stream = 0;
  #n = 0;
  #position: Lsn = LSN_ZERO;
  /** The server's own LSN; `#position` may be ahead of it. */
  #seen: Lsn = LSN_ZERO;
  /** Characters that the client still has room for. */
  #room = 0;
  /** By number: frames for which there is none yet, and the lengths of those that it has and has not said it keeps. */
  readonly #held = new Map<number, string>();
  readonly #given = new Map<number, number>();

  constructor(line: DialectLine) {
    this.#line = line;
  }

  send(frame: ClientFrame): void {
    switch (frame.type) {
      case 'sync':
        return this.#greet(frame);
      case 'operations':
        for (const op of frame.ops) this.#operate(op);
        return;
      case 'ping':
        // It has no word for it. Whether it is still there shows only when it says something.
        return this.#hear({type: 'pong', t: frame.t});
      case 'received':
        return this.#kept(frame);
      case 'pong':
      case 'token':
        return;
    }
  }

  receive(text: string): void {
    const frame = parse(text);
    // What can't be read is for the client to complain of.
    if (!frame) return this.#line.hear(text);
    switch (frame['type']) {
      case 'changes':
      case 'sync_data':
      case 'sync_complete':
      case 'batch_update':
      case 'entity_update':
      case 'entity_delete':
        return this.#rows(frame);
      case 'sync_error': {
        const {code, message} = frame;
        return this.#hear({type: 'sync_error', code: word(code) ?? 'server-error', message: word(message) ?? ''});
      }
      case 'sync_start':
        return;
      default:
        // `sync_request`, and what is the application's own. Words of ours that are none of the plan's mean nothing.
        if (!OURS.test(String(frame['type']))) this.#line.hear(text);
    }
  }

  #greet({stream, protocol, clientId, subject = ANYBODY, generation, lastLSN, mark, token, window}: SyncFrame): void {
    // It would be taken for the same one with anybody's token, and see what the one before had.
    if (token !== undefined && subject === ANYBODY)
      throw new SyncError('invalid-options', 'A server of the plan does not say whose a token is: give `user` as well');
    const goesOn = generation === GENERATION && lastLSN !== undefined;
    this.#stream = stream;
    this.#n = 0;
    this.#room = window;
    this.#held.clear();
    this.#given.clear();
    this.#position = goesOn ? lastLSN : LSN_ZERO;
    this.#seen = (goesOn && mark) || LSN_ZERO;
    this.#line.send(JSON.stringify({type: 'sync', clientId, lastLSN: this.#seen, token}));
    const now = pageClock.now();
    const at = {generation: GENERATION, lsn: this.#position};
    this.#hear({
      ...{type: 'welcome', protocol, subject, generation: GENERATION, headLSN: this.#position, serverTime: now},
      ...{heartbeat: HEARTBEAT, limits: LIMITS, confirms: false},
    });
    // A snapshot of nothing, which all that the server then sends is added to: it has no other.
    this.#hear({type: 'sync_start', stream, mode: goesOn ? 'live' : 'snapshot', mark: this.#seen, ...at});
    if (!goesOn) this.#hear({type: 'sync_complete', stream, ...at});
  }

  #rows(frame: Record<string, unknown>): void {
    let rows: PlanRows | undefined;
    try {
      rows = planRows(frame);
    } catch {
      // Nothing may be skipped: this is no frame of ours either, and the client begins again from what is durable.
      return this.#hear({type: 'changes'});
    }
    if (!rows) return;
    const {changes, lsn = this.#seen} = rows;
    if (compareLsn(lsn, this.#seen) < 0) return;
    this.#seen = lsn;
    this.#advance(changes);
  }

  /** @param changes the client looks at them as at any server's */
  #advance(changes: unknown): void {
    const prevLSN = this.#position;
    const next = formatLsn((parseLsn(prevLSN) ?? 0n) + 1n);
    this.#position = compareLsn(this.#seen, prevLSN) > 0 ? this.#seen : next;
    const n = ++this.#n;
    const at = {stream: this.#stream, n, prevLSN, lsn: this.#position, mark: this.#seen};
    const isEmpty = Array.isArray(changes) && changes.length === 0;
    const frame = isEmpty ? {type: 'head', ...at, serverTime: pageClock.now()} : {type: 'changes', ...at, changes};
    this.#held.set(n, JSON.stringify(frame));
    this.#give();
  }

  /** As much as there is room for, or one frame of any size. */
  #give(): void {
    for (const [n, text] of this.#held) {
      if (text.length > this.#room && this.#given.size > 0) return;
      this.#held.delete(n);
      this.#given.set(n, text.length);
      this.#room -= text.length;
      this.#line.hear(text);
    }
  }

  #kept({stream, n: last}: Extract<ClientFrame, {type: 'received'}>): void {
    if (stream !== this.#stream) return;
    for (const [n, length] of this.#given) {
      if (n > last) break;
      this.#given.delete(n);
      this.#room += length;
    }
    this.#give();
  }

  #operate(op: WireOperation): void {
    const {id, type, entityType = '', entityId = '', payload, partial, timestamp} = op;
    switch (type) {
      case 'upsert': {
        this.#line.send(JSON.stringify({...op, type: 'entity_update', data: payload, payload: undefined, partial}));
        const data = isObject(payload) ? (payload as NonNullable<Change['data']>) : {};
        this.#advance([{type: 'update', entityType, entityId, data, timestamp, partial: true}]);
        break;
      }
      case 'delete':
        this.#line.send(JSON.stringify({...op, type: 'entity_delete'}));
        this.#advance([{type: 'delete', entityType, entityId, timestamp}]);
        break;
      case 'send_message':
        this.#line.send(JSON.stringify(payload));
        break;
      default:
        this.#line.send(JSON.stringify(op));
    }
    this.#hear({type: 'operation_ack', id, status: 'sent', generation: GENERATION, lsn: this.#position});
  }

  #hear(frame: Record<string, unknown>): void {
    this.#line.hear(JSON.stringify(frame));
  }
}

const OURS = /^(welcome|head|reset|large_frame|operation_n?ack|p[io]ng)$/;

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return isObject(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, 255) : undefined;
}
