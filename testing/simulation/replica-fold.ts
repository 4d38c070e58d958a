/** What a journal says, read by the letter of src/database/database.ts and by none of its code. */
import type {Checkpoint, JournalRecord, Stage} from '../../src/database/database.js';
import type {Change, JsonObject} from '../../src/protocol/protocol.js';
import type {Stores} from './disk.js';
import type {Wants} from './wishes.js';

export interface Durable {
  checkpoint: Checkpoint | undefined;
  epoch: number | undefined;
  stage: Stage | undefined;
}

export function durableOf(stores: Stores): Durable {
  const meta = stores.get('meta')?.rows;
  return {
    checkpoint: meta?.get('checkpoint') as Checkpoint | undefined,
    epoch: meta?.get('epoch') as number | undefined,
    stage: meta?.get('stage') as Stage | undefined,
  };
}

/** 'type/id' → row as JSON: what a reader that opens the database now has to show. */
export function foldJournal(stores: Stores): Map<string, string> {
  const base = Number(stores.get('meta')?.rows.get('base') ?? 0);
  const end = durableOf(stores).stage?.from ?? Number.POSITIVE_INFINITY;
  const rows = new Map<string, string>();
  let parts: Change[] = [];
  const records = [...(stores.get('journal')?.rows ?? [])] as [number, JournalRecord][];
  records.sort(([a], [b]) => a - b);
  for (const [sequence, record] of records) {
    if (sequence < base || sequence >= end) continue;
    if (record.kind !== 'rows' && record.kind !== 'changes') continue;
    const changes = changesOf(record);
    if (record.kind === 'rows' || record.part === undefined) {
      apply(rows, changes);
      continue;
    }
    if (record.part === 1) parts = [];
    parts.push(...changes);
    if (record.final) apply(rows, parts);
    if (record.final) parts = [];
  }
  return rows;
}

const parsed = new WeakMap<JournalRecord, Change[]>();

function changesOf(record: JournalRecord & {text: string}): Change[] {
  const known = parsed.get(record);
  if (known) return known;
  const {changes} = JSON.parse(record.text) as {changes: Change[]};
  parsed.set(record, changes);
  return changes;
}

function apply(rows: Map<string, string>, changes: readonly Change[]): void {
  for (const {type, entityType, entityId, data, partial} of changes) {
    const place = `${entityType}/${entityId}`;
    const base = partial ? (JSON.parse(rows.get(place) ?? '{}') as JsonObject) : {};
    if (type === 'delete') rows.delete(place);
    else rows.set(place, JSON.stringify({...base, ...data}));
  }
}

/**
 * The first difference between the rows that a subject holds and those it should, or undefined.
 * @param all of the server's rows
 * @param wants of which any lets a row through
 */
export function difference(
  held: ReadonlyMap<string, string>,
  all: ReadonlyMap<string, string>,
  subject: string,
  wants: readonly Wants[],
): string | undefined {
  for (const place of new Set([...held.keys(), ...all.keys()])) {
    const row = all.get(place);
    const due = row !== undefined && mayBeSeenBy(subject, place) && isWanted(wants, place, row) ? row : undefined;
    if (held.get(place) !== due) return `${place}: ${short(held.get(place))} instead of ${short(due)}`;
  }
  return undefined;
}

function mayBeSeenBy(subject: string, place: string): boolean {
  return subject === 'anonymous' || !place.startsWith('own/') || place.startsWith(`own/${subject}-`);
}

/** Whether any of these lets a row through. @param place 'type/id' @param row as JSON */
function isWanted(all: readonly Wants[], place: string, row: string): boolean {
  const [type] = place.split('/', 1);
  return all.some(wants => {
    if (!wants) return true;
    return wants.some(want => {
      if (typeof want === 'string') return want === type;
      const columns = JSON.parse(row) as JsonObject;
      return want.type === type && Object.entries(want.where ?? {}).every(([name, value]) => columns[name] === value);
    });
  });
}

/** The mark as the server made it, without the permissions that it adds. */
export function markOf(checkpoint: Checkpoint | undefined): string {
  return checkpoint?.mark?.split('~', 1)[0] ?? '';
}

function short(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.slice(0, 200);
}
