/**
 * Writes a description into the parts of a status: only what differs, and straight into the text nodes. A page may hold a
 * thousand statuses that all change at once, and drawing each through its template cost several times as much. What
 * shows is up to the classes of the base.
 */
import {type IconName, icons} from '../shared/icons.js';
import type {Description} from './describe.js';

const PARTS = ['label', 'count', 'note', 'time', 'button'] as const;
const SVG = 'http://www.w3.org/2000/svg';

export class Painter {
  readonly #base: HTMLElement;
  readonly #words: HTMLElement;
  readonly #texts: readonly Text[];
  readonly #drawn = new Set<IconName>();
  #told: Description | undefined;

  /** `base` holds the parts, each still empty. */
  constructor(base: HTMLElement) {
    this.#base = base;
    this.#words = base.querySelector('.texts') as HTMLElement;
    this.#texts = PARTS.map(part => {
      const text = new Text();
      base.querySelector(part === 'label' ? '.label > slot' : `.${part}`)?.append(text);
      return text;
    });
  }

  paint(told: Description | undefined): void {
    const before = this.#told;
    this.#told = told;
    if (told?.classes !== before?.classes) this.#base.className = told?.classes ?? '';
    if (!told) return;
    if (!this.#drawn.has(told.icon)) this.#draw(told.icon);
    // A number for where there is no room for words; drawn by CSS, because the words say it too.
    if (told.amount !== before?.amount) this.#words.dataset['amount'] = told.amount;
    for (let at = 0; at < PARTS.length; at++) {
      const part = PARTS[at];
      const text = this.#texts[at];
      if (part && text && told[part] !== (before?.[part] ?? '')) text.data = told[part];
    }
  }

  #draw(icon: IconName): void {
    this.#drawn.add(icon);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', icon);
    path.setAttribute('d', icons[icon]);
    this.#base.querySelector('svg')?.append(path);
  }
}
