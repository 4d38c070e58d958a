/** The menu of a card: everything that dragging does, for those who don't drag. */
import {html, type TemplateResult} from 'lit';
import type {CardActions} from './board-ui.js';
import type {CardModel} from './card-view.js';
import {COLUMNS} from './task.js';

export function cardMenu({task, index, size}: CardModel, actions: CardActions): TemplateResult {
  const item = (label: string, run: () => void, options: {disabled?: boolean; danger?: boolean} = {}) => html`<button
    type="button"
    role="menuitem"
    tabindex="-1"
    class=${options.danger ? 'danger' : ''}
    ?disabled=${options.disabled ?? false}
    @click=${() => {
      actions.menu(undefined);
      run();
    }}
  >
    ${label}
  </button>`;
  return html`<div
    class="menu"
    role="menu"
    aria-label=${`Actions for ${task.title}`}
    @keydown=${(event: KeyboardEvent) => walk(event, actions)}
    @focusout=${(event: FocusEvent) => {
      const menu = event.currentTarget as Element;
      if (event.relatedTarget instanceof Node && !menu.parentElement?.contains(event.relatedTarget))
        actions.menu(undefined);
    }}
  >
    ${item('Edit title', () => actions.edit(task.id))}
    ${COLUMNS.filter(({status}) => status !== task.status).map(({status, name}) =>
      item(`Move to ${name}`, () => actions.move(task, status, 0)),
    )}
    ${item('Move up', () => actions.move(task, task.status, index - 1), {disabled: index === 0})}
    ${item('Move down', () => actions.move(task, task.status, index + 1), {disabled: index === size - 1})}
    ${item('Delete', () => actions.remove(task), {danger: true})}
  </div>`;
}

function walk(event: KeyboardEvent, actions: CardActions): void {
  const menu = event.currentTarget as Element;
  const items = [...menu.querySelectorAll<HTMLButtonElement>('button:enabled')];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1}[event.key];
  if (to !== undefined) {
    items.at(to % items.length)?.focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    menu.parentElement?.querySelector<HTMLElement>('.more')?.focus();
    actions.menu(undefined);
    if (event.key === 'Tab') return;
  } else {
    return;
  }
  event.preventDefault();
}
