/** One card: grip, title, who does it, and the mark of what is not saved yet. */
import {html, nothing, type TemplateResult} from 'lit';
import type {BoardUi, CardActions} from './board-ui.js';
import {cardMenu} from './card-menu.js';
import {clockIcon, gripIcon, moreIcon, warningIcon} from './icons.js';
import {COLUMNS, hueOf, PEOPLE, type Task} from './task.js';

export interface CardModel {
  task: Task;
  /** Place in its column and how many stand there. */
  index: number;
  size: number;
  unsaved: boolean;
  refused: boolean;
}

export function cardView(model: CardModel, ui: BoardUi, actions: CardActions): TemplateResult {
  const {task, unsaved} = model;
  const open = ui.menu === task.id;
  const classes = ['card', unsaved && 'unsaved', open && 'menu-open', ui.drop?.id === task.id && 'lifted'];
  return html`<li class=${classes.filter(Boolean).join(' ')} data-id=${task.id}>
    <button
      class="grip"
      type="button"
      aria-label=${`Move ${task.title}`}
      aria-describedby="grip-help"
      @keydown=${(event: KeyboardEvent) => nudge(event, model, actions)}
    >
      ${gripIcon}
    </button>
    ${ui.editing === task.id ? editor(task, actions) : title(task, actions)}
    <button
      class="more"
      type="button"
      aria-label=${`More for ${task.title}`}
      aria-haspopup="menu"
      aria-expanded=${open}
      @click=${() => actions.menu(ui.menu === task.id ? undefined : task.id)}
    >
      ${moreIcon}
    </button>
    <div class="meta">${who(task, actions)} ${mark(model)}</div>
    ${open ? cardMenu(model, actions) : nothing}
  </li>`;
}

function title(task: Task, actions: CardActions): TemplateResult {
  return html`<button class="title" type="button" dir="auto" @click=${() => actions.edit(task.id)}>
    ${task.title || 'Untitled'}
  </button>`;
}

function editor(task: Task, actions: CardActions): TemplateResult {
  const save = (event: Event) => actions.rename(task, (event.target as HTMLTextAreaElement).value);
  const keydown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) save(event);
    else if (event.key === 'Escape') actions.edit(undefined);
    else return;
    event.preventDefault();
  };
  return html`<textarea
    class="title"
    rows="2"
    dir="auto"
    aria-label="Title"
    .value=${task.title}
    @keydown=${keydown}
    @blur=${save}
  ></textarea>`;
}

function who(task: Task, actions: CardActions): TemplateResult {
  const name = task.assignee;
  const names = !name || PEOPLE.some(person => person === name) ? PEOPLE : [name, ...PEOPLE];
  const avatar = name
    ? html`<span class="avatar hue-${hueOf(name)}" aria-hidden="true">${[...name][0]}</span>`
    : html`<span class="avatar nobody" aria-hidden="true"></span>`;
  return html`<label class="who">
    ${avatar}
    <select
      aria-label=${`Who does ${task.title}`}
      @change=${(event: Event) => actions.assign(task, (event.target as HTMLSelectElement).value)}
    >
      <option value="" ?selected=${!name}>Nobody yet</option>
      ${names.map(person => html`<option value=${person} ?selected=${person === name}>${person}</option>`)}
    </select>
  </label>`;
}

function mark({unsaved, refused}: CardModel): TemplateResult | typeof nothing {
  if (refused) return html`<span class="mark failed">${warningIcon} Refused</span>`;
  return unsaved
    ? html`<span class="mark" title="Saved on this device, not at the server yet">${clockIcon} Waiting</span>`
    : nothing;
}

/** The arrow keys on the grip carry the card. Left and right are where the reader sees the columns. */
function nudge(event: KeyboardEvent, {task, index, size}: CardModel, actions: CardActions): void {
  const rtl = getComputedStyle(event.target as Element).direction === 'rtl';
  const at = COLUMNS.findIndex(({status}) => status === task.status);
  const sideways = {ArrowLeft: rtl ? 1 : -1, ArrowRight: rtl ? -1 : 1}[event.key];
  const upright = {ArrowUp: -1, ArrowDown: 1}[event.key];
  if (sideways !== undefined) {
    const column = COLUMNS[at + sideways];
    if (column) actions.move(task, column.status, 0);
  } else if (upright !== undefined) {
    const next = index + upright;
    if (next >= 0 && next < size) actions.move(task, task.status, next);
  } else {
    return;
  }
  event.preventDefault();
}
