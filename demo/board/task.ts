/** What a task is, and the arithmetic of its place in a column. */
import type {JsonObject} from 'sync-elements';

export const COLUMNS = [
  {status: 'todo', name: 'To do'},
  {status: 'doing', name: 'Doing'},
  {status: 'done', name: 'Done'},
] as const;

export type Status = (typeof COLUMNS)[number]['status'];

export interface Task {
  id: string;
  title: string;
  status: Status;
  position: number;
  assignee: string;
}

export const PEOPLE = ['Ada', 'Amara', 'Grace', 'Kenji', 'Lena', 'Mateo'] as const;
const STEP = 1024;

/** Rows come from a server that others write to as well: whatever is in them, a task comes out. */
export function readTask(row: JsonObject): Task {
  const {id, title, status, position, assignee} = row;
  return {
    id: String(id),
    title: typeof title === 'string' ? title : '',
    status: COLUMNS.find(column => column.status === status)?.status ?? 'todo',
    position: Number(position) || 0,
    assignee: typeof assignee === 'string' ? assignee : '',
  };
}

/** The tasks of a column in their order; the id breaks ties, so that everyone sees the same order. */
export function columnOf(tasks: readonly Task[], status: Status): Task[] {
  return tasks.filter(task => task.status === status).sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

/** A position between the cards at `index - 1` and `index`: only the moved card is written, whoever else moves others. */
export function positionAt(column: readonly Task[], index: number): number {
  const before = column[index - 1]?.position;
  const after = column[index]?.position;
  if (before === undefined) return (after ?? STEP) - STEP;
  if (after === undefined) return before + STEP;
  return (before + after) / 2;
}

/** Whether halving has used up the digits between two neighbours (after some fifty moves into one gap). */
export function isCrowded(column: readonly Task[], index: number): boolean {
  const before = column[index - 1]?.position;
  const after = column[index]?.position;
  const between = positionAt(column, index);
  return before !== undefined && after !== undefined && (between <= before || between >= after);
}

/** Fresh positions with room between them. */
export function spread(column: readonly Task[]): Task[] {
  return column.map((task, index) => ({...task, position: (index + 1) * STEP}));
}

export function columnName(status: Status): string {
  return COLUMNS.find(column => column.status === status)?.name ?? status;
}

/** One of six colours, the same for the same name everywhere. */
export function hueOf(name: string): number {
  const known = (PEOPLE as readonly string[]).indexOf(name);
  if (known >= 0) return known;
  let sum = 0;
  for (const letter of name) sum += letter.codePointAt(0) ?? 0;
  return sum % 6;
}
