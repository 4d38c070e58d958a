/**
 * Writes a description into the parts of a status: only what differs, and straight into the text nodes. A page may hold a
 * thousand statuses that all change at once, and drawing each through its template cost several times as much. What
 * shows is up to the classes of the base.
 */
import {type IconName, icons} from '../shared/icons.js';
import type {Description} from './describe.js';

const PARTS = ['label', 'count', 'note', 'time', 'action'] as const;
type Part = (typeof PARTS)[number];
const SVG = 'http://www.w3.org/2000/svg';

export class Painter {
  readonly #base: HTMLElement;
  readonly #texts = {} as Record<Part, Text>;
  readonly #shown = {} as Record<Part, string>;
  readonly #drawn = new Set<IconName>();
  readonly #words: HTMLElement;
  #amount = '';
  #classes = '';
  #told: Description | undefined;

  /** `base` holds the parts, each still empty. */
  constructor(base: HTMLElement) {
    this.#base = base;
    this.#words = base.querySelector('.texts') as HTMLElement;
    for (const part of PARTS) {
      const text = new Text();
      this.#texts[part] = text;
      this.#shown[part] = '';
      base.querySelector(part === 'label' ? '.label > slot' : `.${part}`)?.append(text);
    }
  }

  paint(told: Description | undefined): void {
    if (told === this.#told) return;
    this.#told = told;
    if (!told) {
      this.#base.className = this.#classes = '';
      return;
    }
    const {icon, tone, note, amount} = told;
    if (!this.#drawn.has(icon)) this.#draw(icon);
    let classes = `base ${tone} is-${icon}`;
    // What `quiet` hides.
    if (tone === 'good' && !note) classes += ' calm';
    // A number for where there is no room for words; drawn by CSS, because the words say it too.
    if (amount) {
      classes += ' has-amount';
      if (amount !== this.#amount) this.#words.dataset['amount'] = this.#amount = amount;
    }
    for (const part of PARTS) {
      const text = (part === 'action' ? told.action?.label : told[part]) ?? '';
      if (text) classes += ` has-${part}`;
      if (this.#shown[part] !== text) this.#texts[part].data = this.#shown[part] = text;
    }
    if (classes !== this.#classes) this.#base.className = this.#classes = classes;
  }

  #draw(icon: IconName): void {
    this.#drawn.add(icon);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', icon);
    path.setAttribute('d', icons[icon]);
    this.#base.querySelector('svg')?.append(path);
  }
}
