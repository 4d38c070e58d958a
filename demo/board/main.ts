/** The board page: wires the data, what people do, and the drawing together. */
import 'sync-elements/define';
import {render} from 'lit';
import {announce} from '../shared/announce.js';
import {deviceNumber, find, setUpProvider} from '../shared/page.js';
import {BoardStore} from './board-store.js';
import type {BoardUi, CardActions} from './board-ui.js';
import {boardView, shorten} from './board-view.js';
import {enableDrag} from './drag.js';
import {gliding} from './flip.js';
import {setUpQueues} from './queues.js';
import {columnName} from './task.js';
import {toast} from './toast.js';

const board = find<HTMLElement>('#board');
const toasts = find<HTMLElement>('#toast');

const device = deviceNumber();
const provider = setUpProvider(device > 1 ? `board-${device}` : 'board');
if (device > 1) find('#title').textContent = `Team board, on device ${device}`;
find<HTMLAnchorElement>('#second').href = location.href;
const another = find<HTMLAnchorElement>('#device');
another.href = `?device=${device + 1}`;
if (device > 1) another.textContent = 'Open as another device';

const ui: BoardUi = {editing: undefined, menu: undefined, drop: undefined};
/** What gets the focus once it is drawn. */
let focusNext: string | undefined;
let drawing = false;

/** Draws once a frame at the most, however much happens; in a tab nobody sees there are no frames, and no need. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const held = focusedPart();
    gliding(board, () => {
      render(boardView(store, ui, actions), board);
    });
    const target = focusNext && board.querySelector<HTMLElement>(focusNext);
    if (target) {
      target.focus();
      if (target instanceof HTMLTextAreaElement) target.select();
      focusNext = undefined;
    } else if (held && document.activeElement === document.body) {
      board.querySelector<HTMLElement>(held)?.focus();
    }
  });
}

/** A card that goes to another column is another element there, whoever moved it: the focus has to be carried along. */
function focusedPart(): string | undefined {
  const focused = document.activeElement;
  const id = focused?.closest<HTMLElement>('.card')?.dataset['id'];
  const part = ['.grip', 'button.title', 'select', '.more'].find(part => focused?.matches(part));
  return id && part && card(id, part);
}

const card = (id: string, part: string) => `.card[data-id="${CSS.escape(id)}"] ${part}`;

/** Writes don't wait for a server; what fails here never was written down. */
function write(work: Promise<unknown>): void {
  work.catch(error => announce(`That could not be saved: ${error instanceof Error ? error.message : error}`));
}

const actions: CardActions = {
  edit(id) {
    if (id) focusNext = card(id, 'textarea');
    else if (ui.editing) focusNext = card(ui.editing, 'button.title');
    ui.editing = id;
    draw();
  },
  rename(task, title) {
    if (ui.editing !== task.id) return;
    const trimmed = title.trim();
    if (trimmed && trimmed !== task.title) write(store.patch(task.id, {title: trimmed}));
    // Enter leaves the focus at the title; a click elsewhere has already taken it there.
    if (document.activeElement instanceof HTMLTextAreaElement) focusNext = card(task.id, 'button.title');
    ui.editing = undefined;
    draw();
  },
  assign(task, assignee) {
    write(store.patch(task.id, {assignee}));
    announce(assignee ? `${shorten(task.title)}: ${assignee}` : `${shorten(task.title)}: nobody`);
  },
  menu(id) {
    ui.menu = id;
    if (id) focusNext = card(id, '.menu button:enabled');
    draw();
  },
  move(task, status, index) {
    const place = `${index + 1} of ${store.column(status).filter(({id}) => id !== task.id).length + 1}`;
    focusNext = card(task.id, '.grip');
    write(store.move(task, status, index));
    announce(`${shorten(task.title)}: ${columnName(status)}, ${place}`);
  },
  remove(task) {
    write(store.remove(task.id));
    const name = `Deleted “${shorten(task.title, 40)}”`;
    announce(name);
    focusNext = `[data-status=${task.status}] .add input`;
    toast(toasts, name, 'Undo', () => {
      write(store.put(task));
      focusNext = card(task.id, '.grip');
      announce(`Restored ${shorten(task.title)}`);
    });
  },
  add(status, title) {
    write(store.add(status, title));
    announce(`Added to ${columnName(status)}`);
  },
};

const store = new BoardStore(provider, draw);
setUpQueues(provider, store);
enableDrag(board, {
  over(drop) {
    ui.drop = drop;
    if (drop) ui.menu = undefined;
    draw();
  },
  dropped(drop) {
    const task = store.find(drop.id);
    if (task) actions.move(task, drop.status, drop.index);
  },
});
document.addEventListener('pointerdown', event => {
  if (ui.menu && !(event.target as Element).closest('.menu, .more')) actions.menu(undefined);
});
draw();
