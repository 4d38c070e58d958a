import {useMemo, useState, useSyncExternalStore} from 'react';
import {COLUMNS, newTask, tasksIn} from './tasks.js';

export function Board({provider}) {
  const live = useMemo(() => provider.live('task'), [provider]);
  // Undefined while loading.
  const tasks = useSyncExternalStore(live.subscribe, () => live.value);

  const add = (event, status) => {
    event.preventDefault();
    const {title} = event.target.elements;
    const task = newTask(tasks, status, title.value.trim());
    if (task.title) provider.put('task', task.id, task);
    event.target.reset();
  };

  return (
    <div className="columns" aria-busy={!tasks}>
      {COLUMNS.map(({status, name}) => (
        <section key={status} className={`column ${status}`} aria-label={name}>
          <h2>
            {name} <span className="count">{tasks && tasksIn(tasks, status).length}</span>
          </h2>
          <ul className="cards">
            {tasks && tasksIn(tasks, status).map(task => <Card key={task.id} task={task} provider={provider} />)}
          </ul>
          <form className="add" onSubmit={event => add(event, status)}>
            <input
              name="title"
              autoComplete="off"
              aria-label={`Add to ${name}`}
              placeholder="+ Add a task"
              disabled={!tasks}
            />
          </form>
        </section>
      ))}
    </div>
  );
}

function Card({task, provider}) {
  /** The title while it is being edited. */
  const [draft, setDraft] = useState(null);

  const save = event => {
    event.preventDefault();
    const title = draft?.trim();
    if (title && title !== task.title) provider.patch('task', task.id, {title});
    setDraft(null);
  };

  return (
    <li className="card plain" data-id={task.id}>
      {draft === null ? (
        <button className="title" type="button" dir="auto" onClick={() => setDraft(task.title)}>
          {task.title}
        </button>
      ) : (
        <form onSubmit={save}>
          <input
            className="title"
            aria-label="Title"
            dir="auto"
            ref={input => input?.focus()}
            value={draft}
            onChange={event => setDraft(event.target.value)}
            onBlur={save}
            onKeyDown={event => event.key === 'Escape' && setDraft(null)}
          />
        </form>
      )}
      <button
        className="more"
        type="button"
        aria-label={`Delete ${task.title}`}
        onClick={() => provider.remove('task', task.id)}
      >
        ×
      </button>
      <div className="meta">
        <select
          className="column-picker"
          aria-label={`Column of ${task.title}`}
          value={task.status}
          onChange={event => provider.patch('task', task.id, {status: event.target.value})}
        >
          {COLUMNS.map(({status, name}) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
        </select>
        {task.assignee}
      </div>
    </li>
  );
}
