import {createEffect, createSignal, For, from, Show} from 'solid-js';
import {createStore, reconcile} from 'solid-js/store';
import {COLUMNS, newTask, tasksIn} from './tasks.js';

export function Board(props) {
  const rows = from(props.provider.live('task'));
  // A store, so that a row that changed is the same card with another title.
  const [tasks, setTasks] = createStore([]);
  createEffect(() => setTasks(reconcile(rows() ?? [])));

  const add = (event, status) => {
    event.preventDefault();
    const {title} = event.target.elements;
    const task = newTask(tasks, status, title.value.trim());
    if (task.title) props.provider.put('task', task.id, task);
    event.target.reset();
  };

  return (
    <div class="columns" aria-busy={!rows()}>
      <For each={COLUMNS}>
        {({status, name}) => (
          <section class={`column ${status}`} aria-label={name}>
            <h2>
              {name} <span class="count">{rows() && tasksIn(tasks, status).length}</span>
            </h2>
            <ul class="cards">
              <For each={tasksIn(tasks, status)}>{task => <Card task={task} provider={props.provider} />}</For>
            </ul>
            <form class="add" onSubmit={event => add(event, status)}>
              <input
                name="title"
                autocomplete="off"
                aria-label={`Add to ${name}`}
                placeholder="+ Add a task"
                disabled={!rows()}
              />
            </form>
          </section>
        )}
      </For>
    </div>
  );
}

function Card(props) {
  /** The title while it is being edited. */
  const [draft, setDraft] = createSignal(null);

  const save = event => {
    event.preventDefault();
    const title = draft()?.trim();
    if (title && title !== props.task.title) props.provider.patch('task', props.task.id, {title});
    setDraft(null);
  };

  const title = (
    <button class="title" type="button" dir="auto" onClick={() => setDraft(props.task.title)}>
      {props.task.title}
    </button>
  );
  return (
    <li class="card plain" data-id={props.task.id}>
      <Show when={draft() !== null} fallback={title}>
        <form onSubmit={save}>
          <input
            class="title"
            aria-label="Title"
            dir="auto"
            ref={input => queueMicrotask(() => input.focus())}
            value={draft() ?? ''}
            onInput={event => setDraft(event.target.value)}
            onBlur={save}
            onKeyDown={event => event.key === 'Escape' && setDraft(null)}
          />
        </form>
      </Show>
      <button
        class="more"
        type="button"
        aria-label={`Delete ${props.task.title}`}
        onClick={() => props.provider.remove('task', props.task.id)}
      >
        ×
      </button>
      <div class="meta">
        <select
          class="column-picker"
          aria-label={`Column of ${props.task.title}`}
          value={props.task.status}
          onChange={event => props.provider.patch('task', props.task.id, {status: event.target.value})}
        >
          <For each={COLUMNS}>{({status, name}) => <option value={status}>{name}</option>}</For>
        </select>
        {props.task.assignee}
      </div>
    </li>
  );
}
