/** Which operations go out next: a pure function of the outbox and of what is under way. */
import {entityKey, isUnanswered, type OutboxRecord} from './queue.js';

export interface SendLimits {
  /** Operations under way at once, and in one frame. */
  count: number;
  /** Bytes of those in one frame. */
  bytes: number;
}

export interface SendState {
  /** Sent on this connection and not answered. */
  inFlight: ReadonlySet<string>;
  /** Refused for now: when to try again. */
  notBefore: ReadonlyMap<string, number>;
  now: number;
}

export interface Outgoing {
  seq: number;
  record: OutboxRecord;
}

/**
 * Oldest first, higher priority before that. Within a key nothing overtakes: a key with one under way waits, though
 * successors may stand behind it in the same frame, and one that waits for another (`after`, a later try) holds back those
 * behind it. What stands before an urgent one of its key is as urgent as that.
 */
export function selectSendable(
  records: ReadonlyMap<number, OutboxRecord>,
  state: SendState,
  limits: SendLimits,
): Outgoing[] {
  const unsettled = new Set<string>();
  const queues = new Map<string, Outgoing[]>();
  for (const [seq, record] of records) {
    if (!isUnanswered(record)) continue;
    unsettled.add(record.id);
    const queue = queues.get(record.key);
    if (queue) queue.push({seq, record});
    else queues.set(record.key, [{seq, record}]);
  }
  const ready: (Outgoing & {urgency: number})[] = [];
  for (const queue of queues.values()) {
    let urgency = Number.NEGATIVE_INFINITY;
    for (const outgoing of readyHead(queue, state, unsettled).reverse()) {
      urgency = Math.max(urgency, outgoing.record.priority);
      ready.push({...outgoing, urgency});
    }
  }
  ready.sort((a, b) => b.urgency - a.urgency || a.seq - b.seq);
  let room = limits.count - state.inFlight.size;
  let bytes = 0;
  const chosen: Outgoing[] = [];
  for (const {seq, record} of ready) {
    if (--room < 0 || (chosen.length > 0 && bytes + record.bytes > limits.bytes)) break;
    bytes += record.bytes;
    chosen.push({seq, record});
  }
  return chosen;
}

/** The head of a key's queue that may go out together. */
function readyHead(queue: readonly Outgoing[], state: SendState, unsettled: ReadonlySet<string>): Outgoing[] {
  if (queue.some(({record}) => state.inFlight.has(record.id))) return [];
  const waits = ({record}: Outgoing) =>
    (state.notBefore.get(record.id) ?? 0) > state.now || (record.after ?? []).some(id => unsettled.has(id));
  const blocked = queue.findIndex(waits);
  const ready = queue.slice(0, blocked < 0 ? undefined : blocked);
  // The server keeps order within an entity. Within a key of the application's own nobody but we do: one at a time.
  const first = ready.findIndex(({record}) => record.key !== entityKey(record));
  return first < 0 ? ready : ready.slice(0, Math.max(1, first));
}
