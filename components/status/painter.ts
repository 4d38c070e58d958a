/**
 * Writes a description into the parts of a status, without a template: a page may hold a thousand statuses that all
 * change at once. What costs a browser is text that can be seen, and style that is invalidated. So the words of each icon
 * have a place of their own and stay there like its shape, other words stay until there are new ones, and one attribute
 * of the base, its look, says which of all that shows.
 */
import {type IconName, icons} from '../shared/icons.js';
import type {Description} from './describe.js';

export const SVG = 'http://www.w3.org/2000/svg';

/** A text in the page, written only where there is something else to say. */
class Line {
  readonly #node = new Text();
  #words = '';

  constructor(place: Element | null) {
    place?.append(this.#node);
  }

  say(words: string): void {
    if (words && words !== this.#words) this.#words = this.#node.data = words;
  }
}

export class Painter {
  readonly #base: HTMLElement;
  readonly #texts: HTMLElement;
  readonly #labels = new Map<IconName, Line>();
  readonly #count: Line;
  readonly #note: Line;
  readonly #time: Line;
  readonly #button: Line;
  readonly #action: Element;
  readonly #root: DocumentOrShadowRoot;
  #acts = false;
  #look = '';
  #amount = '';

  /** `base` holds the parts, each still empty. */
  constructor(base: HTMLElement) {
    this.#base = base;
    this.#texts = base.querySelector('.texts') as HTMLElement;
    const line = (place: string) => new Line(base.querySelector(place));
    this.#count = line('.count');
    this.#note = line('.note');
    this.#time = line('.time');
    this.#button = line('.button');
    this.#action = base.querySelector('.button') as Element;
    this.#root = base.getRootNode() as ShadowRoot;
  }

  /** The words, to be followed by `dress`. Not in one: a thousand writes of one kind take half of those by turns. */
  write(told: Description): void {
    const label = this.#labels.get(told.icon) ?? this.#draw(told.icon);
    label.say(told.label);
    this.#count.say(told.count);
    this.#note.say(told.note);
    this.#time.say(told.time);
    this.#button.say(told.button);
  }

  /**
   * `numbered`: there is no room for words, so that the amount shows as a number. True where the button went that had
   * the focus.
   */
  dress(told: Description | undefined, numbered: boolean): boolean {
    const look = told?.look ?? '';
    const acts = Boolean(told?.button);
    // The browser takes the focus away from what is hidden only when it draws.
    const lost = this.#acts && !acts && this.#root.activeElement === this.#action;
    this.#acts = acts;
    if (look !== this.#look) this.#base.setAttribute('data-look', look);
    this.#look = look;
    const amount = (numbered && told?.amount) || '';
    // Drawn by CSS, because the words say it too.
    if (amount !== this.#amount) this.#texts.setAttribute('data-amount', amount);
    this.#amount = amount;
    return lost;
  }

  #draw(icon: IconName): Line {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('class', icon);
    path.setAttribute('d', icons[icon]);
    this.#base.querySelector('svg')?.append(path);
    const words = document.createElement('span');
    words.className = icon;
    this.#base.querySelector('.label > slot')?.append(words);
    const label = new Line(words);
    this.#labels.set(icon, label);
    return label;
  }
}
