/** The three columns. */
import {html, nothing, type TemplateResult} from 'lit';
import {repeat} from 'lit/directives/repeat.js';
import type {BoardStore} from './board-store.js';
import type {BoardUi, CardActions} from './board-ui.js';
import {cardView} from './card-view.js';
import {COLUMNS, type Status, type Task} from './task.js';

export function boardView(store: BoardStore, ui: BoardUi, actions: CardActions): TemplateResult {
  return html`<p id="grip-help" hidden>Arrow keys carry the card up, down, and to the next column.</p>
    <div class="columns" aria-busy=${store.tasks === undefined}>
      ${COLUMNS.map(({status, name}) => columnView(store, ui, actions, status, name))}
    </div>`;
}

function columnView(
  store: BoardStore,
  ui: BoardUi,
  actions: CardActions,
  status: Status,
  name: string,
): TemplateResult {
  const tasks = store.column(status);
  const loading = store.tasks === undefined;
  const refused = new Set(store.refused.map(({entityId}) => entityId));
  const card = (task: Task, index: number) =>
    cardView(
      {task, index, size: tasks.length, unsaved: store.unsaved.has(task.id), refused: refused.has(task.id)},
      ui,
      actions,
    );
  return html`<section class="column ${status}" aria-labelledby="column-${status}" data-status=${status}>
    <h2 id="column-${status}">${name} <span class="count">${loading ? '' : tasks.length}</span></h2>
    ${
      loading
        ? html`<ul class="cards loading" aria-label="Loading">${[1, 2].map(() => html`<li class="card"></li>`)}</ul>`
        : html`<ul class="cards">${repeat(withDrop(tasks, ui, status), keyOf, item => ('drop' in item ? item.drop : card(item, tasks.indexOf(item))))}</ul>`
    }
    ${!loading && tasks.length === 0 && !ui.drop ? html`<p class="empty">Nothing here.</p>` : nothing}
    <form class="add" @submit=${(event: SubmitEvent) => submit(event, status, actions)}>
      <input name="title" autocomplete="off" aria-label=${`Add to ${name}`} placeholder="+ Add a task" ?disabled=${loading}>
    </form>
  </section>`;
}

type Item = Task | {drop: TemplateResult};

const keyOf = (item: Item) => ('drop' in item ? 'drop' : item.id);

/** The column with a line where the carried card would land. */
function withDrop(tasks: readonly Task[], ui: BoardUi, status: Status): Item[] {
  const {drop} = ui;
  if (drop?.status !== status) return [...tasks];
  const others = tasks.filter(task => task.id !== drop.id);
  const next = others[drop.index];
  const line: Item = {drop: html`<li class="drop" role="presentation"></li>`};
  return tasks.toSpliced(next ? tasks.indexOf(next) : tasks.length, 0, ...([line] as never[]));
}

function submit(event: SubmitEvent, status: Status, actions: CardActions): void {
  event.preventDefault();
  const input = (event.target as HTMLFormElement).elements.namedItem('title') as HTMLInputElement;
  const title = input.value.trim();
  if (title) actions.add(status, title);
  input.value = '';
}

export function shorten(text: string, length = 60): string {
  const letters = [...text];
  return letters.length > length ? `${letters.slice(0, length - 1).join('')}…` : text;
}
