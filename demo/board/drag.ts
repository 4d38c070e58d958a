/**
 * Carrying cards by pointer: with a mouse anywhere on a card, by touch at its grip (elsewhere a finger scrolls). Only
 * says where the card would land; whoever listens draws that and makes the move.
 */
import type {Drop} from './board-ui.js';
import {COLUMNS} from './task.js';

/** Less than this is a click. */
const THRESHOLD = 5;
const EDGE = 60;

export interface DragListener {
  over(drop: Drop | undefined): void;
  dropped(drop: Drop): void;
}

export function enableDrag(board: HTMLElement, listener: DragListener): void {
  board.addEventListener('pointerdown', event => {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>('.card[data-id]');
    const held =
      target.closest('.grip') ?? (event.pointerType === 'mouse' && !target.closest('button, select, textarea, .menu'));
    const onTitle = event.pointerType === 'mouse' && target.closest('button.title');
    if (card && event.button === 0 && event.isPrimary && (held || onTitle)) new Drag(board, card, event, listener);
  });
}

class Drag {
  readonly #board: HTMLElement;
  readonly #card: HTMLElement;
  readonly #listener: DragListener;
  readonly #start: PointerEvent;
  readonly #ending = new AbortController();
  #ghost: HTMLElement | undefined;
  #drop: Drop | undefined;

  constructor(board: HTMLElement, card: HTMLElement, start: PointerEvent, listener: DragListener) {
    this.#board = board;
    this.#card = card;
    this.#start = start;
    this.#listener = listener;
    const {signal} = this.#ending;
    window.addEventListener('pointermove', event => this.#move(event), {signal});
    window.addEventListener('pointerup', () => this.#end(true), {signal});
    window.addEventListener('pointercancel', () => this.#end(false), {signal});
    window.addEventListener('keydown', event => event.key === 'Escape' && this.#end(false), {signal});
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#start.pointerId) return;
    const x = event.clientX - this.#start.clientX;
    const y = event.clientY - this.#start.clientY;
    if (!this.#ghost && Math.hypot(x, y) < THRESHOLD) return;
    this.#ghost ??= this.#lift();
    // Through the object model, which a Content-Security-Policy without inline styles allows.
    this.#ghost.style.translate = `${x}px ${y}px`;
    if (event.clientY < EDGE) window.scrollBy(0, -12);
    else if (event.clientY > innerHeight - EDGE) window.scrollBy(0, 12);
    this.#drop = this.#target(event) ?? this.#drop;
    this.#listener.over(this.#drop);
  }

  #lift(): HTMLElement {
    const box = this.#card.getBoundingClientRect();
    const ghost = this.#card.cloneNode(true) as HTMLElement;
    ghost.classList.add('ghost');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.removeAttribute('data-id');
    ghost.inert = true;
    ghost.style.width = `${box.width}px`;
    ghost.style.transform = `translate(${box.x}px, ${box.y}px) rotate(1deg)`;
    document.body.append(ghost);
    getSelection()?.removeAllRanges();
    document.documentElement.style.userSelect = 'none';
    return ghost;
  }

  /** The column under the pointer, and the first card in it whose middle lies below. */
  #target({clientX, clientY}: PointerEvent): Drop | undefined {
    const {id = ''} = this.#card.dataset;
    for (const {status} of COLUMNS) {
      const column = this.#board.querySelector(`[data-status=${status}]`);
      const box = column?.getBoundingClientRect();
      if (!column || !box || clientX < box.left || clientX > box.right) continue;
      if (clientY < box.top || clientY > box.bottom) {
        // Side by side, above and below a column is still that column; stacked, it is another one.
        const stacked = this.#board.clientWidth < box.width * 1.5;
        if (stacked) continue;
      }
      const others = [...column.querySelectorAll<HTMLElement>('.card[data-id]')].filter(
        card => card.dataset['id'] !== id,
      );
      const index = others.findIndex(card => {
        const {top, height} = card.getBoundingClientRect();
        return clientY < top + height / 2;
      });
      return {id, status, index: index < 0 ? others.length : index};
    }
    return undefined;
  }

  #end(accepted: boolean): void {
    this.#ending.abort();
    document.documentElement.style.userSelect = '';
    if (!this.#ghost) return;
    this.#ghost.remove();
    // The click that follows a drag is not meant for the title below.
    const swallow = (event: Event) => event.stopPropagation();
    window.addEventListener('click', swallow, {capture: true, once: true});
    setTimeout(() => window.removeEventListener('click', swallow, {capture: true}));
    this.#listener.over(undefined);
    if (accepted && this.#drop) this.#listener.dropped(this.#drop);
  }
}
