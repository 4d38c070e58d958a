/**
 * Writes a description into the parts of a status: only what differs, and straight into the text nodes. A page may hold a
 * thousand statuses that all change at once, and drawing each through its template cost several times as much. What
 * shows is up to the classes of the base.
 */
import {type IconName, icons} from '../shared/icons.js';
import type {Description} from './describe.js';

type Part = 'label' | 'count' | 'note' | 'time' | 'button';
const SVG = 'http://www.w3.org/2000/svg';

export class Painter {
  readonly #base: HTMLElement;
  readonly #words: HTMLElement;
  readonly #texts: Readonly<Record<Part, Text>>;
  readonly #drawn = new Set<IconName>();
  #told: Description | undefined;
  #amount = '';

  /** `base` holds the parts, each still empty. */
  constructor(base: HTMLElement) {
    this.#base = base;
    this.#words = base.querySelector('.texts') as HTMLElement;
    const text = (place: string): Text => {
      const text = new Text();
      base.querySelector(place)?.append(text);
      return text;
    };
    this.#texts = {
      label: text('.label > slot'),
      count: text('.count'),
      note: text('.note'),
      time: text('.time'),
      button: text('.button'),
    };
  }

  /** `numbered`: there is no room for words, so that the amount shows as a number. */
  paint(told: Description | undefined, numbered: boolean): void {
    const before = this.#told;
    this.#told = told;
    if (told) {
      if (!this.#drawn.has(told.icon)) this.#draw(told.icon);
      // Words before classes: what is still hidden costs the browser next to nothing to change.
      const {label, count, note, time, button} = this.#texts;
      if (told.label !== before?.label) label.data = told.label;
      if (told.count !== before?.count) count.data = told.count;
      if (told.note !== before?.note) note.data = told.note;
      if (told.time !== before?.time) time.data = told.time;
      if (told.button !== before?.button) button.data = told.button;
    }
    if (told?.classes !== before?.classes) this.#base.className = told?.classes ?? '';
    const amount = (numbered && told?.amount) || '';
    if (amount === this.#amount) return;
    this.#amount = amount;
    // Drawn by CSS, because the words say it too.
    this.#words.dataset['amount'] = amount;
  }

  #draw(icon: IconName): void {
    this.#drawn.add(icon);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', icon);
    path.setAttribute('d', icons[icon]);
    this.#base.querySelector('svg')?.append(path);
  }
}
