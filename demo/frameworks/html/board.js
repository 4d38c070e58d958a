/** The board without a framework: what the rows say is drawn into the page; what people do is written to the provider. */
import './sync-elements.js';
import {COLUMNS, nameOf, newTask, tasksIn} from './tasks.js';

const KEY = 'work-offline:board-html';
const find = selector => document.querySelector(selector);
const clone = template => find(template).content.cloneNode(true).firstElementChild;

const provider = find('sync-provider');
const board = find('#board');
const offline = find('#offline');
/** Undefined while loading. */
let tasks;

/** The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it. */
function showOffline() {
  offline.checked = localStorage.getItem(KEY) === 'yes';
  provider.paused = offline.checked;
}
showOffline();
window.addEventListener('storage', showOffline);
offline.addEventListener('change', () => {
  localStorage.setItem(KEY, offline.checked ? 'yes' : 'no');
  showOffline();
});

const columns = COLUMNS.map(({status, name}) => {
  const section = clone('#column');
  section.classList.add(status);
  section.ariaLabel = name;
  section.querySelector('.name').textContent = name;
  const form = section.querySelector('form');
  form.elements.title.ariaLabel = `Add to ${name}`;
  form.addEventListener('submit', event => {
    event.preventDefault();
    const task = newTask(tasks, status, form.elements.title.value.trim());
    if (task.title) provider.put('task', task.id, task);
    form.reset();
  });
  board.append(section);
  return {status, section};
});

/** Cards by id: a task that moves takes its card, and what is being typed there, along. */
const cards = new Map();

function makeCard(id) {
  const element = clone('#card');
  element.dataset.id = id;
  const [button, more] = element.querySelectorAll('button');
  const form = element.querySelector('form');
  const input = form.elements.title;
  const select = element.querySelector('select');
  select.append(...COLUMNS.map(({status, name}) => new Option(name, status)));
  let task;

  const edit = on => {
    form.hidden = !on;
    button.hidden = on;
  };
  const save = event => {
    event.preventDefault();
    if (form.hidden) return;
    const title = input.value.trim();
    if (title && title !== task.title) provider.patch('task', id, {title});
    edit(false);
  };
  button.addEventListener('click', () => {
    input.value = task.title;
    edit(true);
    input.focus();
  });
  form.addEventListener('submit', save);
  input.addEventListener('blur', save);
  input.addEventListener('keydown', event => event.key === 'Escape' && edit(false));
  more.addEventListener('click', () => provider.remove('task', id));
  select.addEventListener('change', () => provider.patch('task', id, {status: select.value}));

  const show = next => {
    task = next;
    button.textContent = task.title;
    more.ariaLabel = `Delete ${task.title}`;
    select.ariaLabel = `Column of ${task.title}`;
    select.value = task.status;
    element.querySelector('.assignee').textContent = task.assignee;
  };
  return {element, show};
}

function draw() {
  board.ariaBusy = String(!tasks);
  for (const {status, section} of columns) {
    const own = tasks ? tasksIn(tasks, status) : [];
    section.querySelector('.count').textContent = tasks ? own.length : '';
    section.querySelector('form').elements.title.disabled = !tasks;
    const list = section.querySelector('ul');
    own.forEach((task, index) => {
      if (!cards.has(task.id)) cards.set(task.id, makeCard(task.id));
      const {element, show} = cards.get(task.id);
      show(task);
      // What stands where it should is left alone: moving an element takes its focus away.
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
    });
  }
  for (const [id, {element}] of cards) {
    if (tasks?.some(task => task.id === id)) continue;
    element.remove();
    cards.delete(id);
  }
}

find('#queue').naming = nameOf;
const pending = find('#pending');
provider.addEventListener('sync-state-change', ({state}) => {
  pending.textContent = state.pending;
});

/** The live list is asked for when the page opens and ended when it closes. */
let stop;
function open() {
  stop = provider.live('task').subscribe(rows => {
    tasks = rows;
    draw();
  });
}

find('#close').addEventListener('click', () => {
  stop();
  const closed = clone('#closed');
  closed.querySelector('button').addEventListener('click', () => {
    closed.replaceWith(provider);
    open();
  });
  provider.replaceWith(closed);
});
open();
