import type {QueuedOperation} from 'sync-elements';

/** A row of the server's table `task`. */
export interface Task {
  id: string;
  title: string;
  status: string;
  position: number;
  assignee: string;
}

declare module 'sync-elements' {
  interface Entities {
    task: Task;
  }
}

export const COLUMNS = [
  {status: 'todo', name: 'To do'},
  {status: 'doing', name: 'Doing'},
  {status: 'done', name: 'Done'},
];

/** The tasks of a column; the id breaks ties, so that everyone sees the same order. */
export const tasksIn = (tasks: readonly Task[], status: string): Task[] =>
  tasks.filter(task => task.status === status).sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));

/** A task for the end of a column. */
export const newTask = (tasks: readonly Task[], status: string, title: string): Task => ({
  id: crypto.randomUUID(),
  title,
  status,
  position: Math.max(0, ...tasks.map(({position}) => position)) + 1024,
  assignee: '',
});

/** What the queue calls a change. */
export function nameOf({payload}: QueuedOperation): string | undefined {
  const {title, status} = (payload ?? {}) as Partial<Task>;
  return title ?? (status && `move to ${status}`);
}
