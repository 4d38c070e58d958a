/** The rows of the server's table `task`: id, title, status, position, assignee. */
export const COLUMNS = [
  {status: 'todo', name: 'To do'},
  {status: 'doing', name: 'Doing'},
  {status: 'done', name: 'Done'},
];

/** The tasks of a column; the id breaks ties, so that everyone sees the same order. */
export const tasksIn = (tasks, status) =>
  tasks.filter(task => task.status === status).sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));

/** A task for the end of a column. */
export const newTask = (tasks, status, title) => ({
  id: crypto.randomUUID(),
  title,
  status,
  position: Math.max(0, ...tasks.map(({position}) => position)) + 1024,
  assignee: '',
});

/**
 * What the queue calls a change.
 * @param {{payload?: any}} operation
 */
export const nameOf = ({payload}) => payload?.title ?? (payload?.status && `move to ${payload.status}`);
