/** What a person's own writes make of the server's rows until those have come back. */
import {compareLsn, isObject, type JsonObject} from '../protocol/protocol.js';
import {NumberedMap} from './numbered-map.js';
import type {OutboxRecord} from './queue.js';

type Edit = (row: JsonObject | undefined) => JsonObject | undefined;

/** Where the rows that the overlay lies on reach. */
export interface Reach {
  generation: string;
  lsn: string;
}

/** The operations on one row in their order, and what they amount to; undefined until somebody asks. */
interface Stack {
  records: NumberedMap<OutboxRecord>;
  edit: Edit | undefined;
}

/** The rows of one type that have any. `edits` is what readers hold: made anew after a change, never changed. */
interface Layer {
  stacks: Map<string, Stack>;
  edits: ReadonlyMap<string, Edit> | undefined;
}

/** Kept up record by record: a change costs what lies on its own row, and that only when somebody looks. */
export class Overlay {
  readonly #layers = new Map<string, Layer>();
  /** Those that the server has taken: they end once the rows have reached them. */
  readonly #answered = new Map<number, OutboxRecord>();
  #reach: Reach | undefined;

  observe(seq: number, after: OutboxRecord | undefined, before: OutboxRecord | undefined): void {
    if (after && covers(after, this.#reach)) {
      // The payload of what is done is forgotten, while the rows of this tab may be a moment behind.
      this.#lay(seq, after.stage === 'done' && before?.payload ? {...after, payload: before.payload} : after);
    } else if (before) {
      this.#lift(seq, before);
    }
  }

  /** id → edit, of the rows of a type as they stand at `reach`. */
  edits(type: string, reach: Reach | undefined): ReadonlyMap<string, Edit> | undefined {
    this.#reach = reach;
    for (const [seq, record] of this.#answered) if (!covers(record, reach)) this.#lift(seq, record);
    const layer = this.#layers.get(type);
    if (!layer) return undefined;
    layer.edits ??= new Map(
      [...layer.stacks].map(([id, stack]) => {
        stack.edit ??= editOf([...stack.records.values()]);
        return [id, stack.edit];
      }),
    );
    return layer.edits;
  }

  #lay(seq: number, record: OutboxRecord): void {
    const {entityType, entityId} = record;
    if (entityType === undefined || entityId === undefined || !isWrite(record)) return;
    const layer = this.#layers.get(entityType) ?? {stacks: new Map<string, Stack>(), edits: undefined};
    this.#layers.set(entityType, layer);
    const stack = layer.stacks.get(entityId) ?? {records: new NumberedMap(), edit: undefined};
    layer.stacks.set(entityId, stack);
    stack.records.set(seq, record);
    stack.edit = undefined;
    layer.edits = undefined;
    if (record.lsn === undefined) this.#answered.delete(seq);
    else this.#answered.set(seq, record);
  }

  #lift(seq: number, {entityType = '', entityId = ''}: OutboxRecord): void {
    this.#answered.delete(seq);
    const layer = this.#layers.get(entityType);
    const stack = layer?.stacks.get(entityId);
    if (!layer || !stack?.records.delete(seq)) return;
    stack.edit = undefined;
    layer.edits = undefined;
    if (stack.records.size === 0) layer.stacks.delete(entityId);
    if (layer.stacks.size === 0) this.#layers.delete(entityType);
  }
}

/** Whether the rows may still be without this operation. One the server took counts until the rows have reached it. */
function covers(record: OutboxRecord, reach: Reach | undefined): boolean {
  if (record.stage === 'queued' || record.stage === 'sent') return true;
  if (record.stage === 'failed') return false;
  // What is done was seen by the leader, in a history that may be gone; this tab may be a moment behind.
  if (record.stage === 'done' && record.generation !== reach?.generation) return false;
  return !hasReached(reach, record);
}

/** Whether rows that reach so far hold what the server applied. An answer of another history says nothing of this one. */
export function hasReached(reach: Reach | undefined, {generation, lsn}: {generation?: string; lsn?: string}): boolean {
  if (!reach || lsn === undefined) return false;
  return generation === reach.generation && compareLsn(reach.lsn, lsn) >= 0;
}

function isWrite({type, payload}: OutboxRecord): boolean {
  return type === 'delete' || (type === 'upsert' && isObject(payload));
}

/** As the server does it: `upsert` merges columns, `partial` needs a row to merge into. */
function editOf(records: readonly OutboxRecord[]): Edit {
  return row => {
    let seen = row && {...row};
    for (const {type, payload, partial} of records) {
      if (type === 'delete') seen = undefined;
      else if (seen || !partial) seen = Object.assign(seen ?? {}, payload);
    }
    return seen;
  };
}
